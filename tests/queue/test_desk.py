"""A doctor takes the next patient, they meet or do not, and the promise is settled."""

import pytest
from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from tests.queue.make import NOON, after, arrive, at_work, booked, entry, put
from venterom.queue import desk
from venterom.queue.errors import (
    AlreadyInCall,
    HeldForSlot,
    NobodyWaiting,
    NotOnShift,
    NotYours,
    UnknownVisit,
    WrongState,
)
from venterom.queue.events import Claimed, DoctorJoined, Finished, HungUp, Left, PromiseBroken
from venterom.queue.floor import Entry, Shift
from venterom.queue.order import ready
from venterom.queue.promise import Outcome
from venterom.queue.states import Phase, State
from venterom.queue.tables import OutcomeRow, SeatRow

pytestmark = pytest.mark.adapter


async def the_entry(db: AsyncSession, visit: str = "v1") -> Entry:
    found = await desk.entry(db, visit)
    assert found is not None
    return found


async def the_shift(db: AsyncSession, practitioner: str = "d1", minute: float = 0) -> Shift:
    shifts = (await desk.floor(db, after(minute))).shifts
    return next(shift for shift in shifts if shift.practitioner == practitioner)


async def outcome_of(db: AsyncSession, visit: str = "v1") -> tuple[Outcome, str] | None:
    promise = (await the_entry(db, visit)).promise
    found = select(OutcomeRow.outcome, OutcomeRow.cause).where(OutcomeRow.promise == promise)
    row = (await db.execute(found)).first()
    return None if row is None else (row.outcome, row.cause)


async def in_call(db: AsyncSession, visit: str = "v1", minute: float = 5) -> None:
    """Bring one waiting patient and doctor d1 into a call."""
    await put(db, entry(visit))
    await at_work(db, "d1")
    await desk.claim(db, after(minute), practitioner="d1")
    await desk.connect(db, after(minute), visit=visit)


async def test_a_visit_from_the_waiting_room_to_the_signed_note(db: AsyncSession) -> None:
    await at_work(db, "d1")
    await arrive(db, "v1")
    claimed = await desk.claim(db, after(5), practitioner="d1")
    assert claimed == Claimed("v1", "d1", 1, after(20))
    assert (await the_shift(db)).phase is Phase.RINGING
    met = await desk.doctor_joined(db, after(6), visit="v1", practitioner="d1")
    assert met == DoctorJoined("v1", "d1", after(6), kept=True)
    connected = await desk.connect(db, after(6.1), visit="v1")
    assert connected is not None
    assert (await the_entry(db)).connected_at == after(6.1)
    assert (await the_shift(db)).phase is Phase.CONSULT
    over = await desk.hang_up(db, after(15), visit="v1", practitioner="d1")
    assert over == HungUp("v1", "d1", after(15))
    assert (await the_entry(db)).state is State.WRAP
    assert (await the_shift(db)).phase is Phase.WRAP
    signed = await desk.finish(db, after(18), visit="v1", practitioner="d1")
    assert signed == Finished("v1", "d1", after(18))
    assert (await the_entry(db)).state is State.DONE
    assert await outcome_of(db) == (Outcome.KEPT, "")
    idle = await the_shift(db)
    assert (idle.phase, idle.phase_since, idle.visit) == (Phase.IDLE, after(18), None)


async def test_the_server_gives_the_next_in_the_order_of_the_rule(db: AsyncSession) -> None:
    """The same order in SQL as in `order.rank`."""
    line = [
        entry("equal b", 30),
        entry("equal a", 30),
        entry("earlier", 30, created_at=after(-1)),
        entry("soon", 8),
        entry("urgent", 60, triage=1),
        entry("overdue", -3),
        entry("retry later", 1, release_at=after(50)),
        booked("slot", 5),
        booked("slot to come", 45),
        entry("in a call", 0, state=State.IN_CALL, claimed_by="x", lease_until=after(60)),
    ]
    await put(db, *line)
    names = [f"d{n}" for n in range(len(line))]
    await at_work(db, *names)
    expected = [one.visit for one in ready(line, after(10))]
    taken = [(await desk.claim(db, after(10), practitioner=d)).visit for d in names[:7]]
    assert taken == expected
    with pytest.raises(NobodyWaiting):
        await desk.claim(db, after(10), practitioner=names[7])


async def test_a_booked_patient_is_called_from_the_slot_on_and_not_before(
    db: AsyncSession,
) -> None:
    await put(db, booked("v1", 30))
    await at_work(db, "d1")
    with pytest.raises(NobodyWaiting):
        await desk.claim(db, after(29.99), practitioner="d1")
    assert (await desk.claim(db, after(30), practitioner="d1")).deadline == after(33)


async def test_only_a_doctor_on_shift_takes_a_patient(db: AsyncSession) -> None:
    await put(db, entry("v1"))
    with pytest.raises(NotOnShift):
        await desk.claim(db, NOON, practitioner="d1")


async def test_a_doctor_has_one_patient_at_a_time(db: AsyncSession) -> None:
    await put(db, entry("v1"), entry("v2"))
    await at_work(db, "d1")
    await desk.claim(db, NOON, practitioner="d1")
    with pytest.raises(AlreadyInCall):
        await desk.claim(db, NOON, practitioner="d1")
    await desk.connect(db, NOON, visit="v1")
    with pytest.raises(AlreadyInCall):
        await desk.claim(db, NOON, practitioner="d1")
    assert (await the_entry(db, "v2")).state is State.WAITING


async def test_the_next_may_be_taken_before_the_note_is_signed(db: AsyncSession) -> None:
    await in_call(db)
    await put(db, entry("v2"))
    await desk.hang_up(db, after(10), visit="v1", practitioner="d1")
    assert (await desk.claim(db, after(11), practitioner="d1")).visit == "v2"
    unsigned = await the_entry(db)
    assert (unsigned.state, unsigned.claimed_by) == (State.WRAP, "d1")
    await desk.finish(db, after(12), visit="v1", practitioner="d1")
    busy = await the_shift(db)
    assert (busy.phase, busy.visit) == (Phase.RINGING, "v2")


@pytest.mark.parametrize(
    ("minute", "kept", "outcome"),
    [
        (20, True, (Outcome.KEPT, "")),  # the last moment
        (20.01, False, (Outcome.BROKEN, "long_calls")),
    ],
)
async def test_the_promise_is_kept_when_the_doctor_is_there_in_time(
    db: AsyncSession, minute: float, kept: bool, outcome: tuple[Outcome, str]
) -> None:
    await put(db, entry("v1"))
    await at_work(db, "d1")
    await desk.claim(db, after(19), practitioner="d1")
    assert await outcome_of(db) is None  # taking the patient is not yet being there
    met = await desk.doctor_joined(db, after(minute), visit="v1", practitioner="d1")
    assert met is not None
    assert met.kept is kept
    assert await outcome_of(db) == outcome
    assert await desk.doctor_joined(db, after(25), visit="v1", practitioner="d1") is None
    assert (await the_entry(db)).doctor_joined_at == after(minute)


async def test_a_call_that_is_up_means_that_the_doctor_is_there(db: AsyncSession) -> None:
    await in_call(db, minute=5)
    assert (await the_entry(db)).doctor_joined_at == after(5)
    assert await outcome_of(db) == (Outcome.KEPT, "")
    assert await desk.connect(db, after(6), visit="v1") is None
    assert (await the_entry(db)).connected_at == after(5)


async def test_a_call_is_not_up_before_a_doctor_has_taken_the_patient(db: AsyncSession) -> None:
    await put(db, entry("v1"))
    assert await desk.connect(db, NOON, visit="v1") is None
    assert (await the_entry(db)).state is State.WAITING


async def test_another_doctor_has_no_say(db: AsyncSession) -> None:
    await in_call(db)
    await at_work(db, "d2")
    for step in (desk.doctor_joined, desk.hang_up, desk.finish, desk.no_answer):
        with pytest.raises(NotYours):
            await step(db, after(6), visit="v1", practitioner="d2")
    assert (await the_entry(db)).state is State.IN_CALL


async def test_what_does_not_exist_is_said_to_be_unknown(db: AsyncSession) -> None:
    assert await desk.entry(db, "nowhere") is None
    with pytest.raises(UnknownVisit):
        await desk.leave(db, NOON, visit="nowhere")
    with pytest.raises(UnknownVisit):
        await desk.connect(db, NOON, visit="nowhere")
    with pytest.raises(UnknownVisit):
        await desk.finish(db, NOON, visit="nowhere", practitioner="d1")


async def test_hanging_up_and_signing_twice_is_doing_it_once(db: AsyncSession) -> None:
    await in_call(db)
    await desk.hang_up(db, after(10), visit="v1", practitioner="d1")
    again = await desk.hang_up(db, after(11), visit="v1", practitioner="d1")
    assert (again.at, again.fresh) == (after(10), False)
    await desk.finish(db, after(12), visit="v1", practitioner="d1")
    assert not (await desk.finish(db, after(13), visit="v1", practitioner="d1")).fresh
    assert not (await desk.hang_up(db, after(14), visit="v1", practitioner="d1")).fresh
    assert (await the_entry(db)).state is State.DONE


async def test_a_note_is_not_signed_while_the_call_lasts(db: AsyncSession) -> None:
    await in_call(db)
    with pytest.raises(WrongState):
        await desk.finish(db, after(6), visit="v1", practitioner="d1")
    with pytest.raises(WrongState):
        await desk.no_answer(db, after(6), visit="v1", practitioner="d1")


async def test_who_does_not_answer_is_tried_again_after_two_and_five_minutes(
    db: AsyncSession,
) -> None:
    await put(db, entry("v1"))
    await at_work(db, "d1")
    for minute, again in ((0, 2), (2, 7)):
        await desk.claim(db, after(minute), practitioner="d1")
        missed = await desk.no_answer(db, after(minute), visit="v1", practitioner="d1")
        assert missed.again_at == after(again)
        assert (await the_shift(db)).phase is Phase.IDLE
        with pytest.raises(NobodyWaiting):
            await desk.claim(db, after(again - 0.01), practitioner="d1")
    waiting = await the_entry(db)
    assert (waiting.state, waiting.deadline, waiting.attempts) == (State.WAITING, after(20), 2)
    await desk.claim(db, after(7), practitioner="d1")
    given_up = await desk.no_answer(db, after(8), visit="v1", practitioner="d1")
    assert (given_up.attempts, given_up.again_at) == (3, None)
    assert (await the_entry(db)).state is State.NO_ANSWER
    assert (await the_shift(db)).phase is Phase.IDLE
    assert await outcome_of(db) == (Outcome.KEPT, "")  # the doctor was there in time


async def test_leaving_in_time_withdraws_the_promise(db: AsyncSession) -> None:
    await put(db, entry("v1"))
    assert await desk.leave(db, after(5), visit="v1") == Left("v1", after(5))
    again = await desk.leave(db, after(6), visit="v1")
    assert again == Left("v1", after(5), fresh=False)
    assert await outcome_of(db) == (Outcome.WITHDRAWN, "")
    assert await desk.settle(db, after(60)) == []


async def test_leaving_late_does_not_unbreak_the_promise(db: AsyncSession) -> None:
    await put(db, entry("v1"))
    await desk.leave(db, after(21), visit="v1")
    assert await outcome_of(db) == (Outcome.BROKEN, "long_calls")


async def test_leaving_while_a_doctor_is_on_the_way_frees_the_doctor(db: AsyncSession) -> None:
    await put(db, entry("v1"))
    await at_work(db, "d1")
    await desk.claim(db, after(1), practitioner="d1")
    await desk.leave(db, after(2), visit="v1")
    assert (await the_shift(db)).phase is Phase.IDLE
    with pytest.raises(WrongState):
        await desk.hang_up(db, after(3), visit="v1", practitioner="d1")


async def test_leaving_when_the_doctor_was_there_leaves_the_promise_kept(db: AsyncSession) -> None:
    await put(db, entry("v1"))
    await at_work(db, "d1")
    await desk.claim(db, after(1), practitioner="d1")
    await desk.doctor_joined(db, after(1), visit="v1", practitioner="d1")
    await desk.leave(db, after(2), visit="v1")
    assert await outcome_of(db) == (Outcome.KEPT, "")


async def test_a_call_is_not_left_by_cancelling(db: AsyncSession) -> None:
    await in_call(db)
    with pytest.raises(WrongState):
        await desk.leave(db, after(6), visit="v1")


async def test_a_promise_that_was_not_kept_is_written_down_once(db: AsyncSession) -> None:
    await put(db, entry("late", 20), entry("in time", 30), entry("ringing", 10))
    await at_work(db, "d1", "d2")
    await desk.claim(db, after(9), practitioner="d1")
    assert await desk.settle(db, after(10)) == []  # the last moment of the first
    assert await desk.settle(db, after(20.01)) == [
        PromiseBroken("late", after(20)),
        PromiseBroken("ringing", after(10)),
    ]
    assert await desk.settle(db, after(21)) == []
    assert await outcome_of(db, "late") == (Outcome.BROKEN, "long_calls")
    assert await outcome_of(db, "ringing") == (Outcome.BROKEN, "long_calls")
    assert await outcome_of(db, "in time") is None


async def test_a_broken_promise_stays_broken_and_the_patient_is_still_served(
    db: AsyncSession,
) -> None:
    await put(db, entry("v1"))
    await at_work(db, "d1")
    await desk.settle(db, after(21))
    assert (await desk.claim(db, after(22), practitioner="d1")).visit == "v1"
    met = await desk.doctor_joined(db, after(22), visit="v1", practitioner="d1")
    assert met is not None
    assert not met.kept
    assert await outcome_of(db) == (Outcome.BROKEN, "long_calls")


async def test_one_whom_a_doctor_has_met_is_not_settled_as_broken(db: AsyncSession) -> None:
    await put(db, entry("v1", doctor_joined_at=after(5), returns=1))
    assert await desk.settle(db, after(60)) == []


async def test_a_doctor_is_kept_for_a_booked_time_that_is_near(db: AsyncSession) -> None:
    await at_work(db, "d1")
    await put(db, entry("v1"), booked("v2", 15))
    await db.execute(insert(SeatRow).values(visit="v2", starts_at=after(15), seat=0))
    with pytest.raises(HeldForSlot):
        await desk.claim(db, after(10), practitioner="d1")
    assert (await desk.claim(db, after(15), practitioner="d1")).visit == "v2"
