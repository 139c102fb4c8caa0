// The TypeScript side of `polyglot.rs`: a durable function that calls one in Rust.

import { Resonate } from "@resonatehq/sdk";

const url = process.env.ABIDE_URL ?? "http://localhost:8001";
const resonate = new Resonate({ url, group: "typescript" });

resonate.register("greet", function* (ctx, name) {
  const loud = yield* ctx.rpc("shout", `hello ${name}`, ctx.options({ target: "poll://any@rust" }));
  return `${loud}, from TypeScript (via Rust)`;
});

console.log("greeting");
