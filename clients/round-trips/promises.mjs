// The programs as async functions, for the other engine: there a call begins as soon as it is made.

export { Resonate } from "@resonatehq/sdk/async";

const leaf = (_, n) => n;
const leaves = "leaves";

export const functions = {
  leaf,
  async steps(ctx, n) {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += await ctx.run(leaf, i);
    return sum;
  },
  async remotes(ctx, n) {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += await ctx.rpc("leaf", i, ctx.options({ target: leaves }));
    return sum;
  },
  async sleeps(ctx, n) {
    for (let i = 0; i < n; i++) await ctx.sleep(50);
    return n;
  },
  async fan(ctx, n) {
    const calls = [];
    for (let i = 0; i < n; i++) calls.push(ctx.run(leaf, i));
    let sum = 0;
    for (const call of calls) sum += await call;
    return sum;
  },
  async remote_fan(ctx, n) {
    const calls = [];
    for (let i = 0; i < n; i++) calls.push(ctx.rpc("leaf", i, ctx.options({ target: leaves })));
    let sum = 0;
    for (const call of calls) sum += await call;
    return sum;
  },
};
