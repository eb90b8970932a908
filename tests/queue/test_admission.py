"""Being offered something, accepting it, and what asking again gains."""

import asyncio
import json
from datetime import datetime, timedelta
from hashlib import sha256

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from tests.queue.make import NOON, after, arrive, at_work, entry, plan, put
from venterom.queue import booking, desk, ledger
from venterom.queue.errors import (
    AlreadyWaiting,
    NotAPromise,
    OfferChanged,
    UnknownOffer,
    VisitOver,
)
from venterom.queue.floor import GRACE, Kind
from venterom.queue.forecast import MODEL
from venterom.queue.hours import Hours
from venterom.queue.promise import Decision, Offer, situation, snapshot
from venterom.queue.states import State
from venterom.queue.tables import EntryRow, PromiseRow

pytestmark = pytest.mark.adapter
HOURS = Hours.STANDARD
STALE = after(0.26)  # 15.6 seconds


async def quote(
    db: AsyncSession, visit: str, now: datetime = NOON, patient: str | None = None
) -> Offer:
    patient = patient or f"patient of {visit}"
    return await desk.quote(db, now, visit=visit, patient=patient, hours=HOURS)


async def lines(db: AsyncSession) -> int:
    return await db.scalar(select(func.count()).select_from(PromiseRow)) or 0


async def test_an_offer_is_in_the_ledger_with_its_grounds(db: AsyncSession) -> None:
    await at_work(db, "d1")
    offer = await quote(db, "v1")
    assert (offer.decision, offer.deadline) == (Decision.PROMISE20, after(20))
    row = await db.get_one(PromiseRow, offer.id)
    assert (row.visit, row.patient, row.quoted_at) == ("v1", "patient of v1", NOON)
    assert (row.decision, row.deadline, row.p_keep) == (Decision.PROMISE20, after(20), offer.p_keep)
    assert (row.p_min_others, row.model) == (1.0, f"{MODEL}.0")
    assert row.seed % 2**64 == snapshot(situation(await desk.floor(db, NOON), HOURS, NOON)).seed()
    assert row.inputs_sha256 == sha256(row.state_json.encode()).hexdigest()
    assert len(json.loads(row.state_json)["doctors"]) == 1


async def test_with_nobody_at_work_nothing_is_promised(db: AsyncSession) -> None:
    offer = await quote(db, "v1")
    assert (offer.decision, offer.deadline, offer.slots) == (Decision.DECLINED, None, ())
    assert await lines(db) == 1  # those who were declined are counted too


async def test_where_no_promise_can_be_kept_slots_are_offered(db: AsyncSession) -> None:
    await plan(db, "d1", after(60), after(120))
    offer = await quote(db, "v1")
    assert offer.decision is Decision.SLOT
    assert offer.slots == (after(60), after(75), after(90))


async def test_asking_again_within_seconds_gives_the_stored_offer(db: AsyncSession) -> None:
    await at_work(db, "d1")
    offer = await quote(db, "v1")
    assert await quote(db, "v1", after(0.25)) == offer
    assert await lines(db) == 1


async def test_asking_later_in_the_same_state_gives_the_same_answer(db: AsyncSession) -> None:
    await at_work(db, "d1")
    first, second = await quote(db, "v1"), await quote(db, "v1", STALE)
    assert first.id != second.id
    assert (first.decision, first.p_keep) == (second.decision, second.p_keep)


async def test_who_has_a_place_is_given_the_promise_that_goes_with_it(db: AsyncSession) -> None:
    await at_work(db, "d1")
    joined = await arrive(db, "v1")
    await at_work(db, "d2", "d3")
    for minute in (0.1, 1, 30):
        again = await quote(db, "v1", after(minute))
        assert again.deadline == joined.deadline
    other_visit = await quote(db, "v2", after(1), patient="patient of v1")
    assert (other_visit.visit, other_visit.deadline) == ("v1", joined.deadline)
    assert await lines(db) == 1


async def test_who_has_booked_is_given_the_booked_time(db: AsyncSession) -> None:
    await at_work(db, "d1")
    await booking.book(db, NOON, visit="v1", patient="p1", starts_at=after(60), hours=HOURS)
    again = await quote(db, "v1", after(1), patient="p1")
    assert (again.decision, again.slots) == (Decision.SLOT, (after(60),))
    assert again.deadline == after(60) + GRACE


async def test_a_fresh_offer_of_somebody_else_is_not_sold_twice(db: AsyncSession) -> None:
    await at_work(db, "d1")
    assert (await quote(db, "v1")).decision is Decision.PROMISE20
    assert (await quote(db, "v2", after(0.2))).decision is Decision.LATER


async def test_an_offer_that_nobody_took_is_free_again(db: AsyncSession) -> None:
    await at_work(db, "d1")
    await quote(db, "v1")
    assert (await quote(db, "v2", STALE)).decision is Decision.PROMISE20


async def test_an_accepted_offer_counts_once(db: AsyncSession) -> None:
    await at_work(db, "d1")
    await arrive(db, "v1")
    second = await quote(db, "v2", after(0.1))
    promises = json.loads((await db.get_one(PromiseRow, second.id)).state_json)["promises"]
    assert len(promises) == 1


async def test_to_accept_is_to_wait_with_that_deadline(db: AsyncSession) -> None:
    await at_work(db, "d1")
    joined = await arrive(db, "v1")
    assert (joined.kind, joined.deadline, joined.fresh) == (Kind.DROPIN, after(20), True)
    stored = await desk.entry(db, "v1")
    assert stored is not None
    assert (stored.state, stored.deadline, stored.release_at) == (State.WAITING, after(20), NOON)


async def test_a_later_promise_is_another_kind(db: AsyncSession) -> None:
    await at_work(db, "d1")
    await arrive(db, "v1")
    joined = await arrive(db, "v2")
    assert (joined.kind, joined.deadline) == (Kind.LATER, after(40))


async def test_accepting_twice_gives_one_place_and_one_deadline(db: AsyncSession) -> None:
    await at_work(db, "d1")
    offer = await quote(db, "v1")
    for minute, fresh in ((0.1, True), (0.2, False), (10, False)):
        joined = await desk.join(
            db,
            after(minute),
            visit="v1",
            patient="patient of v1",
            offer_id=offer.id,
            hours=HOURS,
        )
        assert (joined.deadline, joined.fresh) == (after(20), fresh)
    assert await db.scalar(select(func.count()).select_from(EntryRow)) == 1


async def test_a_stale_offer_is_honoured_if_it_can_still_be_kept(db: AsyncSession) -> None:
    await at_work(db, "d1")
    offer = await quote(db, "v1")
    joined = await desk.join(
        db, after(3), visit="v1", patient="patient of v1", offer_id=offer.id, hours=HOURS
    )
    assert joined.deadline == after(20)


async def test_a_stale_offer_that_cannot_be_kept_is_replaced_and_stored(db: AsyncSession) -> None:
    await at_work(db, "d1")
    offer = await quote(db, "v1")
    await arrive(db, "faster", after(1))
    with pytest.raises(OfferChanged):
        await desk.join(
            db, after(2), visit="v1", patient="patient of v1", offer_id=offer.id, hours=HOURS
        )
    new = await desk.quote(db, after(2), visit="v1", patient="patient of v1", hours=HOURS)
    assert (new.decision, new.deadline) == (Decision.LATER, after(42))
    assert await desk.entry(db, "v1") is None
    joined = await desk.join(
        db, after(2.1), visit="v1", patient="patient of v1", offer_id=new.id, hours=HOURS
    )
    assert joined.deadline == after(42)


@pytest.mark.parametrize(
    ("visit", "patient"),
    [
        ("v2", "patient of v1"),  # another visit's offer
        ("v1", "somebody else"),  # another patient's
    ],
)
async def test_an_offer_holds_for_one_visit_of_one_patient(
    db: AsyncSession, visit: str, patient: str
) -> None:
    await at_work(db, "d1")
    offer = await quote(db, "v1")
    with pytest.raises(UnknownOffer):
        await desk.join(db, NOON, visit=visit, patient=patient, offer_id=offer.id, hours=HOURS)


async def test_an_offer_without_a_time_cannot_be_accepted(db: AsyncSession) -> None:
    offer = await quote(db, "v1")
    with pytest.raises(NotAPromise):
        await desk.join(
            db, NOON, visit="v1", patient="patient of v1", offer_id=offer.id, hours=HOURS
        )


async def test_a_patient_has_one_place_however_many_visits(db: AsyncSession) -> None:
    await at_work(db, "d1", "d2", "d3")
    first = await quote(db, "v1", patient="p")
    second = await quote(db, "v2", patient="p")
    await desk.join(db, NOON, visit="v1", patient="p", offer_id=first.id, hours=HOURS)
    with pytest.raises(AlreadyWaiting):
        await desk.join(db, NOON, visit="v2", patient="p", offer_id=second.id, hours=HOURS)


async def test_a_visit_that_is_over_is_not_begun_again(db: AsyncSession) -> None:
    await at_work(db, "d1")
    offer = await quote(db, "v1")
    await arrive(db, "v1")
    await desk.leave(db, after(1), visit="v1")
    with pytest.raises(VisitOver):
        await quote(db, "v1", after(2))
    with pytest.raises(VisitOver):
        await desk.join(
            db, after(2), visit="v1", patient="patient of v1", offer_id=offer.id, hours=HOURS
        )


async def test_cancelling_and_coming_back_gains_nothing(db: AsyncSession) -> None:
    """The place behind the others is kept by the clock: a new deadline is a later one."""
    await at_work(db, "d1")
    await arrive(db, "v1")
    later = await arrive(db, "v2")
    await desk.leave(db, after(1), visit="v2")
    again = await quote(db, "v3", after(1), patient="patient of v2")
    assert again.deadline is not None
    assert again.deadline > later.deadline


async def test_the_floor_counts_how_the_promises_of_today_went(db: AsyncSession) -> None:
    yesterday = NOON - timedelta(days=1)
    old = entry("old", 60, created_at=yesterday, release_at=yesterday, state=State.WAITING)
    await put(db, entry("kept"), entry("broken", 1), old)
    await at_work(db, "d1")
    for visit in ("broken", "kept"):
        await desk.claim(db, after(5), practitioner="d1")
        await desk.doctor_joined(db, after(5), visit=visit, practitioner="d1")
        await desk.connect(db, after(5), visit=visit)
        await desk.hang_up(db, after(6), visit=visit, practitioner="d1")
    seen = await desk.floor(db, after(10))
    assert (seen.kept, seen.broken) == (1, 1)
    assert sorted(e.visit for e in seen.entries) == ["broken", "kept", "old"]
    assert [s.practitioner for s in seen.shifts] == ["d1"]
    tomorrow = await desk.floor(db, NOON + timedelta(days=1))
    assert (tomorrow.kept, tomorrow.broken) == (0, 0)


async def test_those_who_ask_at_once_are_not_sold_the_same_minute(
    session_factory: async_sessionmaker[AsyncSession],
) -> None:
    """One idle doctor, eight patients in the same instant: one promise of 20 minutes."""
    async with session_factory.begin() as db:
        await at_work(db, "d1")
        await ledger.admit(db)  # the lock has been taken before, so its row is there

    async def ask(visit: str) -> Offer:
        async with session_factory.begin() as db:
            return await quote(db, visit)

    offers = await asyncio.gather(*(ask(f"v{n}") for n in range(8)))
    assert [o.decision for o in offers].count(Decision.PROMISE20) == 1
    deadlines = [o.deadline for o in offers if o.deadline is not None]
    assert len(set(deadlines)) > 1


async def test_a_retried_join_in_parallel_makes_one_place(
    session_factory: async_sessionmaker[AsyncSession],
) -> None:
    async with session_factory.begin() as db:
        await at_work(db, "d1")
        offer = await quote(db, "v1")

    async def accept() -> tuple[datetime, bool]:
        async with session_factory.begin() as db:
            joined = await desk.join(
                db, NOON, visit="v1", patient="patient of v1", offer_id=offer.id, hours=HOURS
            )
            return joined.deadline, joined.fresh

    answers = await asyncio.gather(*(accept() for _ in range(20)))
    assert {deadline for deadline, _ in answers} == {after(20)}
    assert [fresh for _, fresh in answers].count(True) == 1
