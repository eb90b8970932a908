"""What bench/media.py measures: each engine as a process on the first core, with clients that meet
in it, two by two."""

import contextlib
import http.client
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from bench import media_janus
from bench.media_ends import End
from tests.rtc import compiled as code

CORES = sorted(os.sched_getaffinity(0))
HERE = Path(__file__).resolve().parent
OURS = "from venterom.rtc import sieve, worker; sieve.RATE = 1e9; worker.main()"  # no policing
FLOOR = (
    "Floor not measured: it takes a C compiler and the headers of libsrtp2. "
    "To have them: apt-get install gcc libsrtp2-dev"
)

PLAIN: Mapping[str, str] = {}  # our worker's variables, for what a checkout runs

Meet = Callable[[int], contextlib.AbstractContextManager["Engine"]]  # so many rooms of two


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


class Unix:
    """HTTP over a Unix socket."""

    def __init__(self, path: Path) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.connect(str(path))

    def close(self) -> None:
        """Close."""
        self._socket.close()

    def ask(self, path: str, body: str = "", *, method: str = "POST") -> str:
        """Ask, and give the answer."""
        head = f"{method} {path} HTTP/1.1\r\nHost: media\r\nContent-Length: {len(body)}\r\n\r\n"
        self._socket.sendall(f"{head}{body}".encode())  # in one piece, as care asks
        answer = http.client.HTTPResponse(self._socket, method=method)
        answer.begin()
        said = answer.read().decode()
        if answer.status >= 300:
            raise RuntimeError(f"{path}: {answer.status} {said}")
        return said


@contextlib.contextmanager
def clients(host: str, count: int, *, two_lines: bool = False) -> Iterator[list[End]]:
    """Who meets in so many rooms of two."""
    ends = [End(number, host, two_lines=two_lines) for number in range(2 * count)]
    try:
        yield ends
    finally:
        for end in ends:
            end.close()


@contextlib.contextmanager
def started(
    command: list[str], there: Mapping[str, str] = PLAIN
) -> Iterator[subprocess.Popen[bytes]]:
    """A process on the first core, with these variables more, until the context ends."""
    process = subprocess.Popen(
        command,
        env=os.environ | there,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        preexec_fn=lambda: os.sched_setaffinity(0, {CORES[0]}),
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def said(process: subprocess.Popen[bytes]) -> str:
    """The next line that it says."""
    assert process.stdout is not None
    return process.stdout.readline().decode().strip()


@contextlib.contextmanager
def rooms(
    command: list[str], host: str, count: int, there: Mapping[str, str] = PLAIN
) -> Iterator[Engine]:
    """An engine that is spoken to as our worker is, with so many rooms of two."""
    with tempfile.TemporaryDirectory() as folder, clients(host, count) as ends:
        path = Path(folder) / "media.sock"
        with started([sys.executable, *command, "--socket", str(path)], there) as process:
            said(process)
            care = Unix(path)
            for end in ends:
                room, seat = f"/rooms/{end.number // 2}", f"seats/{'ab'[end.number % 2]}"
                end.line.connect(care.ask(f"{room}/{seat}", end.offer()))
            for number in range(count):
                care.ask(f"/rooms/{number}/admit", '{"seats": ["a", "b"]}')
            yield Engine(process, ends)


@contextlib.contextmanager
def floor(program: Path, host: str, count: int) -> Iterator[Engine]:
    """The program in C, with keys that are known."""
    with clients(host, count) as ends, started([str(program), host]) as process:
        port = int(said(process))
        for end in ends:
            end.line.seal_with(bytes(44))
            end.line.socket.connect((host, port))
            end.line.socket.send(b"H" + end.number.to_bytes(2, "big"))
            end.line.socket.setblocking(False)
        time.sleep(0.2)  # it answers nothing, so there is nothing to wait for
        yield Engine(process, ends)


@contextlib.contextmanager
def janus(host: str, count: int) -> Iterator[Engine]:
    """Janus with its videoroom."""
    with tempfile.TemporaryDirectory() as folder:
        command = media_janus.command(Path(folder), host)
        with clients(host, count, two_lines=True) as ends, started(command) as process:
            media_janus.meet(media_janus.Api(), ends)
            yield Engine(process, ends)


def compiled(folder: Path) -> Path | None:
    """The floor as a program; None where it cannot be made."""
    program = folder / "floor"
    command = ["cc", "-O2", "-o", str(program), str(HERE / "media_floor.c"), "-lsrtp2"]
    if shutil.which("cc") is None or subprocess.run(command, capture_output=True).returncode:
        return None
    return program


def shipped() -> Mapping[str, str]:
    """Our worker's variables, for what is in the image: compiled, where that can be had here."""
    if not code.can_build():
        return PLAIN
    code.build()
    return code.FIRST


def at_hand(host: str, folder: Path) -> tuple[dict[str, Meet], list[str]]:
    """The engines that this machine has, by name, and what is to be said of the others."""
    ours, there = ["-c", OURS, "--addresses", host], shipped()
    engines: dict[str, Meet] = {
        "ours": lambda count: rooms(ours, host, count, there),
        "plain": lambda count: rooms(ours, host, count),
        "stock": lambda count: rooms(
            [str(HERE / "media_stock.py"), "--address", host], host, count
        ),
    }
    missing = []
    if there is PLAIN:
        del engines["plain"]
        missing.append(code.HOW_TO_GET)
    if media_janus.is_here(host):
        engines["janus"] = lambda count: janus(host, count)
    else:
        missing.append(media_janus.HOW_TO_GET)
    if program := compiled(folder):
        engines["floor"] = lambda count: floor(program, host, count)
    else:
        missing.append(FLOOR)
    return engines, missing
