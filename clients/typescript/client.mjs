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
// a directory in which the functions leave their traces, LEASE_MS the lease,
// ENGINE the engine: `generators` (the default) or `promises`.

import { leaf } from "./leaf.mjs";

const engine = process.env.ENGINE ?? "generators";
const { Resonate, workflow } = await import(`./${engine}.mjs`);
const [command, ...rest] = process.argv.slice(2);
const resonate = new Resonate({
  url: process.env.RESONATE_URL,
  group: command === "worker" || command === "run" ? rest[0] : "caller",
  ttl: Number(process.env.LEASE_MS ?? 60000),
  logLevel: process.env.RESONATE_LOG ?? "warn",
});
for (const [name, func] of Object.entries({ ...leaf, ...workflow })) resonate.register(name, func);

// `start` returns a handle: `beginRun` and `beginRpc` of the one engine, `run` and `rpc` of the other.
async function call(start, group, id, func, ...args) {
  const values = args.map((arg) => JSON.parse(arg));
  const handle = await start.call(resonate, id, func, ...values, resonate.options({ target: group }));
  return await handle.result();
}

async function main() {
  switch (command) {
    case "run":
      return await call(resonate.beginRun ?? resonate.run, ...rest);
    case "rpc":
      return await call(resonate.beginRpc ?? resonate.rpc, ...rest);
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
