"""The ledger: what is held for whom, and outcomes that are written once."""

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from tests.queue.make import NOON, after, entry, put, put_line
from venterom.queue import ledger
from venterom.queue.promise import Outcome
from venterom.queue.tables import OutcomeRow

pytestmark = pytest.mark.adapter


async def test_while_it_may_still_go_either_way_nothing_is_written(db: AsyncSession) -> None:
    await put(db, entry("v1"))
    assert await ledger.settle(db, after(20), entry("v1")) is None
    assert (await db.scalars(select(OutcomeRow.promise))).all() == []


async def test_only_the_first_outcome_counts(db: AsyncSession) -> None:
    await put(db, entry("v1"))
    assert await ledger.settle(db, after(21), entry("v1")) is Outcome.BROKEN
    met = entry("v1", doctor_joined_at=after(19))
    assert await ledger.settle(db, after(22), met) is Outcome.KEPT
    assert (await db.scalars(select(OutcomeRow.outcome))).all() == [Outcome.BROKEN]


@pytest.mark.parametrize(
    ("minute", "besides", "held"),
    [
        (0, "another", True),
        (0.25, "another", True),  # the last moment that it is fresh
        (0.26, "another", False),
        (0, "patient of v1", False),  # one's own offer does not stand in one's way
    ],
)
async def test_a_fresh_offer_is_held_for_whom_it_was_made(
    db: AsyncSession, minute: float, besides: str, held: bool
) -> None:
    await put_line(db, entry("v1"))
    assert await ledger.held(db, after(minute), besides=besides) == ((after(20),) if held else ())


async def test_an_accepted_offer_is_not_held_as_well(db: AsyncSession) -> None:
    await put(db, entry("v1"))
    assert await ledger.held(db, NOON, besides="another") == ()


async def test_an_offer_is_found_only_for_its_own_visit(db: AsyncSession) -> None:
    await put_line(db, entry("v1"))
    own = await ledger.offer_to(db, "promise of v1", visit="v1", patient="patient of v1")
    assert own is not None
    assert own == await ledger.offer(db, "promise of v1")
    assert own == await ledger.last_offer(db, visit="v1", patient="patient of v1")
    assert await ledger.last_offer(db, visit="v1", patient="another") is None


async def test_a_visit_is_counted_once_by_what_it_accepted(db: AsyncSession) -> None:
    await put(db, entry("v1"))
    await ledger.record(db, "promise of v1", Outcome.BROKEN, after(21), "waiting")
    await put_line(db, entry("v1", promise="asked again", created_at=after(1)))
    [one] = await ledger.asked(db, NOON, after(60))
    assert (one.visit, one.at, one.accepted) == ("v1", NOON, True)
    assert (one.outcome, one.cause) == (Outcome.BROKEN, "waiting")


async def test_who_accepted_nothing_is_counted_by_what_was_shown_last(db: AsyncSession) -> None:
    for minute in (0, 2, 1):
        line = entry("v1", promise=f"line {minute}", created_at=after(minute))
        await put_line(db, line)
    [one] = await ledger.asked(db, NOON, after(60))
    assert (one.at, one.accepted, one.outcome) == (after(2), False, None)


async def test_only_what_was_offered_in_this_time_is_counted(db: AsyncSession) -> None:
    await put(db, *(entry(f"v{m}", created_at=after(m)) for m in (-1, 0, 59, 60)))
    assert {one.visit for one in await ledger.asked(db, NOON, after(60))} == {"v0", "v59"}


async def test_visits_are_counted_in_the_hour_in_which_they_asked_first(db: AsyncSession) -> None:
    for visit, minute in (("v1", 0), ("v1", 90), ("v2", 59), ("v3", 60), ("v4", -1), ("v5", 200)):
        line = entry(visit, promise=f"{visit} at {minute}", created_at=after(minute))
        await put_line(db, line)
    assert await ledger.asked_by_hour(db, NOON, after(200)) == {NOON: 2, after(60): 1}
