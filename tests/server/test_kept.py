"""What insurers are told of promises: counts of months that are over, and nothing about anybody."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from tests.conftest import FakeClock
from tests.queue.make import entry, put
from tests.server.make import Sessions, parts
from venterom.queue import ledger
from venterom.queue.coverage import insurer
from venterom.queue.coverage.eligibility import Answer, Eligibility, Reason
from venterom.queue.coverage.portal_tables import KeptRow
from venterom.queue.promise import Decision, Outcome
from venterom.queue.report import Asked
from venterom.server.kept import counted, tell_insurers
from venterom.web.work import work

pytestmark = pytest.mark.adapter
OCTOBER = datetime(2026, 10, 12, 11, 0, tzinfo=UTC)
LAST_OF_OCTOBER = datetime(2026, 10, 31, 22, 59, tzinfo=UTC)  # 23:59 in Oslo
OURS, THEIRS = "Fjellprøve Forsikring", "Kystprøve Forsikring"


async def promised(
    factory: Sessions,
    count: int,
    outcome: Outcome | None = Outcome.KEPT,
    *,
    at: datetime = OCTOBER,
    of: str = OURS,
    name: str = "v",
) -> None:
    """So many patients of an insurer were promised a doctor, and this became of it."""
    said = Eligibility(Answer.COVERED, Reason.VALID, of, at.date())
    async with factory.begin() as db:
        for n in range(count):
            visit = f"{name}{outcome}{n}{at:%d%H}"
            asked = at + timedelta(seconds=n)
            one = entry(visit, created_at=asked, deadline=20)
            await put(db, one)
            await insurer.record_check(db, visit=visit, number="FJP-107919", eligibility=said)
            if outcome is not None:
                await ledger.record(db, one.promise, outcome, asked, "")


async def told(factory: Sessions) -> list[tuple[str, str, int | None, int | None]]:
    async with factory() as db:
        columns = (KeptRow.insurer, KeptRow.month, KeptRow.kept, KeptRow.promises)
        rows = await db.execute(select(*columns).order_by(KeptRow.month, KeptRow.insurer))
        return [(row[0], row[1], row[2], row[3]) for row in rows]


async def test_each_insurer_is_told_of_its_own_customers_when_the_month_is_over(
    session_factory: Sessions, clock: FakeClock
) -> None:
    await promised(session_factory, 24)
    await promised(session_factory, 1, Outcome.BROKEN)
    await promised(session_factory, 3, Outcome.WITHDRAWN)  # neither kept nor broken
    await promised(session_factory, 19, of=THEIRS, name="t")
    await promised(session_factory, 30, at=clock.now, name="november")
    app = parts(session_factory, clock)
    await tell_insurers(app)
    once = [(OURS, "2026-10", 24, 25), (THEIRS, "2026-10", None, None)]
    assert await told(session_factory) == once
    await promised(session_factory, 5, name="late")
    await tell_insurers(app)
    assert await told(session_factory) == once  # a month is told once, and for good
    clock.now = datetime(2026, 12, 1, 0, 0, tzinfo=UTC)
    await tell_insurers(app)
    assert await told(session_factory) == [*once, (OURS, "2026-11", 30, 30)]


async def test_a_month_ends_at_midnight_in_norway(
    session_factory: Sessions, clock: FakeClock
) -> None:
    await promised(session_factory, 20, at=LAST_OF_OCTOBER)
    clock.now = LAST_OF_OCTOBER + timedelta(seconds=59)
    app = parts(session_factory, clock)
    await tell_insurers(app)
    assert await told(session_factory) == []
    clock.tick(seconds=1)
    await tell_insurers(app)
    assert await told(session_factory) == [(OURS, "2026-10", 20, 20)]


async def test_a_month_waits_for_its_last_promise(
    session_factory: Sessions, clock: FakeClock
) -> None:
    await promised(session_factory, 20)
    await promised(session_factory, 1, None, at=LAST_OF_OCTOBER)
    app = parts(session_factory, clock)
    await tell_insurers(app)
    assert await told(session_factory) == []
    async with work(app) as unit:
        last = f"promise of vNone0{LAST_OF_OCTOBER:%d%H}"
        await ledger.record(unit.db, last, Outcome.BROKEN, clock.now, "few_doctors")
    await tell_insurers(app)
    assert await told(session_factory) == [(OURS, "2026-10", 20, 21)]


def asked(visit: str, outcome: Outcome | None, *, accepted: bool = True) -> Asked:
    return Asked(visit, OCTOBER, Decision.PROMISE20, 0.99, accepted, outcome)


def test_only_promises_that_were_accepted_and_ended_are_counted() -> None:
    lines = [
        asked("v1", Outcome.KEPT),
        asked("v2", Outcome.BROKEN),
        asked("v3", Outcome.WITHDRAWN),
        asked("v4", None, accepted=False),
        asked("v5", Outcome.KEPT),
        asked("v6", Outcome.KEPT),
    ]
    whose = {"v1": OURS, "v2": OURS, "v3": OURS, "v4": THEIRS, "v5": THEIRS}
    assert counted(lines, whose) == {OURS: (1, 2), THEIRS: (1, 1)}
