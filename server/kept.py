"""What crosses over to the insurers' side of how promises went: a count a month, no more."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import time

import structlog
from aiohttp import web

from venterom.queue import ledger
from venterom.queue.coverage import promises
from venterom.queue.coverage.usage import Month
from venterom.queue.hours import at
from venterom.queue.report import Asked, report, undecided
from venterom.web.text import today
from venterom.web.work import look, work

EVERY_S = 3_600.0  # a month is told once, and nobody waits for it

log = structlog.get_logger()


async def tell_insurers(app: web.Application) -> None:
    """For each month that is over, and in which every promise has ended, count by insurer how many
    were kept. This is the only place where the ledger and an insurer's customers meet."""
    async with look(app) as unit:
        due = await promises.due(unit.db, today(unit.now))
    for month in due:
        begins, ends = at(month.first, time.min), at(month.after.first, time.min)
        async with look(app) as unit:
            asked = await ledger.asked(unit.db, begins, ends)
            insurers = await promises.insurers_of(unit.db, [one.visit for one in asked])
        if undecided(asked):
            return  # the months are told in order
        await _tell(app, month, counted(asked, insurers))


async def _tell(app: web.Application, month: Month, counts: Mapping[str, tuple[int, int]]) -> None:
    if counts:
        async with work(app) as unit:
            told = await promises.tell(unit.db, month, counts)
        log.info("insurers_told", month=str(month), insurers=len(told))


def counted(asked: Iterable[Asked], insurers: Mapping[str, str]) -> Mapping[str, tuple[int, int]]:
    """By insurer, how many promises were kept, of how many that were kept or broken."""
    lines = defaultdict[str, list[Asked]](list)
    for one in asked:
        if one.visit in insurers:
            lines[insurers[one.visit]].append(one)
    kept = {insurer: report(those).kept for insurer, those in lines.items()}
    return {insurer: (share.part, share.whole) for insurer, share in kept.items()}
