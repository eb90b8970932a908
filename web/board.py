"""What patients who wait are shown, read once for all of them when the waiting room changes.

Each page on its own would read the whole room: a hundred patients, a hundred times the hundred.
"""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta

from aiohttp import web

from venterom.queue import entries, ledger, shifts, view
from venterom.queue.view import Board, PatientView
from venterom.web.keys import CLOCK
from venterom.web.live import HUB
from venterom.web.work import look

# All that this process changes is told; what another changes, by a command, is seen after this.
FRESH = timedelta(seconds=10)


@dataclass(slots=True)
class Boards:
    """The last one that was read, or is being read."""

    reading: asyncio.Task[Board] | None = None
    change: int = 0  # of the waiting room: the one that it was read after
    at: datetime | None = None


BOARDS = web.AppKey[Boards]("BOARDS")


async def glance(app: web.Application, visit: str) -> tuple[PatientView | None, datetime]:
    """How the waiting room looks to this visit's patient, and when that is; None for one who does
    not wait. No change that was told before the question is missing from it."""
    now = app[CLOCK]()
    return (await _board(app, now)).view(visit, now), now


async def _board(app: web.Application, now: datetime) -> Board:
    last, change = app[BOARDS], app[HUB].changes
    fresh = last.at is not None and timedelta(0) <= now - last.at < FRESH
    if last.reading is None or not fresh or last.change != change:
        last.reading = asyncio.create_task(_read(app))
        last.change, last.at = change, now
    reading = last.reading
    if reading.done() and reading.exception() is None:
        return reading.result()  # without a turn of the loop: thousands ask at once
    try:
        return await asyncio.shield(reading)
    except Exception:
        if last.reading is reading:
            last.reading = None  # whoever asks next tries again
        raise


async def _read(app: web.Application) -> Board:
    async with look(app) as unit:
        waiting = await entries.waiting(unit.db)
        return view.board(waiting, await shifts.live(unit.db), await ledger.warnings(unit.db))
