"""What two-way calls that are encrypted from end to end cost the media worker, between real
connections of a browser. All of them are in one page, since the machine has to encode and decode
every picture as well: twelve with small pictures, or few with large ones. A browser that cannot
keep up sends smaller and fewer pictures than it is asked for; what was really sent is said. It
begins with little and needs half a minute to find out that a line carries large pictures. What it
invents is easily encoded: a film that was taken by a camera has twice the packets.

    bench/encrypted.py
    bench/encrypted.py --calls 1 --size 1280x720 --rate 30 --settle 30
    bench/encrypted.py --calls 1 --size 1280x720 --rate 30 --settle 30 --film film.y4m

Prints one line of JSON last, of all calls together where nothing else is said:

    cpu_percent       of a core, in the worker
    cpu_percent_720p  the same cost a packet, at 426 packets a second a call
    us_per_packet     CPU time of the worker for each packet that it sent, in microseconds
    sent_s, packets_s packets a second to the worker, and from it
    lost_percent      of the packets that were to come from it
    round_trip_ms     from browser to browser and back
    fps, kbit_s       frames decoded a second and sent kilobits a second of one seat
    width, height     of the pictures that were sent at the end, on average
    encode_ms, decode_ms
                      what a frame takes the browser
    cpu_limited_percent, bandwidth_limited_percent
                      of the time in which a seat sent smaller or fewer pictures for want of that
    refused           frames that could not be opened
    load              of the machine, over the last minute
"""

import argparse
import asyncio
import json
import os
import sys
import tempfile
from contextlib import closing
from pathlib import Path

from playwright.async_api import Page

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.media_engines import OURS, Engine, Unix, said, shipped, started  # noqa: E402
from tests.e2e.browsers import DEVICES, launched  # noqa: E402
from tests.e2e.modules import modules  # noqa: E402

HOST = "127.0.0.1"
FULL_CALL = 426  # packets a second of a call with 720p and sound both ways
SCRIPT = (Path(__file__).resolve().parent / "encrypted.js").read_text(encoding="utf-8")
STANDS = ("width", "height")  # what is not counted up


async def measure(page: Page, engine: Engine, settle: float, seconds: float) -> dict[str, float]:
    """What happened in so many seconds of all calls, once the browser has found its pace."""
    await asyncio.sleep(settle)
    before, used = await page.evaluate("counted()"), engine.used()[0]
    await asyncio.sleep(seconds)
    after, spent = await page.evaluate("counted()"), engine.used()[0] - used
    grown = {name: after[name] - before[name] for name in before if name not in STANDS}
    return grown | {"spent": spent} | {name: after[name] for name in STANDS}


async def call(given: argparse.Namespace) -> dict[str, float]:
    """Have the calls, and measure them."""
    width, height = given.size
    asked = {"calls": given.calls, "width": width, "height": height, "rate": given.rate}
    camera, *more = DEVICES
    devices = [f"{camera}=fps={given.rate}", *more]
    if given.film:
        devices.append(f"--use-file-for-fake-video-capture={given.film.resolve()}")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "media.sock"
        command = [sys.executable, "-c", OURS, "--addresses", HOST, "--socket", str(path)]
        with started(command, shipped()) as process:
            said(process)
            with closing(Unix(path)) as care:
                async with launched(devices) as browser, modules(browser) as page:
                    await page.expose_function("ask", care.ask)
                    await page.evaluate(f"async (given) => {{ {SCRIPT} }}", asked)
                    engine = Engine(process, [])
                    return await measure(page, engine, given.settle, given.seconds)


def summary(found: dict[str, float], calls: int) -> dict[str, float]:
    """The last line."""
    took, seats = found["at"] / 1000, 2 * calls
    cost = found["spent"] / max(1.0, found["received"])
    return {
        "cpu_percent": 100 * found["spent"] / took,
        "us_per_packet": 1e6 * cost,
        "sent_s": found["sent"] / took,
        "packets_s": found["received"] / took,
        "lost_percent": 100 * found["lost"] / max(1.0, found["lost"] + found["received"]),
        "round_trip_ms": 1000 * found["waited"] / max(1.0, found["ways"]),
        "fps": found["decoded"] / took / seats,
        "kbit_s": found["bytes"] * 8 / 1000 / took / seats,
        "width": found["width"] / seats,
        "height": found["height"] / seats,
        "encode_ms": 1000 * found["encoding"] / max(1.0, found["encoded"]),
        "decode_ms": 1000 * found["decoding"] / max(1.0, found["decoded"]),
        "cpu_limited_percent": 100 * found["cpu"] / took / seats,
        "bandwidth_limited_percent": 100 * found["bandwidth"] / took / seats,
        "refused": found["refused"],
        "cpu_percent_720p": 100 * cost * FULL_CALL * calls,
        "load": os.getloadavg()[0],
    }


def size(text: str) -> tuple[int, int]:
    """Width and height in pixels, of «1280x720». Raises ValueError."""
    width, height = map(int, text.split("x"))
    return width, height


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    for name, usual, kind, about in (
        ("calls", 12, int, "two-way calls at once (12)"),
        ("size", (320, 180), size, "width and height of the pictures, 1280x720 (320x180)"),
        ("rate", 15, int, "pictures a second, 5 to 60 (15)"),
        ("seconds", 20.0, float, "seconds that are measured (20)"),
        ("settle", 5.0, float, "seconds before, for the browser to find its pace (5)"),
    ):
        metavar = "WxH" if kind is size else "N"
        parser.add_argument(f"--{name}", type=kind, default=usual, metavar=metavar, help=about)
    parser.add_argument(
        "--film", type=Path, metavar="FILE", help="what cameras see, as .y4m or .mjpeg (invented)"
    )
    given = parser.parse_args()
    if given.calls < 1:
        parser.error("it takes one call or more")
    if given.film and not given.film.is_file():
        parser.error(f"there is no film {given.film}")
    found = summary(asyncio.run(call(given)), given.calls)
    print(
        f"{given.calls} calls, {found['width']:.0f} by {found['height']:.0f} pixels, "
        f"{found['fps']:.1f} frames and {found['kbit_s']:.0f} kbit a second from each seat: "
        f"{found['packets_s']:.0f} packets a second in all, {found['cpu_percent']:.0f} % of a core "
        "in the worker"
    )
    print(json.dumps({name: round(figure, 2) for name, figure in found.items()}))


if __name__ == "__main__":
    main()
