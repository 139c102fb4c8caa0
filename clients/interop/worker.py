"""The Python side of the interop suite: a worker, or calls from outside an execution.

    worker.py worker            serve the group ``python`` until killed
    worker.py call TO           make all calls of TO as roots, print what came

RESONATE_URL names the server. What came is printed as JSON.
"""

import asyncio
import json
import os
import sys

from resonate.resonate import Resonate
from resonate.retry import Never

SEVERAL = [1, "two", [3, 3, 3], {"four": 4}]
VALUES = {
    "null": None,
    "number": -1234567890123.5,
    "integer": 9007199254740991,
    "text": 'Grüße, 世界 \U0001f389 "quoted"\n',
    "object": {"a": {"b": [1, {"c": None}], "ü": ""}, "empty": {}},
    "list": [1, "two", [3, []], None, True],
    "large": [{"number": n, "text": f"the entry number {n}"} for n in range(2000)],
}
ERRORS = {
    "plain_error": ("broken", "out of order"),
    "typed_error": ("declined", 1999),
}


class Declined(Exception):
    def __init__(self, cents):
        super().__init__(cents)
        self.cents = cents

    def __str__(self):
        return f"the card was declined for {self.cents} cents"


async def zero(ctx) -> str:
    return "nothing given"


async def one(ctx, value):
    return value


async def many(ctx, a, b, c, d) -> list:
    return [d, c, b, a]


async def fail(ctx, message):
    raise ValueError(message)


async def decline(ctx, cents):
    raise Declined(cents)


async def broken(ctx, message):
    return await ctx.options(retry_policy=Never()).run(fail, message)


async def declined(ctx, cents):
    return await ctx.options(retry_policy=Never()).run(decline, cents)


async def all_calls(call) -> dict:
    """Every function of another language, one after the other."""
    got = {
        "zero": await call("zero", "zero"),
        "many": await call("many", "many", *SEVERAL),
    }
    for name, value in VALUES.items():
        got[name] = await call(name, "one", value)
    for name, (func, argument) in ERRORS.items():
        try:
            got[name] = {"instead": await call(name, func, argument)}
        except Exception as error:
            got[name] = {"message": str(error)}
    return got


async def calls(ctx, to: str) -> dict:
    there = ctx.options(target=to)
    return await all_calls(lambda _, func, *args: there.rpc(func, *args))


async def main():
    command, *rest = sys.argv[1:]
    worker = command == "worker"
    group = "python" if worker else "caller"
    resonate = Resonate(url=os.environ["RESONATE_URL"], group=group)
    for function in [zero, one, many, fail, decline, broken, declined, calls]:
        resonate.register(function)
    if worker:
        print("ready", flush=True)
        await asyncio.Event().wait()
    there = resonate.options(target=rest[0])

    async def call(name, func, *args):
        return await there.rpc(f"python-root-{rest[0]}-{name}", func, *args).result()

    print(json.dumps(await all_calls(call)), flush=True)
    # Leave as a crash would: the suite does not depend on an orderly goodbye.
    os._exit(0)


asyncio.run(main())
