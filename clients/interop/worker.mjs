// The TypeScript side of the interop suite: a worker of the group `typescript`, or one call from
// outside an execution.
//
//   worker.mjs worker                 serve until killed
//   worker.mjs call TO                make all calls of TO as roots, and print what came as JSON
//
// RESONATE_URL names the server.

import { Never, Resonate } from "@resonatehq/sdk";

const large = Array.from({ length: 2000 }, (_, n) => ({ number: n, text: `the entry number ${n}` }));
const several = [1, "two", [3, 3, 3], { four: 4 }];
const values = {
  null: null,
  number: -1234567890123.5,
  integer: 9007199254740991,
  text: 'Grüße, 世界 \u{1f389} "quoted"\n',
  object: { a: { b: [1, { c: null }], ü: "" }, empty: {} },
  list: [1, "two", [3, []], null, true],
  large,
};

class Declined extends Error {
  constructor(cents) {
    super(`the card was declined for ${cents} cents`);
    this.name = "Declined";
    this.cents = cents;
  }
}

const functions = {
  zero: () => "nothing given",
  one: (_, value) => value,
  many: (_, a, b, c, d) => [d, c, b, a],
  *broken(ctx, message) {
    const fail = () => {
      throw new RangeError(message);
    };
    return yield* ctx.run(fail, ctx.options({ retryPolicy: new Never() }));
  },
  *declined(ctx, cents) {
    const fail = () => {
      throw new Declined(cents);
    };
    return yield* ctx.run(fail, ctx.options({ retryPolicy: new Never() }));
  },
  // Every function of another language, one after the other.
  *calls(ctx, to) {
    const there = ctx.options({ target: to });
    const got = { zero: yield* ctx.rpc("zero", there), many: yield* ctx.rpc("many", ...several, there) };
    for (const [name, value] of Object.entries(values)) got[name] = received(yield* ctx.rpc("one", value, there));
    for (const [name, func, arg] of errors) {
      try {
        got[name] = { instead: received(yield* ctx.rpc(func, arg, there)) };
      } catch (error) {
        got[name] = described(error);
      }
    }
    return got;
  },
};

const errors = [
  ["plain_error", "broken", "out of order"],
  ["typed_error", "declined", 1999],
];

// An error, as TypeScript sees it. It always has a stack here: that of where it was read, if none
// was sent.
function described(error) {
  return { message: error.message, name: error.name };
}

// Nothing at all, which is how Python writes null, arrives as undefined.
function received(value) {
  return value === undefined ? null : value;
}

const [command, to] = process.argv.slice(2);
const resonate = new Resonate({
  url: process.env.RESONATE_URL,
  group: command === "worker" ? "typescript" : "caller",
  logLevel: process.env.RESONATE_LOG ?? "warn",
});
for (const [name, func] of Object.entries(functions)) resonate.register(name, func);

async function callAll() {
  const there = resonate.options({ target: to });
  const call = (name, func, ...args) => resonate.rpc(`typescript-root-${to}-${name}`, func, ...args, there);
  const got = { zero: await call("zero", "zero"), many: await call("many", "many", ...several) };
  for (const [name, value] of Object.entries(values)) got[name] = received(await call(name, "one", value));
  for (const [name, func, arg] of errors) {
    try {
      got[name] = { instead: received(await call(name, func, arg)) };
    } catch (error) {
      got[name] = described(error);
    }
  }
  return got;
}

if (command === "worker") {
  console.log("ready");
} else {
  console.log(JSON.stringify(await callAll()));
  process.exit(0);
}
