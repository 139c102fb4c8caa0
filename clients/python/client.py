"""The Python side of the client suite: one program that is a worker or a caller.

Every scenario thereby runs the published SDK in real processes.

    client.py worker GROUP                         serve GROUP until killed
    client.py run GROUP ID FUNC [ARG...]           run FUNC in this process
    client.py rpc GROUP ID FUNC [ARG...]           have GROUP run FUNC
    client.py get ID                               wait for an existing promise
    client.py schedule GROUP ID CRON FUNC [ARG...]
    client.py unschedule GROUP ID

Arguments are JSON. The result is printed as JSON, a rejection as
``error: MESSAGE`` with exit status 1. RESONATE_URL names the server, SCRATCH
a directory in which the functions leave their traces, LEASE_MS the lease.
"""

import asyncio
import json
import logging
import os
import sys
import time
from datetime import timedelta
from pathlib import Path

from resonate.resonate import Resonate
from resonate.retry import Constant, Never

scratch = Path(os.environ["SCRATCH"])


def trace(file, line):
    with open(scratch / file, "a") as out:
        out.write(f"{line}\n")


def lines(file):
    path = scratch / file
    return len(path.read_text().splitlines()) if path.exists() else 0


async def add(ctx, a: int, b: int) -> int:
    return a + b


async def square(ctx, n: int) -> int:
    return n * n


async def now(ctx) -> int:
    return time.time_ns() // 1_000_000


async def mark(ctx, name: str) -> str:
    trace(f"mark-{name}", os.getpid())
    return name


async def meet(ctx, key: str, size: int) -> bool:
    """Return only when ``size`` calls are inside at once."""
    trace(f"meet-{key}", os.getpid())
    while lines(f"meet-{key}") < size:
        await asyncio.sleep(0.01)
    return True


async def identify(ctx, a: int, b: int) -> dict:
    return {"pid": os.getpid(), "sum": a + b}


async def note(ctx, name: str) -> str:
    trace("notes", name)
    return f"noted {name}"


async def tick(ctx, label: str) -> str:
    trace("ticks", label)
    return f"tick {label}"


async def flaky(ctx, key: str, times: int) -> int:
    """Fail until called ``times`` times."""
    trace(f"flaky-{key}", os.getpid())
    if lines(f"flaky-{key}") < times:
        raise RuntimeError("not yet")
    return lines(f"flaky-{key}")


async def doom(ctx, message: str) -> None:
    trace("doomed", message)
    raise ValueError(message)


async def stall(ctx, key: str) -> int:
    """Hold on until somebody creates the file ``go-KEY``."""
    trace(f"stall-{key}", os.getpid())
    while not (scratch / f"go-{key}").exists():
        await asyncio.sleep(0.02)
    return os.getpid()


async def sequential(ctx, count: int) -> int:
    total = 0
    for i in range(1, count + 1):
        total = await ctx.run(add, total, i)
    return total


async def concurrent(ctx, key: str, size: int) -> list:
    calls = [ctx.run(meet, key, size) for _ in range(size)]
    squares = [ctx.run(square, i) for i in range(size)]
    for call in calls:
        await call
    return [await square for square in squares]


async def remote(ctx, group: str, a: int, b: int) -> dict:
    return await ctx.options(target=group).rpc("identify", a, b)


async def fanout(ctx, group: str, count: int) -> int:
    there = ctx.options(target=group)
    calls = [there.rpc("square", i) for i in range(count)]
    total = 0
    for call in calls:
        total += await call
    return total


async def nap(ctx, ms: int) -> int:
    before = await ctx.run(now)
    await ctx.sleep(timedelta(milliseconds=ms))
    after = await ctx.run(now)
    return after - before


async def approval(ctx) -> dict:
    return {"decision": await ctx.promise()}


async def detach(ctx, group: str, name: str) -> str:
    return await ctx.options(target=group).detached("note", name)


async def nested(ctx, group: str, name: str) -> str:
    return await ctx.run(detach, group, name)


async def relay(ctx, group: str, left: int) -> int:
    """Run a chain of detached calls, each from within the one before."""
    await ctx.run(note, f"relay {left}")
    if left > 0:
        await ctx.options(target=group).detached("relay", group, left - 1)
    return left


async def retry(ctx, key: str, times: int) -> int:
    policy = Constant(max_retries=10, delay=0)
    return await ctx.options(retry_policy=policy).run(flaky, key, times)


async def doomed(ctx, message: str) -> None:
    await ctx.options(retry_policy=Never()).run(doom, message)


async def handoff(ctx, key: str) -> dict:
    first = await ctx.run(mark, f"{key}-first")
    pid = await ctx.run(stall, key)
    last = await ctx.run(mark, f"{key}-last")
    return {"first": first, "last": last, "pid": pid}


FUNCTIONS = [
    add, square, now, mark, meet, identify, note, tick, flaky, doom, stall,
    sequential, concurrent, remote, fanout, nap, approval, detach, nested,
    relay, retry, doomed, handoff,
]  # fmt: skip


async def answer(resonate, command, rest):
    if command in ("run", "rpc"):
        group, id, func, *args = rest
        there = resonate.options(target=group)
        start = there.run if command == "run" else there.rpc
        return await start(id, func, *map(json.loads, args)).result()
    if command == "get":
        return await (await resonate.get(rest[0])).result()
    if command == "schedule":
        group, id, cron, func, *args = rest
        args = tuple(map(json.loads, args))
        await resonate.options(target=group).schedule(id, cron, func, args)
        return True
    if command == "unschedule":
        await resonate.schedules.delete(rest[1])
        return True
    raise SystemExit(f"unknown command {command}")


async def main():
    logging.basicConfig(level=os.environ.get("RESONATE_LOG", "WARNING").upper())
    command, *rest = sys.argv[1:]
    resonate = Resonate(
        url=os.environ["RESONATE_URL"],
        group=rest[0] if command in ("worker", "run") else "caller",
        ttl=timedelta(milliseconds=int(os.environ.get("LEASE_MS", "60000"))),
    )
    for function in FUNCTIONS:
        resonate.register(function)
    if command == "worker":
        print("ready", flush=True)
        await asyncio.Event().wait()
    # 0.7.4 refuses a request made before its network's first turn of the event loop.
    await asyncio.sleep(0.1)
    try:
        print(json.dumps(await answer(resonate, command, rest)), flush=True)
        code = 0
    except Exception as error:
        print(f"error: {error}", flush=True)
        code = 1
    # Leave as a crash would: the suite does not depend on an orderly goodbye.
    os._exit(code)


asyncio.run(main())
