"""What a packet costs: our media worker, stock aiortc with the same rooms, and a floor in C that
does nothing but receive, open, seal and send. One engine at a time, on one core; the clients have
another. Prints a line for each cell; the last line is JSON with `ratio_janus` (null: see below),
`ratio_floor` (at the highest rate), `p99_ms` and `loss` (ours, the worst)."""

import contextlib
import http.client
import json
import os
import platform
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.media_ends import End, drive  # noqa: E402, the line above makes it importable

RATES = (8_520, 21_300, 42_600)  # packets a second: 20, 50 and 100 rooms of 720p and sound
ROOMS = (20, 100)  # of sockets
REPEATS = 3
SECONDS = 2.0  # of one cell
PACKET_MBIT = 9.2  # thousandths of a Mbit that a picture's packet of 1,150 bytes is
TIME = 240.0  # seconds after which no further repeat begins
HERE = Path(__file__).resolve().parent
OURS = "from venterom.rtc import sieve, worker; sieve.RATE = 1e9; worker.main()"  # no policing
JANUS = (
    "Janus not measured: its videoroom needs a client of its own signalling, which is not built. "
    "To have the peer at hand: apt-get install janus"
)
FLOOR = (
    "Floor not measured: it takes a C compiler and the headers of libsrtp2. "
    "To have them: apt-get install gcc libsrtp2-dev"
)


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
    us: float  # of CPU a packet
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


class Engine:
    """A process to be measured, and clients that meet in it, two by two."""

    def __init__(self, process: subprocess.Popen[bytes], ends: list[End]) -> None:
        self.process = process
        self.ends = ends

    def used(self) -> tuple[float, float, float]:
        """Seconds of CPU until now: all, user, system."""
        folder = Path(f"/proc/{self.process.pid}")
        spent = sum(int(each.read_text().split()[0]) for each in folder.glob("task/*/schedstat"))
        ticks = (folder / "stat").read_text().rsplit(")", 1)[1].split()
        hertz = os.sysconf("SC_CLK_TCK")
        return spent / 1e9, int(ticks[11]) / hertz, int(ticks[12]) / hertz


class Unix(http.client.HTTPConnection):
    """HTTP over a Unix socket."""

    def __init__(self, path: Path) -> None:
        super().__init__("media")
        self._path = path

    def connect(self) -> None:
        """Connect."""
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.connect(str(self._path))

    def ask(self, path: str, body: str) -> str:
        """Post, and give the answer."""
        self.request("POST", path, body)
        answer = self.getresponse()
        said = answer.read().decode()
        if answer.status >= 300:
            raise RuntimeError(f"{path}: {answer.status} {said}")
        return said


def started(command: list[str]) -> tuple[subprocess.Popen[bytes], str]:
    """A process on the first core, and the first line that it says."""
    process = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        preexec_fn=lambda: os.sched_setaffinity(0, {CORES[0]}),
    )
    assert process.stdout is not None
    return process, process.stdout.readline().decode().strip()


@contextlib.contextmanager
def rooms(command: list[str], count: int) -> Iterator[Engine]:
    """An engine that is spoken to as our worker is, with so many rooms of two."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "media.sock"
        process, _ = started([sys.executable, *command, "--socket", str(path)])
        try:
            care, ends = Unix(path), [End(number) for number in range(2 * count)]
            for end in ends:
                room, seat = f"/rooms/{end.number // 2}", f"seats/{'ab'[end.number % 2]}"
                end.connect(care.ask(f"{room}/{seat}", end.offer()))
            for number in range(count):
                care.ask(f"/rooms/{number}/admit", '{"seats": ["a", "b"]}')
            yield Engine(process, ends)
        finally:
            process.kill()
            process.communicate()
            for end in ends:
                end.socket.close()


@contextlib.contextmanager
def floor(program: Path, count: int) -> Iterator[Engine]:
    """The program in C, with keys that are known."""
    process, port = started([str(program)])
    ends = [End(number) for number in range(2 * count)]
    try:
        for end in ends:
            end.seal_with(bytes(44))
            end.socket.connect(("127.0.0.1", int(port)))
            end.socket.send(b"H" + end.number.to_bytes(2, "big"))
            end.socket.setblocking(False)
        time.sleep(0.2)  # it answers nothing, so there is nothing to wait for
        yield Engine(process, ends)
    finally:
        process.kill()
        process.communicate()
        for end in ends:
            end.socket.close()


def compiled(folder: Path) -> Path | None:
    """The floor as a program; None where it cannot be made."""
    program = folder / "floor"
    command = ["cc", "-O2", "-o", str(program), str(HERE / "media_floor.c"), "-lsrtp2"]
    if shutil.which("cc") is None or subprocess.run(command, capture_output=True).returncode:
        return None
    return program


def measure(name: str, engine: Engine, rate: int) -> Cell:
    """One cell."""
    before = engine.used()
    flow, took = drive(engine.ends, rate, SECONDS)
    spent, user, system = (b - a for a, b in zip(before, engine.used(), strict=True))
    delays = flow.delays or [float("inf")]

    def at(share: float) -> float:
        return 1000.0 * delays[min(len(delays) - 1, int(share * len(delays)))]

    return Cell(
        *(name, len(engine.ends) // 2, rate, flow.sent / SECONDS),
        *(100 * (1 - flow.returned / flow.sent), 100 * spent / took),
        *(100 * user / took, 100 * system / took, 1e6 * spent / max(1, flow.returned)),
        *(at(0.5), at(0.9), at(0.99), at(1.0), 100 * flow.busy / took),
    )


def middle(cells: list[Cell], name: str, rate: int) -> float | None:
    """The median cost of a packet in this engine at this rate; None if it was not measured."""
    found = [cell.us for cell in cells if (cell.engine, cell.asked) == (name, rate)]
    return median(found) if found else None


def summary(cells: list[Cell]) -> dict[str, object]:
    """The last line."""
    ours, least = middle(cells, "ours", RATES[-1]), middle(cells, "floor", RATES[-1])
    stock = [middle(cells, "stock", rate) for rate in RATES]
    own = [cell for cell in cells if cell.engine == "ours"]
    groups = [[cell for cell in own if cell.asked == rate] for rate in RATES]
    return {
        "ratio_janus": None,
        "ratio_floor": round(ours / least, 2) if ours and least else None,
        "ratio_stock": [
            round(mine / theirs, 2) if (mine := middle(cells, "ours", rate)) and theirs else None
            for rate, theirs in zip(RATES, stock, strict=True)
        ],
        "p99_ms": round(max(median(cell.p99 for cell in group) for group in groups if group), 2),
        "loss": round(max(median(cell.loss for cell in group) for group in groups if group), 3),
        "table": [asdict(cell) for cell in cells],
    }


def main() -> None:
    """Everything, in turn."""
    began, load = time.monotonic(), os.getloadavg()[0]
    print(f"{platform.processor() or platform.machine()}, Linux {platform.release()}, ", end="")
    print(f"Python {platform.python_version()}, AES-256-GCM, load {load:.1f}")
    if load > 0.8:
        print("The machine is busy with other work: the figures are noisy, do not quote them.")
    print(JANUS)
    cells: list[Cell] = []
    with tempfile.TemporaryDirectory() as folder:
        program = compiled(Path(folder))
        if program is None:
            print(FLOOR)
        engines: dict[str, Callable[[int], contextlib.AbstractContextManager[Engine]]] = {
            "ours": lambda count: rooms(["-c", OURS, "--addresses", "127.0.0.1"], count),
            "stock": lambda count: rooms([str(HERE / "media_stock.py")], count),
        }
        if program:
            engines["floor"] = lambda count: floor(program, count)
        os.sched_setaffinity(0, {CORES[-1]})
        for repeat in range(REPEATS):
            for name in sorted(engines, key=lambda name: (len(name) + repeat) % 3):
                for count in ROOMS:
                    if time.monotonic() - began < TIME:
                        with engines[name](count) as engine:
                            for rate in RATES:
                                cells.append(measure(name, engine, rate))
                                print(cells[-1], flush=True)
    print(json.dumps(summary(cells)))


CORES = sorted(os.sched_getaffinity(0))

if __name__ == "__main__":
    main()
