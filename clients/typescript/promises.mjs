// The workflows as async functions, for the SDK's other engine: there a call begins at once, and
// several are in flight as soon as they are made.

import { Constant, Never } from "@resonatehq/sdk/async";
import { leaf } from "./leaf.mjs";

export { Resonate } from "@resonatehq/sdk/async";

export const workflow = {
  async sequential(ctx, count) {
    let total = 0;
    for (let i = 1; i <= count; i++) total = await ctx.run(leaf.add, total, i);
    return total;
  },
  async concurrent(ctx, key, size) {
    const calls = [];
    for (let i = 0; i < size; i++) calls.push(ctx.run(leaf.meet, key, size));
    const squares = [];
    for (let i = 0; i < size; i++) squares.push(ctx.run(leaf.square, i));
    for (const call of calls) await call;
    const results = [];
    for (const square of squares) results.push(await square);
    return results;
  },
  async remote(ctx, group, a, b) {
    return await ctx.rpc("identify", a, b, ctx.options({ target: group }));
  },
  async fanout(ctx, group, count) {
    const calls = [];
    for (let i = 0; i < count; i++) {
      calls.push(ctx.rpc("square", i, ctx.options({ target: group })));
    }
    let total = 0;
    for (const call of calls) total += await call;
    return total;
  },
  async nap(ctx, ms) {
    const before = await ctx.run(leaf.now);
    await ctx.sleep(ms);
    const after = await ctx.run(leaf.now);
    return after - before;
  },
  async approval(ctx) {
    return { decision: await ctx.promise() };
  },
  async detach(ctx, group, name) {
    const call = await ctx.detached("note", name, ctx.options({ target: group }));
    return call.id;
  },
  async nested(ctx, group, name) {
    return await ctx.run(workflow.detach, group, name);
  },
  // A chain of detached calls, each from within the one before.
  async relay(ctx, group, left) {
    await ctx.run(leaf.note, `relay ${left}`);
    if (left > 0) await ctx.detached("relay", group, left - 1, ctx.options({ target: group }));
    return left;
  },
  async retry(ctx, key, times) {
    const retryPolicy = new Constant({ delay: 50, maxRetries: 10 });
    return await ctx.run(leaf.flaky, key, times, ctx.options({ retryPolicy }));
  },
  async doomed(ctx, message) {
    return await ctx.run(leaf.doom, message, ctx.options({ retryPolicy: new Never() }));
  },
  async handoff(ctx, key) {
    const first = await ctx.run(leaf.mark, `${key}-first`);
    const pid = await ctx.run(leaf.stall, key);
    const last = await ctx.run(leaf.mark, `${key}-last`);
    return { first, last, pid };
  },
};
