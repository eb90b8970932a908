"""What a worker holds does not grow: not while rooms talk, and not from room to room.

`make soak` makes it forty rooms for ten minutes, and a thousand rooms.
"""

import json
import os
import select
import signal
from collections.abc import Generator
from contextlib import closing
from pathlib import Path

import pytest

from bench.media_ends import LARGE, PICTURE, End, drive
from bench.media_engines import Unix
from tests.rtc import live

ROOMS = int(os.environ.get("SOAK_ROOMS", "5"))  # that talk at once
SECONDS = int(os.environ.get("SOAK_SECONDS", "6"))  # that they talk
OPENED = int(os.environ.get("SOAK_OPENED", "50"))  # rooms, one after the other

RATE = 426  # packets a second of one room: 720p and sound both ways
FILLING = 8  # seconds in which what is kept for repairs gets full, when nothing is lost
FILLINGS = 20  # of them at most: a busy machine loses much
SLICE = 2  # seconds that are made ready at once
FLAT = 0.05  # share of its memory by which it may differ
ECHO_EVERY = 20  # rooms; a worker takes no more than twenty new echoes a second
FEW = 100  # rooms until the memory of the process is as large as it has to be

pytestmark = [pytest.mark.media, pytest.mark.slow, pytest.mark.timeout(3600)]


class Watched:
    """A worker, what is said to it, and what it holds."""

    def __init__(self, process: live.Process, care: Unix) -> None:
        self._process = process
        self._care = care

    @property
    def memory(self) -> int:
        """Kilobytes."""
        status = Path(f"/proc/{self._process.running.pid}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0])

    def holds(self) -> dict[str, int]:
        """How many of each."""
        self._process.running.send_signal(signal.SIGUSR1)
        assert self._process.running.stdout is not None
        held: dict[str, int] = json.loads(self._process.running.stdout.readline())
        return held

    def open(self, room: int) -> tuple[End, End]:
        """Two meet in a room."""
        two = End(2 * room, "127.0.0.1"), End(2 * room + 1, "127.0.0.1")
        for end in two:
            end.line.connect(self._care.ask(f"/rooms/{room}/seats/{end.number}", end.offer()))
        seats = json.dumps({"seats": [str(end.number) for end in two]})
        self._care.ask(f"/rooms/{room}/admit", seats)
        return two

    def close(self, room: int, *ends: End) -> None:
        """The room is over, and both go."""
        self._care.ask(f"/rooms/{room}", method="DELETE")
        for end in ends:
            end.close()

    def visit(self, room: int) -> None:
        """Two meet, one sees the other, and both go. Now and then one has heard an echo before."""
        if room % ECHO_EVERY == 0:
            self._echo(room)
        one, other = self.open(room)
        _say(one, other)
        self.close(room, one, other)

    def _echo(self, room: int) -> None:
        end = End(2 * room, "127.0.0.1")
        end.line.connect(self._care.ask(f"/echoes/{room}", end.offer()))
        _say(end, end)
        self._care.ask(f"/echoes/{room}", method="DELETE")
        end.close()


def _say(speaker: End, hearer: End) -> None:
    """Send until something is there to be heard."""
    while not select.select([hearer.ear.socket], [], [], 0.1)[0]:
        speaker.send(speaker.packet(PICTURE, LARGE), 0.0)


@pytest.fixture
def watched(tmp_path: Path) -> Generator[Watched]:
    """A worker that has met a few already."""
    with (
        live.process(tmp_path, module="tests.rtc.counted") as running,
        closing(Unix(running.socket)) as care,
    ):
        worker = Watched(running, care)
        for room in range(FEW):
            worker.visit(room)
        yield worker
        assert running.stop() == 0
        assert running.log == ""


def _fill(watched: Watched, ends: list[End]) -> int:
    """Have all talk until what is kept for repairs is full; the memory then."""
    filled = 0
    for _ in range(FILLINGS):
        before, filled = filled, watched.memory
        if filled < before * (1 + FLAT / 5):
            break
        for end in ends:
            end.line.agree()
        drive(ends, RATE * len(ends) / 2, FILLING)
    return filled


def test_memory_is_flat_while_rooms_talk_and_nothing_is_left_when_they_have_gone(
    watched: Watched,
) -> None:
    before = watched.holds()
    rooms = [watched.open(room) for room in range(ROOMS)]
    ends = [end for two in rooms for end in two]
    filled, returned = _fill(watched, ends), 0
    for _ in range(SECONDS // SLICE):
        for end in ends:
            end.line.agree()
        returned += drive(ends, RATE * ROOMS, SLICE)[0].returned
    assert returned
    assert watched.memory == pytest.approx(filled, rel=FLAT)
    for room, two in enumerate(rooms):
        watched.close(room, *two)
    assert watched.holds() == before


def test_rooms_that_are_opened_and_closed_leave_nothing(watched: Watched) -> None:
    before, used = watched.holds(), watched.memory
    for room in range(OPENED):
        watched.visit(room)
    assert watched.holds() == before
    assert watched.memory == pytest.approx(used, rel=FLAT)
