// A TypeScript program that runs a durable function written in Rust, executed by
// `cargo run --example polyglot worker`.

import { Resonate } from "@resonatehq/sdk";

const url = process.env.ABIDE_URL ?? "http://localhost:8001";
const resonate = new Resonate({ url });
const target = resonate.options({ target: "poll://any@rust" });
console.log(await resonate.rpc(`welcome/${process.argv[2] ?? "grace"}`, "welcome", "Grace", target));
process.exit(0);
