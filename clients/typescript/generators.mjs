// The workflows as generators, for the SDK's default engine.

import { Constant, Never } from "@resonatehq/sdk";
import { leaf } from "./leaf.mjs";

export { Resonate } from "@resonatehq/sdk";

export const workflow = {
  *sequential(ctx, count) {
    let total = 0;
    for (let i = 1; i <= count; i++) total = yield* ctx.run(leaf.add, total, i);
    return total;
  },
  *concurrent(ctx, key, size) {
    const calls = [];
    for (let i = 0; i < size; i++) calls.push(yield* ctx.beginRun(leaf.meet, key, size));
    const squares = [];
    for (let i = 0; i < size; i++) squares.push(yield* ctx.beginRun(leaf.square, i));
    for (const call of calls) yield* call;
    const results = [];
    for (const square of squares) results.push(yield* square);
    return results;
  },
  *remote(ctx, group, a, b) {
    return yield* ctx.rpc("identify", a, b, ctx.options({ target: group }));
  },
  *fanout(ctx, group, count) {
    const calls = [];
    for (let i = 0; i < count; i++) {
      calls.push(yield* ctx.beginRpc("square", i, ctx.options({ target: group })));
    }
    let total = 0;
    for (const call of calls) total += yield* call;
    return total;
  },
  *nap(ctx, ms) {
    const before = yield* ctx.run(leaf.now);
    yield* ctx.sleep(ms);
    const after = yield* ctx.run(leaf.now);
    return after - before;
  },
  *approval(ctx) {
    const decision = yield* ctx.promise();
    return { decision: yield* decision };
  },
  *detach(ctx, group, name) {
    const call = yield* ctx.detached("note", name, ctx.options({ target: group }));
    return call.id;
  },
  *nested(ctx, group, name) {
    return yield* ctx.run(workflow.detach, group, name);
  },
  // A chain of detached calls, each from within the one before.
  *relay(ctx, group, left) {
    yield* ctx.run(leaf.note, `relay ${left}`);
    if (left > 0) yield* ctx.detached("relay", group, left - 1, ctx.options({ target: group }));
    return left;
  },
  *retry(ctx, key, times) {
    const retryPolicy = new Constant({ delay: 50, maxRetries: 10 });
    return yield* ctx.run(leaf.flaky, key, times, ctx.options({ retryPolicy }));
  },
  *doomed(ctx, message) {
    return yield* ctx.run(leaf.doom, message, ctx.options({ retryPolicy: new Never() }));
  },
  *handoff(ctx, key) {
    const first = yield* ctx.run(leaf.mark, `${key}-first`);
    const pid = yield* ctx.run(leaf.stall, key);
    const last = yield* ctx.run(leaf.mark, `${key}-last`);
    return { first, last, pid };
  },
};
