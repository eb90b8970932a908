"""Policies in the register of a test, on the way on which insurers' own come."""

from collections.abc import Sequence
from datetime import date
from itertools import groupby
from operator import attrgetter

from sqlalchemy.ext.asyncio import AsyncSession

from venterom.queue.coverage import loading
from venterom.queue.coverage.loads import Source, Taken
from venterom.queue.coverage.policies import Policy

DAY = date(2026, 11, 24)


async def take_in(db: AsyncSession, policies: Sequence[Policy], day: date = DAY) -> None:
    """One load for each insurer; none may be refused."""
    whose = attrgetter("insurer")
    for insurer, own in groupby(sorted(policies, key=whose), key=whose):
        entries = [Taken(line, policy) for line, policy in enumerate(own, 1)]
        report, _ = await loading.take_in(db, day, entries, insurer=insurer, source=Source.FILE)
        assert not report.refused, report
