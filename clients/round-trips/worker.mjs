// The same programs as `src/programs.rs`, for the published TypeScript SDK.

import { Resonate } from "@resonatehq/sdk";

const leaf = (_, n) => n;
const leaves = "leaves";

const functions = {
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

const resonate = new Resonate({
  url: process.env.RESONATE_URL,
  group: "typescript",
  logLevel: process.env.RESONATE_LOG ?? "warn",
});
for (const [name, func] of Object.entries(functions)) resonate.register(name, func);
console.log("ready");
