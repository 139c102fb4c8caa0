// The programs as generators, for the default engine.

export { Resonate } from "@resonatehq/sdk";

const leaf = (_, n) => n;
const leaves = "leaves";

export const functions = {
  leaf,
  *steps(ctx, n) {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += yield* ctx.run(leaf, i);
    return sum;
  },
  *remotes(ctx, n) {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += yield* ctx.rpc("leaf", i, ctx.options({ target: leaves }));
    return sum;
  },
  *sleeps(ctx, n) {
    for (let i = 0; i < n; i++) yield* ctx.sleep(50);
    return n;
  },
  *fan(ctx, n) {
    const calls = [];
    for (let i = 0; i < n; i++) calls.push(yield* ctx.beginRun(leaf, i));
    let sum = 0;
    for (const call of calls) sum += yield* call;
    return sum;
  },
  *remote_fan(ctx, n) {
    const calls = [];
    for (let i = 0; i < n; i++) {
      calls.push(yield* ctx.beginRpc("leaf", i, ctx.options({ target: leaves })));
    }
    let sum = 0;
    for (const call of calls) sum += yield* call;
    return sum;
  },
};
