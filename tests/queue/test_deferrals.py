"""Notes that are put off: who is asked, who owes one, and when it is paid."""

from collections.abc import Sequence

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from tests.queue.make import NOON, after, arrive, at_work, shift
from venterom.queue import deferrals, desk
from venterom.queue.events import DeferralAsked
from venterom.queue.floor import Deferral, Floor, Shift
from venterom.queue.states import Phase

pytestmark = pytest.mark.adapter


def writes(name: str, since: float = -1, off: float = 300) -> Shift:
    return shift(name, off, phase=Phase.WRAP, phase_since=after(since), visit=f"note of {name}")


def put_off(name: str) -> Deferral:
    return Deferral(f"note of {name}", name, "p", NOON, NOON, None, None, None)


@pytest.mark.parametrize(
    ("shifts", "asked", "who"),
    [
        ([writes("d1")], [], "d1"),
        ([writes("d1"), writes("d2", since=-0.5)], [], "d2"),  # the newest note
        ([writes("d1"), writes("d2", since=-0.5)], ["d2"], "d1"),  # one a doctor at most
        ([writes("d1", since=-3.5)], [], "d1"),
        ([writes("d1", since=-3.6)], [], None),  # is finished first
        ([writes("d1"), shift("d2")], [], None),  # somebody is idle
        ([writes("d1"), shift("d2", phase=Phase.LOST)], [], "d1"),
        ([writes("d1", off=9)], [], None),  # takes nobody any more today
        ([shift("d1", phase=Phase.CONSULT)], [], None),
        ([], [], None),
    ],
)
def test_the_doctor_with_the_newest_note_is_asked(
    shifts: Sequence[Shift], asked: Sequence[str], who: str | None
) -> None:
    seen = Floor(tuple(shifts), deferrals=tuple(put_off(name) for name in asked))
    found = deferrals.whom_to_ask(seen, NOON)
    assert (found.practitioner if found else None) == who


async def at_the_note(db: AsyncSession) -> None:
    """A doctor who writes about v1, and v2 who waits."""
    await at_work(db, "d1")
    for visit in ("v1", "v2"):
        await arrive(db, visit)
    await desk.claim(db, after(1), practitioner="d1")
    await desk.connect(db, after(2), visit="v1")
    await desk.hang_up(db, after(15), visit="v1", practitioner="d1")


async def ask(db: AsyncSession) -> DeferralAsked | None:
    endangered = await desk.entry(db, "v2")
    assert endangered is not None
    return await deferrals.ask(db, after(16), await desk.floor(db, after(16)), endangered)


async def test_a_note_that_was_put_off_is_a_debt_until_it_is_signed(db: AsyncSession) -> None:
    await at_the_note(db)
    assert await ask(db) == DeferralAsked("v1", "d1")
    assert await ask(db) is None  # once
    [asked] = await deferrals.open_ones(db)
    assert asked.waits_for_answer and not asked.is_debt
    await desk.claim(db, after(17), practitioner="d1")
    [debt] = await deferrals.open_ones(db)
    assert debt.is_debt and not debt.waits_for_answer
    assert (debt.begun_at, debt.accepted_at) == (after(15), after(17))
    await desk.finish(db, after(40), visit="v1", practitioner="d1")
    assert await deferrals.open_ones(db) == ()


async def test_a_doctor_may_say_no(db: AsyncSession) -> None:
    await at_the_note(db)
    await ask(db)
    refuse = {"visit": "v1", "practitioner": "d1"}
    assert await deferrals.refuse(db, after(16), **refuse) is not None
    assert await deferrals.refuse(db, after(16), **refuse) is None
    assert await deferrals.open_ones(db) == ()
    assert await ask(db) is None  # and is not asked again about this note


async def test_another_doctors_answer_is_none(db: AsyncSession) -> None:
    await at_the_note(db)
    await ask(db)
    assert await deferrals.refuse(db, after(16), visit="v1", practitioner="d2") is None
    [asked] = await deferrals.open_ones(db)
    assert asked.waits_for_answer


async def test_who_takes_the_next_unasked_owes_nothing(db: AsyncSession) -> None:
    await at_the_note(db)
    await desk.claim(db, after(17), practitioner="d1")
    assert await deferrals.open_ones(db) == ()
