"""How long it takes until two who were cut off see and hear each other again: after a page was
reloaded, after the patient's network was away, after the media process was killed, after the whole
service was killed and started anew. A real house, two pages of a real browser; each way many times.
Prints a line for each way, and one line of JSON last: for each way the seconds at the median, at
95 of 100 and at worst, and the load.

    bench/comeback.py --times 20 --ways reload network media service
"""

import argparse
import asyncio
import json
import os
import signal
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from statistics import median, quantiles

from playwright.async_api import Browser, expect

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.e2e.browsers import launched  # noqa: E402, the line above makes them importable
from tests.e2e.network import Network, network  # noqa: E402
from tests.e2e.steps import Meeting, meeting  # noqa: E402
from tests.house import House, house  # noqa: E402

AWAY = 2.0  # seconds that the network carries nothing
ASKED = {"reload": 5.0, "network": 10.0, "media": 15.0, "service": 15.0}  # seconds at 95 of 100
BETWEEN = 3.0  # seconds of the call between two breaks
# A line that is away every few seconds is too poor for a picture, and the page takes it off: so it
# has to have been calm for a while (web/static/js/narrow.js).
CALM = 20.0  # seconds
POLL = 0.05  # seconds
PATIENCE = 60.0  # seconds

Break = Callable[[House, Meeting, Network], Awaitable[float]]


async def reload(home: House, met: Meeting, net: Network) -> float:
    """The patient reloads the page."""
    began = time.monotonic()
    await met.patient.reload()
    return began


async def away(home: House, met: Meeting, net: Network) -> float:
    """The patient's network is away for a moment; counted from when it is there again."""
    net.goes_away()
    await asyncio.sleep(AWAY)
    began = time.monotonic()
    net.comes_back()
    await met.patient.evaluate("dispatchEvent(new Event('online'))")  # as browsers say it
    return began


async def kill_media(home: House, met: Meeting, net: Network) -> float:
    """The media process dies."""
    before, began = await _connections(met), time.monotonic()
    for worker in home.media_workers():
        os.kill(worker, signal.SIGKILL)
    await _made_anew(met, before)
    return began


async def kill_service(home: House, met: Meeting, net: Network) -> float:
    """Everything dies, and is started again."""
    before, began = await _connections(met), time.monotonic()
    home.kill()
    home.start()
    await _made_anew(met, before)
    return began


async def _connections(met: Meeting) -> list[int]:
    """How many connections each page has made."""
    return [await page.evaluate("call.connection") for page in (met.patient, met.doctor)]


async def _made_anew(met: Meeting, before: list[int]) -> None:
    """Both have made another one: what a page still shows for a moment does not count."""
    async with asyncio.timeout(PATIENCE):
        while any(now == then for now, then in zip(await _connections(met), before, strict=True)):
            await asyncio.sleep(POLL)


WAYS: dict[str, Break] = {
    "reload": reload,
    "network": away,
    "media": kill_media,
    "service": kill_service,
}


async def measure(home: House, browser: Browser, way: str, times: int) -> list[float]:
    """Seconds until both see and hear each other again, each time."""
    found = []
    async with network() as net, meeting(browser, home, net if way == "network" else None) as met:
        for _ in range(times):
            await asyncio.sleep(CALM if way == "network" else BETWEEN)
            began = await WAYS[way](home, met, net)
            await met.both_see_and_hear()
            found.append(time.monotonic() - began)
    return found


def summary(way: str, seconds: list[float]) -> dict[str, float]:
    """What is said of one way."""
    p95 = quantiles(seconds, n=20, method="inclusive")[-1]
    found = {"median": median(seconds), "p95": p95, "worst": max(seconds)}
    shown = ", ".join(f"{name} {value:.1f} s" for name, value in found.items())
    print(f"{way:8} {len(seconds)} times: {shown} (asked: p95 {ASKED[way]:.0f} s)", flush=True)
    return {name: round(value, 2) for name, value in found.items()}


async def run(ways: list[str], times: int) -> dict[str, object]:
    """All of it."""
    expect.set_options(timeout=1000 * PATIENCE)
    said: dict[str, object] = {}
    async with launched() as browser:
        for way in ways:
            with tempfile.TemporaryDirectory() as folder, house(Path(folder)) as home:
                said[way] = summary(way, await measure(home, browser, way, times))
    return said


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition(":")[0])
    parser.add_argument("--times", type=int, default=20, help="how often each way is tried (20)")
    parser.add_argument("--ways", nargs="+", choices=WAYS, default=[*WAYS], help="which (all)")
    given = parser.parse_args()
    load = os.getloadavg()[0]
    said = asyncio.run(run(given.ways, max(2, given.times)))
    print(json.dumps({**said, "times": given.times, "load": round(load, 2)}))


if __name__ == "__main__":
    main()
