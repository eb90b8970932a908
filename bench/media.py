"""What a packet costs: our media worker as the image has it (compiled, where that can be had here),
plain as a checkout runs it, stock aiortc with the same rooms, Janus' videoroom, and a floor in C
that does nothing but receive, open, seal and send. One engine at a time, on one core; the clients
have another; all in a network of their own where that can be made. Prints a line for each cell; the
last line is JSON with `ratio_janus` (at the middle rate; null where Janus is not installed),
`ratio_floor` (at the highest rate), `ratios` of all, `us_per_packet` of the two of ours at each
rate, `p99_ms` and `loss` (ours, of the worst rate and number of rooms)."""

import argparse
import json
import os
import platform
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import mean, median

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.apart import MARK, address, read  # noqa: E402, the line above makes them importable
from bench.media_ends import drive  # noqa: E402
from bench.media_engines import CORES, Engine, at_hand  # noqa: E402

RATES = (8_520, 21_300, 42_600)  # packets a second: 20, 50 and 100 rooms of 720p and sound
ROOMS = (20, 100)  # of sockets
REPEATS = 3
SECONDS = 2.0  # of one cell
PACKET_MBIT = 9.2  # thousandths of a Mbit that a picture's packet of 1,150 bytes is
TIME = 240.0  # seconds after which no further repeat begins


@dataclass(frozen=True, slots=True)
class Cell:
    """One engine at one rate with so many rooms."""

    engine: str
    rooms: int
    asked: int
    sent: float  # a second
    loss: float  # per cent
    cpu: float  # per cent of a core
    user: float
    system: float
    us: float  # of CPU a packet that it took
    p50: float  # ms of delay, as all that follow
    p90: float
    p99: float
    most: float
    generator: float  # per cent of a core that the clients took

    def __str__(self) -> str:
        """One line of the table."""
        return "  ".join(
            (
                f"{self.engine:6} {self.rooms:4} rooms  asked {self.asked:6}",
                f"sent {self.sent:7.0f}/s  loss {self.loss:5.2f} %",
                f"cpu {self.cpu:4.0f} % ({self.user:3.0f} +{self.system:3.0f})",
                f"{self.us:6.1f} us/packet  {self.us / PACKET_MBIT:5.2f} CPU-ms/Mbit",
                f"p50 {self.p50:6.2f}  p90 {self.p90:6.2f}  p99 {self.p99:6.2f}",
                f"max {self.most:6.1f} ms  clients {self.generator:3.0f} %",
            )
        )


def measure(name: str, engine: Engine, rate: int) -> Cell:
    """One cell. A packet costs what it costs the engine, whether the clients come to read it or
    not: on a busy machine it is they who lose most."""
    before, read_before = engine.used(), read()
    flow, took = drive(engine.ends, rate, SECONDS)
    spent, user, system = (b - a for a, b in zip(before, engine.used(), strict=True))
    read_after, taken = read(), flow.returned
    if read_before is not None and read_after is not None:
        taken = read_after - read_before - flow.read - flow.reports
    delays = flow.delays or [took]  # nothing came: as long as was waited

    def at(share: float) -> float:
        return 1000.0 * delays[min(len(delays) - 1, int(share * len(delays)))]

    return Cell(
        *(name, len(engine.ends) // 2, rate, flow.sent / SECONDS),
        *(100 * (1 - flow.returned / flow.sent), 100 * spent / took),
        *(100 * user / took, 100 * system / took, 1e6 * spent / max(1, taken)),
        *(at(0.5), at(0.9), at(0.99), at(1.0), 100 * flow.busy / took),
    )


def alike(cells: list[Cell], name: str, rate: int) -> list[list[Cell]]:
    """The cells of this engine at this rate, those with as many rooms together. One engine may have
    been measured once more than another when the time is over: each number of rooms counts once."""
    of = [cell for cell in cells if (cell.engine, cell.asked) == (name, rate)]
    return [[cell for cell in of if cell.rooms == rooms] for rooms in {cell.rooms for cell in of}]


def middle(cells: list[Cell], name: str, rate: int) -> float | None:
    """What a packet costs in this engine at this rate: the mean of the medians with few and with
    many rooms; None if it was not measured."""
    found = [median(cell.us for cell in each) for each in alike(cells, name, rate)]
    return mean(found) if found else None


def ratio(cells: list[Cell], other: str, rate: int) -> float | None:
    """What a packet costs in our worker, with 1 for this engine; None if it was not measured."""
    mine, theirs = middle(cells, "ours", rate), middle(cells, other, rate)
    return round(mine / theirs, 2) if mine and theirs else None


def summary(cells: list[Cell]) -> dict[str, object]:
    """The last line."""
    groups = [each for rate in RATES for each in alike(cells, "ours", rate)]
    return {
        "ratio_janus": ratio(cells, "janus", RATES[1]),
        "ratio_floor": ratio(cells, "floor", RATES[-1]),
        "ratios": {
            other: [ratio(cells, other, rate) for rate in RATES]
            for other in ("plain", "janus", "stock", "floor")
        },
        "us_per_packet": {
            name: [middle(cells, name, rate) for rate in RATES] for name in ("ours", "plain")
        },
        "p99_ms": round(max(median(cell.p99 for cell in each) for each in groups), 2),
        "loss": round(max(median(cell.loss for cell in each) for each in groups), 3),
        "table": [asdict(cell) for cell in cells],
    }


def repeats() -> int:
    """How often each cell is measured."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--repeats", type=int, default=REPEATS, help="how often, at most (%(default)s)"
    )
    parser.add_argument(MARK, action="store_true", help=argparse.SUPPRESS)
    return max(1, int(parser.parse_args().repeats))


def main() -> None:
    """Everything, in turn."""
    most = repeats()
    host = address()
    began, load = time.monotonic(), os.getloadavg()[0]
    print(f"{platform.processor() or platform.machine()}, Linux {platform.release()}, ", end="")
    print(f"Python {platform.python_version()}, AES-256-GCM, at {host}, load {load:.1f}")
    if load > 0.8:
        print("The machine is busy with other work: the figures are noisy, do not quote them.")
    cells: list[Cell] = []
    with tempfile.TemporaryDirectory() as folder:
        engines, missing = at_hand(host, Path(folder))
        print(*missing, sep="\n")
        names = list(engines)
        os.sched_setaffinity(0, {CORES[-1]})
        for repeat in range(most):
            turn = repeat % len(names)
            for name in names[turn:] + names[:turn]:
                for count in ROOMS:
                    if time.monotonic() - began < TIME:
                        with engines[name](count) as engine:
                            for rate in RATES:
                                cells.append(measure(name, engine, rate))
                                print(cells[-1], flush=True)
    print(json.dumps(summary(cells)))


if __name__ == "__main__":
    main()
