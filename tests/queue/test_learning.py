"""What was learned is a version of its own, once a day, and counts from then on."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from tests.queue.make import NOON, after, arrive, at_work, entry, put
from venterom.queue import desk, learning, ledger
from venterom.queue.floor import FLOOR
from venterom.queue.forecast import MODEL
from venterom.queue.hours import Hours
from venterom.queue.learn import FEWEST, HELPED, floor_after
from venterom.queue.learning import Certainty
from venterom.queue.monitor import Cause
from venterom.queue.promise import Outcome
from venterom.queue.service import FIRST
from venterom.queue.states import State
from venterom.queue.tables import CertaintyRow, PromiseRow, ServiceRow

pytestmark = pytest.mark.adapter
DAY = 24 * 60


async def ended(db: AsyncSession, *outcomes: tuple[Outcome, str]) -> None:
    for n, (outcome, cause) in enumerate(outcomes):
        await put(db, entry(f"v{n}"))
        await ledger.record(db, f"promise of v{n}", outcome, after(20), cause)


async def test_before_anything_is_learned_a_promise_has_to_be_very_likely(
    db: AsyncSession,
) -> None:
    assert await learning.certainty(db) == Certainty(FLOOR, FLOOR)
    assert (await desk.floor(db, NOON)).certainty == FLOOR


async def test_a_day_is_learned_from_once(db: AsyncSession) -> None:
    await ended(db, *[(Outcome.KEPT, "")] * 9, (Outcome.BROKEN, Cause.LONG_CALLS))
    [learned] = await learning.learn(db, NOON, after(DAY))
    assert (learned.before, learned.after) == (FLOOR, floor_after(FLOOR, 9, 1))
    assert not learned.leans
    assert not await learning.learn(db, NOON, after(DAY))
    assert await learning.certainty(db) == Certainty(learned.after, FLOOR)
    assert (await desk.floor(db, NOON)).certainty == learned.after
    [row] = await db.scalars(select(CertaintyRow))
    assert (row.kept, row.missed, row.until) == (9, 1, after(DAY))


async def test_what_was_kept_by_a_rescue_is_missed(db: AsyncSession) -> None:
    await ended(db, (Outcome.KEPT, ""), (Outcome.KEPT, Cause.DOCTOR_LOST))
    await learning.learn(db, NOON, after(DAY))
    [row] = await db.scalars(select(CertaintyRow))
    assert (row.kept, row.missed) == (1, 1)


async def test_a_day_is_learned_from_when_its_last_promise_has_ended(db: AsyncSession) -> None:
    await ended(db, (Outcome.KEPT, ""))
    await put(db, entry("late"))
    assert not await learning.learn(db, NOON, after(DAY))
    await ledger.record(db, "promise of late", Outcome.BROKEN, after(DAY + 5), Cause.LONG_CALLS)
    assert await learning.learn(db, NOON, after(DAY))
    [row] = await db.scalars(select(CertaintyRow))
    assert (row.kept, row.missed) == (1, 1)


async def test_who_left_teaches_nothing(db: AsyncSession) -> None:
    await ended(db, (Outcome.WITHDRAWN, ""))
    assert not await learning.learn(db, NOON, after(DAY))
    assert await learning.certainty(db) == Certainty()


async def test_promises_that_lean_on_a_doctor_on_call_are_learned_from_apart(
    db: AsyncSession,
) -> None:
    """They may be rescued more often; nobody who is refused alone pays for it."""
    await put(db, entry("alone"))
    await put(db, entry("leaning"), leans=True)
    for which in ("alone", "leaning"):
        await ledger.record(db, f"promise of {which}", Outcome.BROKEN, after(20), "long_calls")
    learned = await learning.learn(db, NOON, after(DAY))
    assert [(each.leans, each.after) for each in learned] == [
        (False, floor_after(FLOOR, 0, 1)),
        (True, floor_after(FLOOR, 0, 1, HELPED)),
    ]
    assert await learning.certainty(db) == Certainty(learned[0].after, learned[1].after)


async def consultations(
    db: AsyncSession, count: int, talk: float = 20, note: float = 8, day: int = 0
) -> None:
    """So many, one after the other, by one doctor each."""
    for n in range(count):
        begun = after(day * DAY + n)
        ended = begun + timedelta(minutes=talk)
        done = entry(
            f"day {day} {n}",
            state=State.DONE,
            claimed_by=f"d{n}",
            connected_at=begun,
            ended_at=ended,
            signed_at=ended + timedelta(minutes=note),
        )
        await put(db, done)


async def test_before_anything_is_learned_patients_take_as_long_as_the_code_says(
    db: AsyncSession,
) -> None:
    assert (await desk.floor(db, NOON)).service is FIRST
    known = await learning.in_force(db)
    assert (known.version, known.until, known.calls) == (0, None, 0)
    assert known.minutes == pytest.approx((12.9, 4.0), abs=0.1)


async def test_what_patients_took_is_learned_and_counts_from_then_on(db: AsyncSession) -> None:
    await consultations(db, 100)
    learned = await learning.learn_service(db, after(DAY + 10), after(DAY))
    assert learned is not None and learned.version == 1
    # A hundred cases among four hundred that were known before.
    assert learned.consultation == pytest.approx(12.9 + 0.2 * (20 - 12.9), abs=0.4)
    assert learned.wrap_up == pytest.approx(4 + 0.2 * (8 - 4), abs=0.3)
    floor = await desk.floor(db, after(DAY + 10))
    assert floor.service.version == 1
    assert floor.service is (await desk.floor(db, after(DAY + 11))).service  # made once
    [row] = await db.scalars(select(ServiceRow))
    assert (row.until, row.calls, row.notes) == (after(DAY), 100, 100)


async def test_it_is_learned_once_and_then_from_those_who_came_since(db: AsyncSession) -> None:
    await consultations(db, FEWEST)
    assert await learning.learn_service(db, after(DAY), after(DAY)) is not None
    assert await learning.learn_service(db, after(DAY + 60), after(DAY)) is None
    assert await learning.learn_service(db, after(2 * DAY), after(2 * DAY)) is None  # nobody came
    await consultations(db, FEWEST, talk=5, day=2)
    again = await learning.learn_service(db, after(3 * DAY), after(3 * DAY))
    assert again is not None and again.version == 2
    first, second = reversed(await learning.versions(db))
    assert second.minutes[0] < first.minutes[0]
    assert (await learning.in_force(db)).version == 2


async def test_too_few_are_learned_from_when_there_are_more(db: AsyncSession) -> None:
    await consultations(db, FEWEST - 1)
    assert await learning.learn_service(db, after(DAY), after(DAY)) is None
    await consultations(db, 1, day=1)
    learned = await learning.learn_service(db, after(2 * DAY), after(2 * DAY))
    assert learned is not None
    assert (await learning.in_force(db)).calls == FEWEST


async def test_a_call_that_nobody_hung_up_ruins_nothing(db: AsyncSession) -> None:
    await consultations(db, FEWEST, talk=13, note=4)
    forgotten = entry(
        "open",
        state=State.IN_CALL,
        claimed_by="d",
        lease_until=after(600),
        connected_at=after(-300),
    )
    await put(db, forgotten)
    learned = await learning.learn_service(db, after(DAY), after(DAY))
    assert learned is not None
    assert learned.consultation == pytest.approx(13, abs=0.3)


async def test_a_line_of_the_ledger_names_what_was_known(db: AsyncSession) -> None:
    await at_work(db, "d")
    await arrive(db, "first")
    await consultations(db, FEWEST)
    await learning.learn_service(db, after(DAY), after(DAY))
    await desk.quote(db, after(DAY), visit="second", patient="p", hours=Hours.STANDARD)
    found = select(PromiseRow.model).where(PromiseRow.visit.in_(["first", "second"]))
    assert list(await db.scalars(found.order_by(PromiseRow.quoted_at))) == [
        f"{MODEL}.0",
        f"{MODEL}.1",
    ]


@pytest.mark.parametrize("change", [update(ServiceRow).values(calls=0), delete(ServiceRow)])
async def test_what_was_learned_is_never_changed(db: AsyncSession, change: object) -> None:
    await consultations(db, FEWEST)
    await learning.learn_service(db, after(DAY), after(DAY))
    with pytest.raises(DBAPIError):
        await db.execute(change)  # type: ignore[call-overload]  # either of the two
