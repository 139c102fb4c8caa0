// The same programs as `src/programs.rs`, for one of the engines of the published TypeScript SDK:
//
//   worker.mjs generators|promises    serve the group of that name until killed

const [engine] = process.argv.slice(2);
const { Resonate, functions } = await import(`./${engine}.mjs`);

const resonate = new Resonate({
  url: process.env.RESONATE_URL,
  group: engine,
  logLevel: process.env.RESONATE_LOG ?? "warn",
});
for (const [name, func] of Object.entries(functions)) resonate.register(name, func);
console.log("ready");
