"""What the service costs: memory of `venterom demo` at rest, and the landing page against a bare
aiohttp handler in the same run. Prints one line of JSON last (`rss_mb`, `ratio_bare`)."""

import asyncio
import json
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import aiohttp
from aiohttp import web

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.house import House, house  # noqa: E402, the line above makes it importable

SECONDS = 4.0  # of each measurement
ROUNDS = 3
CLIENTS = 8


async def rate(url: str) -> float:
    """Requests a second, with a few clients at once."""
    done = 0
    until = time.perf_counter() + SECONDS

    async def ask(http: aiohttp.ClientSession) -> None:
        nonlocal done
        while time.perf_counter() < until:
            async with http.get(url) as answer:
                await answer.read()
                assert answer.status == 200
            done += 1

    async with aiohttp.ClientSession() as http:
        await asyncio.gather(*(ask(http) for _ in range(CLIENTS)))
    return done / SECONDS


def memory(house: House) -> float:
    """Resident MB of the service and its media worker."""
    assert house.process is not None
    own = house.process.pid
    children = Path(f"/proc/{own}/task/{own}/children").read_text().split()
    return sum(_rss(pid) for pid in (str(own), *children))


def _rss(pid: str) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS"))


async def bare() -> web.AppRunner:
    """The floor: aiohttp with one handler that says something."""
    app = web.Application()

    async def hello(_request: web.Request) -> web.Response:
        return web.Response(text="hei")

    app.router.add_get("/", hello)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    return runner


async def main() -> None:
    """Measure, in turn, and print."""
    with tempfile.TemporaryDirectory() as folder, house(Path(folder)) as built:
        resting = memory(built)
        print(f"memory at rest, service and one media worker: {resting:.0f} MB")
        runner = await bare()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        port = runner.addresses[0][1]
        ratios = []
        for _ in range(ROUNDS):
            ours, floor = await rate(f"{built.url}/"), await rate(f"http://127.0.0.1:{port}/")
            ratios.append(ours / floor)
            print(f"landing page {ours:.0f}/s, bare handler {floor:.0f}/s")
        await runner.cleanup()
    print(json.dumps({"rss_mb": round(resting, 1), "ratio_bare": round(median(ratios), 3)}))


asyncio.run(main())
