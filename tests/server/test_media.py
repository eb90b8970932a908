"""Media workers are real processes here: started, asked, killed, started again, and ended."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import AsyncGenerator, Callable, MutableMapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from venterom.rtc.echo import Arrived
from venterom.rtc.errors import BadOffer, MediaUnavailable, TooFast
from venterom.rtc.peer import Connection
from venterom.rtc.reports import Connected, Lost, Report
from venterom.server.media import Media

pytestmark = [pytest.mark.media, pytest.mark.slow]

LOOPBACK = ("127.0.0.1",)
PATIENCE = 60.0  # seconds until a test gives up, on a busy machine; nothing is asserted by it
Logs = list[MutableMapping[str, Any]]


class House:
    """Workers, and what has been heard of them."""

    def __init__(self, folder: Path, workers: int, **how: Any) -> None:
        self.media = Media(folder, workers=workers, addresses=LOOPBACK, **how)
        self.reports: list[Report] = []
        self.logs: Logs = []
        self.media.listen(self.reports.append)

    @property
    def started(self) -> list[int]:
        """The processes that have been started, in this order."""
        return [log["process"] for log in self.logs if log["event"] == "media_worker_started"]

    @property
    def lost(self) -> set[str]:
        """The rooms that were told that their worker is gone."""
        return {report.room for report in self.reports if isinstance(report, Lost)}

    async def answer(self, room: str, offer: str) -> str:
        """The answer to an offer; asked again, as a page does, while there is no worker."""
        async with asyncio.timeout(PATIENCE):
            while True:
                with contextlib.suppress(MediaUnavailable):
                    return await self.media.answer(room, "patient", offer)

    async def until(self, holds: Callable[[], bool]) -> None:
        """Wait for something. Raises TimeoutError."""
        async with asyncio.timeout(PATIENCE):
            while not holds():
                await asyncio.sleep(0.02)


@asynccontextmanager
async def house(folder: Path, workers: int = 1, **how: Any) -> AsyncGenerator[House]:
    """Workers that run, and that are all gone afterwards."""
    built = House(folder, workers, **how)
    with capture_logs() as built.logs:
        async with built.media:
            yield built
    assert [process for process in built.started if runs(process)] == []


def runs(process: int) -> bool:
    """Whether there is such a process."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(process, 0)
        return True
    return False


@pytest.fixture
async def offer() -> AsyncGenerator[str]:
    """What a browser offers."""
    connection = Connection()
    yield await connection.offer()
    await connection.close()


async def test_an_offer_is_answered_and_nonsense_refused(tmp_path: Path, offer: str) -> None:
    async with house(tmp_path) as built:
        assert "m=audio" in await built.answer("room 1", offer)
        with pytest.raises(BadOffer):
            await built.media.answer("room 2", "patient", "v=0")


async def test_the_log_says_which_code_packets_go_through(tmp_path: Path) -> None:
    async with house(tmp_path) as built:
        pass
    assert [log["code"] for log in built.logs if "code" in log] == ["plain"]


async def test_rooms_are_spread_and_a_dead_worker_takes_only_its_own_along(
    tmp_path: Path, offer: str
) -> None:
    rooms = ["room 1", "room 2", "room 3", "room 4"]
    async with house(tmp_path, workers=2) as built:
        for room in rooms:
            await built.answer(room, offer)
        os.kill(built.started[0], signal.SIGKILL)
        await built.until(lambda: len(built.lost) == 2)
        for room in sorted(built.lost):
            assert await built.answer(room, offer)
        await built.until(lambda: len(built.started) == 3)
        os.kill(built.started[1], signal.SIGKILL)
        await built.until(lambda: built.lost == set(rooms))
        await built.until(lambda: len(built.started) == 4)


async def test_a_room_that_is_closed_weighs_nothing_and_is_told_nothing(
    tmp_path: Path, offer: str
) -> None:
    async with house(tmp_path) as built:
        await built.answer("over", offer)
        await built.answer("open", offer)
        await built.media.close("over")
        os.kill(built.started[0], signal.SIGKILL)
        await built.until(lambda: bool(built.lost))
        assert built.lost == {"open"}


async def test_after_the_only_worker_has_died_an_offer_waits_for_the_next(
    tmp_path: Path, offer: str
) -> None:
    async with house(tmp_path) as built:
        await built.answer("room 1", offer)
        os.kill(built.started[0], signal.SIGKILL)
        await built.until(lambda: built.lost == {"room 1"})
        assert await built.answer("room 1", offer)
        assert len(built.started) == 2


async def test_a_worker_that_hangs_is_taken_for_dead(tmp_path: Path, offer: str) -> None:
    async with house(tmp_path, silent_s=2.5) as built:
        await built.answer("room 1", offer)
        os.kill(built.started[0], signal.SIGSTOP)
        await built.until(lambda: built.lost == {"room 1"})
        await built.until(lambda: len(built.started) == 2)
        assert not runs(built.started[0])


async def test_a_worker_that_went_mad_is_not_believed_and_is_replaced(tmp_path: Path) -> None:
    async with house(tmp_path, program="tests.server.mad_worker") as built:
        await built.answer("room 1", "v=0")
        await built.until(lambda: "room 1" in built.lost)
        await built.until(lambda: len(built.started) > 1)  # and the next one goes mad, too
        assert Connected("room 1", "patient") in built.reports
        assert Lost("room 2") not in built.reports


async def test_a_worker_that_does_not_start_is_tried_again(tmp_path: Path, offer: str) -> None:
    folder = tmp_path / "not yet there"  # so the worker cannot make its socket
    async with house(folder) as built:
        assert built.started == []
        folder.mkdir()
        await built.until(lambda: len(built.started) == 1)
        assert await built.answer("room 1", offer)


async def test_without_a_worker_the_rest_of_the_house_goes_on(tmp_path: Path) -> None:
    async with house(tmp_path, workers=0) as built:
        await built.media.admit("room 1", ["patient", "doctor"])
        await built.media.leave("room 1", "patient")
        await built.media.close("room 1")


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
async def test_a_worker_is_not_told_where_the_database_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VENTEROM_DATABASE__URL", "postgresql+asyncpg://care:hemmelig@db/care")
    async with house(tmp_path) as built:
        environment = Path(f"/proc/{built.started[0]}/environ").read_bytes()
    assert b"PATH=" in environment and b"VENTEROM_" not in environment


CARE = """
import asyncio, sys
from pathlib import Path
from structlog import configure
from venterom.server.media import Media

async def care():
    async with Media(Path(sys.argv[1]), workers=2, addresses=("127.0.0.1",)):
        await asyncio.Event().wait()

asyncio.run(care())
"""


async def test_a_worker_does_not_outlive_care_that_is_killed(tmp_path: Path) -> None:
    command = [sys.executable, "-c", CARE, str(tmp_path)]
    care = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert care.stdout is not None
    lines = [await asyncio.to_thread(care.stdout.readline) for _ in range(2)]
    processes = [int(line.rpartition("process=")[2]) for line in lines]
    assert all(runs(process) for process in processes)
    care.kill()
    care.communicate()
    async with asyncio.timeout(PATIENCE):
        while any(runs(process) for process in processes):
            await asyncio.sleep(0.05)


async def test_an_echo_is_answered_and_says_what_arrived(tmp_path: Path, offer: str) -> None:
    async with house(tmp_path, workers=2) as built:
        assert "m=audio" in await built.media.echo("visit-1-patient", offer)
        arrived = await built.media.end_echo("visit-1-patient")  # by the worker that has it
        assert arrived == Arrived(packets=0, lost=0, kbit=0)
        assert await built.media.end_echo("visit-1-patient") is None
        with pytest.raises(BadOffer):
            await built.media.echo("visit-2-patient", "v=0")
        with pytest.raises(TooFast):
            for _ in range(20):  # a second may end between two of them
                await built.media.echo("visit-3-patient", offer)


async def test_nobody_waits_for_an_echo_that_no_worker_can_carry(
    tmp_path: Path, offer: str
) -> None:
    media = Media(tmp_path, workers=0, addresses=LOOPBACK)
    for asked in (media.echo("visit-1-patient", offer), media.end_echo("visit-1-patient")):
        with pytest.raises(MediaUnavailable):
            await asked
