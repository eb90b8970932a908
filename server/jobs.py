"""What happens by itself: promises are settled, patients returned, the day closed, notes
delivered, people told.
"""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from aiohttp import web

from venterom.journal import chart, delivery, packing, reducing
from venterom.journal.epj import Epj
from venterom.queue import desk, ladder, learning, ledger, monitor, outlook, roster, shifts
from venterom.queue.events import Returned
from venterom.queue.hours import DAY, start_of_day
from venterom.queue.outlook import HISTORY, Grounds
from venterom.server.db import empty_log
from venterom.server.notify import feed
from venterom.web.identity import links
from venterom.web.keys import HOURS, RECORD_KEYS, ROOMS
from venterom.web.live import FLOOR, HUB
from venterom.web.now import FORESEEN
from venterom.web.work import look, work

log = structlog.get_logger()

EPJ = web.AppKey[Epj]("EPJ")
POST = web.AppKey[feed.Post]("POST")
TEXT_IS_KEPT = web.AppKey[timedelta | None]("TEXT_IS_KEPT")

REAP_S = 5.0  # seconds; a lease is 30, so a patient is back after 35 at the latest
CLOSE_S = 15.0
LEARN_S = 600.0  # it is done once a day, whenever the service is up
MOMENT = timedelta(seconds=1)
CLIMB_S = monitor.EVERY.total_seconds()
DELIVER_S = 1.0
ROUND = 8  # notes on their way at once, of as many patients; together they cost two commits
REDUCE_S = 3_600.0
FORGET_S = 60.0  # what was deleted is gone from the disk a minute later
AT_ONCE = 20  # notes reduced in one transaction: others write in between
TELL_S = 1.0
LOOK_AHEAD_S = 300.0  # it takes a second or two of one core, and hours change slowly


@dataclass
class Watch:
    """When it was looked at last who is there."""

    last: datetime | None = None


WATCH = web.AppKey[Watch]("WATCH")


async def watch_promises(app: web.Application) -> None:
    """Give back the patients of doctors who are gone, and write down promises that were broken.

    When the clock was set, or the machine has slept, all who were there get their time anew.
    """
    async with work(app) as unit:
        before, app[WATCH].last = app[WATCH].last, unit.now
        if before is not None and shifts.nobody_was_heard(before, unit.now):
            log.warning("clock_moved", seconds=round((unit.now - before).total_seconds()))
            await desk.renew_leases(unit.db, unit.now)
        returned = await desk.reap(unit.db, unit.now)
        unit.events.extend(returned)
        unit.events.extend(await desk.settle(unit.db, unit.now))
    for event in returned:
        if isinstance(event, Returned):
            await app[ROOMS].close_room(event.visit, "returned")


async def climb_the_ladder(app: web.Application) -> None:
    """Look at every promise, and take the steps that those in danger ask for."""
    async with look(app) as unit:
        seen = await ladder.see(unit.db, unit.now)
    dangers = await asyncio.to_thread(ladder.in_danger, seen, app[HOURS])
    if dangers:
        async with work(app) as unit:
            unit.events.extend(await ladder.climb(unit.db, unit.now, dangers))


async def learn(app: web.Application) -> None:
    """Once a day: how sure a promise has to be, from those of yesterday; and how long patients
    take, from those who were seen since that was learned last."""
    async with work(app) as unit:
        today = start_of_day(unit.now)
        unit.events.extend(await learning.learn(unit.db, start_of_day(today - MOMENT), today))
        taken = await learning.learn_service(unit.db, unit.now, today)
        unit.events.extend([taken] if taken else [])


async def close_the_day(app: web.Application) -> None:
    """After closing time, tell those whom nobody can take any more, and end their visits."""
    async with work(app) as unit:
        unserved = await desk.close(unit.db, unit.now, app[HOURS])
        unit.events.extend(unserved)
        for each in unserved:
            await chart.close(unit.db, unit.now, visit=each.visit)
            await links.close_for_visit(unit.db, each.visit)


async def deliver(app: web.Application) -> None:
    """Bring every note that is due into the EPJ: one to see whether it is there, then several at
    once."""
    most = 1
    while await _deliver_round(app, most):
        most = ROUND


async def _deliver_round(app: web.Application, most: int) -> bool:
    """Whether to go on. No transaction is open while we wait for the EPJ."""
    async with work(app) as unit:
        claimed = await delivery.claim(unit.db, unit.now, most)
    if not claimed:
        return False
    async with look(app) as unit:
        parcels = await packing.pack(unit.db, app[RECORD_KEYS], claimed)
    answers = await asyncio.gather(*(delivery.send(app[EPJ], parcel) for parcel in parcels))
    async with work(app) as unit:
        answered = list(zip(parcels, answers, strict=True))
        unit.events.extend(await delivery.settle(unit.db, unit.now, answered))
    return not all(delivery.is_away(answer) for answer in answers)


async def reduce(app: web.Application) -> None:
    """Take away the text of notes that somebody else's EPJ has had for long enough (K8)."""
    if (keep := app[TEXT_IS_KEPT]) is None:
        return
    async with look(app) as unit:
        visits = [visit for visit, _version in await reducing.due(unit.db, unit.now, keep)]
    for first in range(0, len(visits), AT_ONCE):
        async with work(app) as unit:
            await reducing.reduce(unit.db, unit.now, keep, visits[first : first + AT_ONCE])


async def forget(app: web.Application) -> None:
    """What was deleted is gone from the database's log, too."""
    async with look(app) as unit:
        await empty_log(unit.db)


async def tell(app: web.Application) -> None:
    """Make the messages that the latest events ask for."""
    async with work(app) as unit:
        await feed.tell(unit.db, unit.now, app[POST])


async def look_ahead(app: web.Application) -> None:
    """Make the outlook anew, beside everything else, and show it to whoever looks."""
    async with look(app) as unit:
        grounds = Grounds(
            await desk.floor(unit.db, unit.now),
            await roster.to_come(unit.db, unit.now),
            await ledger.asked_by_hour(unit.db, unit.now - (HISTORY + 1) * DAY, unit.now),
        )
    made = await asyncio.to_thread(outlook.look_ahead, grounds, app[HOURS], unit.now)
    app[FORESEEN].latest = made
    app[HUB].publish([FLOOR])


async def renew_leases(app: web.Application) -> None:
    """At start: nobody loses a patient because it was the server that was away."""
    async with work(app) as unit:
        await desk.renew_leases(unit.db, unit.now)
