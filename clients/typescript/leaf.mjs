// The functions that do something in the world: what they did is a line in a file of the scratch
// directory, where the suite counts it.

import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

const scratch = process.env.SCRATCH;

function trace(file, line) {
  appendFileSync(join(scratch, file), `${line}\n`);
}

function lines(file) {
  const path = join(scratch, file);
  return existsSync(path) ? readFileSync(path, "utf8").trimEnd().split("\n").length : 0;
}

export const leaf = {
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
