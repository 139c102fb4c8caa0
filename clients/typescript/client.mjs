// The TypeScript side of the client suite: one program that is a worker or a
// caller, so that every scenario runs the published SDK in real processes.
//
//   client.mjs worker GROUP                         serve GROUP until killed
//   client.mjs run GROUP ID FUNC [ARG...]           run FUNC in this process
//   client.mjs rpc GROUP ID FUNC [ARG...]           have GROUP run FUNC
//   client.mjs get ID                               wait for an existing promise
//   client.mjs schedule GROUP ID CRON FUNC [ARG...]
//   client.mjs unschedule GROUP ID
//
// Arguments are JSON. The result is printed as JSON, a rejection as
// `error: MESSAGE` with exit status 1. RESONATE_URL names the server, SCRATCH
// a directory in which the functions leave their traces, LEASE_MS the lease.

import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { Constant, Never, Resonate } from "@resonatehq/sdk";

const scratch = process.env.SCRATCH;

function trace(file, line) {
  appendFileSync(join(scratch, file), `${line}\n`);
}

function lines(file) {
  const path = join(scratch, file);
  return existsSync(path) ? readFileSync(path, "utf8").trimEnd().split("\n").length : 0;
}

const leaf = {
  add: (_, a, b) => a + b,
  square: (_, n) => n * n,
  now: () => Date.now(),
  mark: (_, name) => {
    trace(`mark-${name}`, process.pid);
    return name;
  },
  // Returns only when `size` calls are inside it at once.
  meet: async (_, key, size) => {
    trace(`meet-${key}`, process.pid);
    while (lines(`meet-${key}`) < size) await pause(10);
    return true;
  },
  identify: (_, a, b) => ({ pid: process.pid, sum: a + b }),
  note: (_, name) => {
    trace("notes", name);
    return `noted ${name}`;
  },
  tick: (_, label) => {
    trace("ticks", label);
    return `tick ${label}`;
  },
  // Fails until it has been called `times` times.
  flaky: (_, key, times) => {
    trace(`flaky-${key}`, process.pid);
    if (lines(`flaky-${key}`) < times) throw new Error("not yet");
    return lines(`flaky-${key}`);
  },
  doom: (_, message) => {
    trace("doomed", message);
    throw new Error(message);
  },
  // Holds on until somebody creates the file `go-KEY`.
  stall: async (_, key) => {
    trace(`stall-${key}`, process.pid);
    while (!existsSync(join(scratch, `go-${key}`))) await pause(20);
    return process.pid;
  },
};

const workflow = {
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

const [command, ...rest] = process.argv.slice(2);
const resonate = new Resonate({
  url: process.env.RESONATE_URL,
  group: command === "worker" || command === "run" ? rest[0] : "caller",
  ttl: Number(process.env.LEASE_MS ?? 60000),
  logLevel: process.env.RESONATE_LOG ?? "warn",
});
for (const [name, func] of Object.entries({ ...leaf, ...workflow })) resonate.register(name, func);

async function call(how, group, id, func, ...args) {
  return await how.call(resonate, id, func, ...args.map((arg) => JSON.parse(arg)), resonate.options({ target: group }));
}

async function main() {
  switch (command) {
    case "run":
      return await call(resonate.run, ...rest);
    case "rpc":
      return await call(resonate.rpc, ...rest);
    case "get":
      return await (await resonate.get(rest[0])).result();
    case "schedule": {
      const [group, id, cron, func, ...args] = rest;
      await resonate.schedule(id, cron, func, ...args.map((arg) => JSON.parse(arg)), resonate.options({ target: group }));
      return true;
    }
    case "unschedule":
      await resonate.schedules.delete(rest[1]);
      return true;
    default:
      throw new Error(`unknown command ${command}`);
  }
}

if (command === "worker") {
  console.log("ready");
} else {
  try {
    console.log(JSON.stringify((await main()) ?? null));
    process.exit(0);
  } catch (error) {
    console.log(`error: ${error?.message ?? error}`);
    process.exit(1);
  }
}
