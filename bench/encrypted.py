"""What twelve two-way calls cost the media worker that are encrypted from end to end, between real
connections of a browser. All of them are in one page, since the machine has to encode and decode
every picture as well: so pictures are small and few, and what was really sent is said. Prints one
line of JSON last (`cpu_percent` of a core, `us_per_packet`, packets a second to the worker
(`sent_s`) and from it (`packets_s`), `lost_percent`, `round_trip_ms` from browser to browser and
back, `fps`, `kbit_s` of one seat, `width`, `refused` frames, `cpu_percent_720p`: the same cost at
426 packets a second a call).

    bench/encrypted.py --calls 12 --width 320 --height 180 --fps 15 --seconds 20
"""

import argparse
import asyncio
import json
import os
import sys
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Any

from playwright.async_api import Page

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.media_engines import OURS, Engine, Unix, said, shipped, started  # noqa: E402
from tests.e2e.browsers import launched  # noqa: E402
from tests.e2e.modules import modules  # noqa: E402

HOST = "127.0.0.1"
SETTLE = 5.0  # seconds until the browser has found its pace
FULL_CALL = 426  # packets a second of a call with 720p and sound both ways
SCRIPT = (Path(__file__).resolve().parent / "encrypted.js").read_text(encoding="utf-8")


async def measure(page: Page, engine: Engine, seconds: float) -> dict[str, float]:
    """What happened in so many seconds of all calls."""
    await asyncio.sleep(SETTLE)
    before, used = await page.evaluate("counted()"), engine.used()[0]
    await asyncio.sleep(seconds)
    after, spent = await page.evaluate("counted()"), engine.used()[0] - used
    return {name: after[name] - before[name] for name in before} | {
        "spent": spent,
        "width": after["width"],
    }


async def call(given: dict[str, Any], seconds: float) -> dict[str, float]:
    """Have the calls, and measure them."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "media.sock"
        command = [sys.executable, "-c", OURS, "--addresses", HOST, "--socket", str(path)]
        with started(command, shipped()) as process:
            said(process)
            with closing(Unix(path)) as care:
                async with launched() as browser, modules(browser) as page:
                    await page.expose_function("ask", care.ask)
                    await page.evaluate(f"async (given) => {{ {SCRIPT} }}", given)
                    return await measure(page, Engine(process, []), seconds)


def summary(found: dict[str, float], calls: int) -> dict[str, float]:
    """The last line."""
    took, cost = found["at"] / 1000, found["spent"] / max(1.0, found["received"])
    return {
        "cpu_percent": 100 * found["spent"] / took,
        "us_per_packet": 1e6 * cost,
        "sent_s": found["sent"] / took,
        "packets_s": found["received"] / took,
        "lost_percent": 100 * found["lost"] / max(1.0, found["lost"] + found["received"]),
        "round_trip_ms": 1000 * found["waited"] / max(1.0, found["ways"]),
        "fps": found["decoded"] / took / calls / 2,
        "kbit_s": found["bytes"] * 8 / 1000 / took / calls / 2,
        "width": found["width"],
        "refused": found["refused"],
        "cpu_percent_720p": 100 * cost * FULL_CALL * calls,
        "load": os.getloadavg()[0],
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    for name, usual in (("calls", 12), ("width", 320), ("height", 180), ("fps", 15)):
        parser.add_argument(f"--{name}", type=int, default=usual)
    parser.add_argument("--seconds", type=float, default=20.0)
    given = vars(parser.parse_args())
    found = summary(asyncio.run(call(given, given.pop("seconds"))), given["calls"])
    print(
        f"{given['calls']} calls, {found['width']:.0f} pixels wide, {found['fps']:.1f} frames "
        f"and {found['kbit_s']:.0f} kbit a second from each seat: {found['packets_s']:.0f} packets "
        f"a second in all, {found['cpu_percent']:.0f} % of a core in the worker"
    )
    print(json.dumps({name: round(figure, 2) for name, figure in found.items()}))


if __name__ == "__main__":
    main()
