"""What it costs a media worker to set a peer up (its CPU, from the offer to the keys), and how long
a peer waits who joins somebody who is there: from the offer to the first packet of the other one.
Of our worker as the image has it (compiled, where that can be had here), and plain. One line of
JSON is last (`cpu_ms`, `join_median_ms`, `join_p95_ms` of the first, `plain_cpu_ms`, `load`)."""

import json
import os
import select
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from statistics import median, quantiles

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.manual import takes_nothing  # noqa: E402, the line above makes it importable
from bench.media_ends import LARGE, PICTURE, End  # noqa: E402
from bench.media_engines import CORES, OURS, PLAIN, Engine, Unix, said, shipped, started  # noqa: E402

HOST = "127.0.0.1"
ROOMS = 100  # of two peers each
RESEND = 0.001  # seconds between packets of the one who is there already


def join(care: Unix, end: End, other: End | None) -> float:
    """A peer takes his seat; seconds until he has a packet of the other one, if there is one."""
    offer = end.offer()
    began = time.perf_counter()
    end.line.connect(care.ask(f"/rooms/{end.number // 2}/seats/{end.number % 2}", offer))
    end.send(end.packet(PICTURE, LARGE), 0.0)  # as browsers do at once
    while other and not _has_media(end):
        other.send(other.packet(PICTURE, LARGE), 0.0)
        select.select([end.ear.socket], [], [], RESEND)
    return time.perf_counter() - began


def _has_media(end: End) -> bool:
    try:
        return 127 < end.ear.socket.recv(2048)[0] < 192
    except BlockingIOError:
        return False


def measure(engine: Engine, care: Unix) -> tuple[list[float], list[float]]:
    """Seconds of CPU for each peer, and seconds that each second one of a room waited."""
    spent, waited = [], []
    for room in range(ROOMS):
        care.ask(f"/rooms/{room}/admit", '{"seats": ["0", "1"]}')
        one, other = engine.ends[2 * room : 2 * room + 2]
        before = engine.used()[0]
        join(care, one, None)
        waited.append(join(care, other, one))
        spent.append((engine.used()[0] - before) / 2)
    return spent, waited


def run(there: Mapping[str, str]) -> dict[str, float]:
    """Start a worker with these variables, and measure it."""
    ends = [End(number, HOST) for number in range(2 * ROOMS)]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "media.sock"
        command = [sys.executable, "-c", OURS, "--addresses", HOST, "--socket", str(path)]
        with started(command, there) as process:
            code = said(process)
            with closing(Unix(path)) as care:
                spent, waited = measure(Engine(process, ends), care)
    for end in ends:
        end.close()
    figures = {
        "cpu_ms": 1000 * sum(spent) / len(spent),
        "join_median_ms": 1000 * median(waited),
        "join_p95_ms": 1000 * quantiles(waited, n=20)[-1],
    }
    print(f"{code}: {figures['cpu_ms']:.2f} ms of CPU each; joining ", end="")
    print(f"median {figures['join_median_ms']:.0f} ms, p95 {figures['join_p95_ms']:.0f} ms")
    return figures


def main() -> None:
    """Measure and print."""
    there, load = shipped(), os.getloadavg()[0]
    print(f"{2 * ROOMS} peers, load {load:.1f}")
    os.sched_setaffinity(0, {CORES[-1]})
    both = [run(there), run(PLAIN)]
    line = both[0] | {"plain_cpu_ms": both[1]["cpu_ms"], "load": load}
    print(json.dumps({name: round(figure, 2) for name, figure in line.items()}))


if __name__ == "__main__":
    takes_nothing(__doc__)
    main()
