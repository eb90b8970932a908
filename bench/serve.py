"""What the service costs: memory of `venterom demo` at rest, and the landing page against a bare
aiohttp handler in the same run, each in a process of its own. Prints one line of JSON last
(`rss_mb`, `ratio_bare`)."""

import asyncio
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.manual import takes_nothing  # noqa: E402, the line above makes it importable
from tests.house import House, house  # noqa: E402

SECONDS = 4.0  # of each measurement
ROUNDS = 5
CLIENTS = 8
REQUEST = "GET / HTTP/1.1\r\nHost: 127.0.0.1:{}\r\n\r\n"
LENGTH = b"content-length:"
BARE = """
import asyncio
from aiohttp import web

async def hello(request):
    return web.Response(text="hei")

async def main():
    app = web.Application()
    app.router.add_get("/", hello)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


async def rate(port: int) -> float:
    """Requests a second, with a few clients at once that do as little as can be done."""
    until = time.perf_counter() + SECONDS
    return sum(await asyncio.gather(*(_ask(port, until) for _ in range(CLIENTS)))) / SECONDS


async def _ask(port: int, until: float) -> int:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    request = REQUEST.format(port).encode()
    done = 0
    while time.perf_counter() < until:
        writer.write(request)
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        assert head.startswith(b"http/1.1 200 "), head
        at = head.index(LENGTH) + len(LENGTH)
        await reader.readexactly(int(head[at : head.index(b"\r", at)]))
        done += 1
    writer.close()
    return done


def memory(house: House) -> float:
    """Resident MB of the service and its media worker."""
    assert house.process is not None
    own = house.process.pid
    children = Path(f"/proc/{own}/task/{own}/children").read_text().split()
    return sum(_rss(pid) for pid in (str(own), *children))


def _rss(pid: str) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS"))


@contextmanager
def bare() -> Generator[int]:
    """The floor: aiohttp with one handler that says three letters. Yields its port."""
    with subprocess.Popen([sys.executable, "-c", BARE], stdout=subprocess.PIPE, text=True) as run:
        assert run.stdout is not None
        yield int(run.stdout.readline())
        run.terminate()


async def main() -> None:
    """Measure, in turn, and print."""
    with tempfile.TemporaryDirectory() as folder, house(Path(folder)) as built, bare() as floor:
        resting = memory(built)
        print(f"memory at rest, service and one media worker: {resting:.0f} MB")
        ratios = []
        for _ in range(ROUNDS):
            ours, least = await rate(built.port), await rate(floor)
            ratios.append(ours / least)
            print(f"landing page {ours:.0f}/s, bare handler {least:.0f}/s")
    print(json.dumps({"rss_mb": round(resting, 1), "ratio_bare": round(median(ratios), 3)}))


takes_nothing(__doc__)
asyncio.run(main())
