"""Doctors come, go, and are lost; their patients never are."""

from datetime import timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from tests.queue.make import NOON, after, at_work, entry, plan, put
from tests.queue.test_desk import the_entry, the_shift
from venterom.queue import desk, shifts
from venterom.queue.errors import (
    AlreadyInCall,
    LeaseLost,
    NotOnShift,
    NotYours,
    ShiftEndsTooEarly,
    ShiftEndsTooLate,
)
from venterom.queue.events import DoctorLost, DoctorReturned, Returned
from venterom.queue.hours import Hours
from venterom.queue.promise import Decision
from venterom.queue.states import Phase, State

pytestmark = pytest.mark.adapter
SILENT = after(0.51)  # 30.6 seconds


async def test_a_shift_begins_idle_and_ends_once(db: AsyncSession) -> None:
    began = await desk.go_on_shift(db, NOON, practitioner="d1", off_at=after(240))
    assert (began.off_at, began.fresh) == (after(240), True)
    shift = await the_shift(db)
    assert (shift.phase, shift.on_at, shift.last_start) == (Phase.IDLE, NOON, after(230))
    assert (await desk.go_off_shift(db, after(1), practitioner="d1")).fresh
    assert not (await desk.go_off_shift(db, after(1), practitioner="d1")).fresh
    assert (await desk.floor(db, after(1))).shifts == ()


async def test_going_on_shift_again_only_moves_the_end(db: AsyncSession) -> None:
    await desk.go_on_shift(db, NOON, practitioner="d1", off_at=after(240))
    again = await desk.go_on_shift(db, after(5), practitioner="d1", off_at=after(300))
    assert not again.fresh
    shift = await the_shift(db)
    assert (shift.on_at, shift.off_at) == (NOON, after(300))


async def test_a_second_shift_can_be_worked_on_the_same_day(db: AsyncSession) -> None:
    await desk.go_on_shift(db, NOON, practitioner="d1", off_at=after(60))
    await desk.go_off_shift(db, after(60), practitioner="d1")
    assert (await desk.go_on_shift(db, after(90), practitioner="d1", off_at=after(120))).fresh


async def test_a_shift_ends_later_than_it_begins(db: AsyncSession) -> None:
    with pytest.raises(ShiftEndsTooEarly):
        await desk.go_on_shift(db, NOON, practitioner="d1", off_at=NOON)


async def test_a_shift_lasts_twelve_hours_at_most(db: AsyncSession) -> None:
    # and half an hour, between the page that offers its end and the click
    await desk.go_on_shift(db, NOON, practitioner="d1", off_at=after(750))
    with pytest.raises(ShiftEndsTooLate):
        await desk.go_on_shift(db, NOON, practitioner="d1", off_at=after(751))
    with pytest.raises(ShiftEndsTooLate):
        await desk.go_on_shift(db, NOON, practitioner="d2", off_at=after(751))


async def test_nobody_goes_home_with_a_patient_at_hand(db: AsyncSession) -> None:
    await put(db, entry("v1"))
    await at_work(db, "d1")
    await desk.claim(db, NOON, practitioner="d1")
    with pytest.raises(AlreadyInCall):
        await desk.go_off_shift(db, NOON, practitioner="d1")
    await desk.connect(db, NOON, visit="v1")
    with pytest.raises(AlreadyInCall):
        await desk.go_off_shift(db, NOON, practitioner="d1")


async def test_an_unsigned_note_stays_the_doctors_after_the_shift(db: AsyncSession) -> None:
    await put(db, entry("v1"))
    await at_work(db, "d1")
    await desk.claim(db, NOON, practitioner="d1")
    await desk.connect(db, NOON, visit="v1")
    await desk.hang_up(db, after(5), visit="v1", practitioner="d1")
    await desk.go_off_shift(db, after(6), practitioner="d1")
    assert (await the_entry(db)).claimed_by == "d1"
    await desk.finish(db, after(60), visit="v1", practitioner="d1")
    assert (await the_entry(db)).state is State.DONE


@pytest.mark.parametrize("in_call", [False, True])
async def test_a_lost_doctors_patient_is_back_with_place_and_deadline(
    db: AsyncSession, in_call: bool
) -> None:
    await put(db, entry("v1", 12), entry("v2", 15))
    await at_work(db, "d1")
    await desk.claim(db, NOON, practitioner="d1")
    if in_call:
        await desk.connect(db, NOON, visit="v1")
    assert await desk.reap(db, after(0.5)) == []  # 30 seconds exactly: not yet
    assert await desk.reap(db, SILENT) == [Returned("v1", "d1", after(12)), DoctorLost("d1")]
    back = await the_entry(db)
    assert (back.state, back.deadline, back.returns) == (State.WAITING, after(12), 1)
    assert (back.claimed_by, back.lease_until, back.created_at) == (None, None, NOON)
    lost = await the_shift(db)
    assert (lost.phase, lost.visit) == (Phase.LOST, None)
    assert await desk.reap(db, after(5)) == []
    await at_work(db, "d2")
    assert (await desk.claim(db, after(5), practitioner="d2")).visit == "v1"


async def test_a_lost_doctor_is_out_of_the_prediction_at_once(db: AsyncSession) -> None:
    await at_work(db, "d1")
    await desk.reap(db, SILENT)
    offer = await desk.quote(db, SILENT, visit="v1", patient="p", hours=Hours.STANDARD)
    assert offer.deadline is None


async def test_a_heartbeat_keeps_doctor_and_patient(db: AsyncSession) -> None:
    await put(db, entry("v1"))
    await at_work(db, "d1")
    await desk.claim(db, NOON, practitioner="d1")
    for seconds in range(10, 200, 10):
        now = NOON + timedelta(seconds=seconds)
        assert await desk.heartbeat(db, now, practitioner="d1") is None
        assert await desk.reap(db, now) == []
    assert (await the_entry(db)).state is State.CLAIMED


async def test_a_heartbeat_brings_a_lost_doctor_back(db: AsyncSession) -> None:
    await at_work(db, "d1")
    await desk.reap(db, SILENT)
    came = await desk.heartbeat(db, after(1), practitioner="d1")
    assert came == DoctorReturned("d1")
    assert (await the_shift(db)).phase is Phase.IDLE
    assert await desk.heartbeat(db, after(1.1), practitioner="d1") is None


async def test_a_lost_doctor_who_takes_a_patient_or_begins_again_is_back(db: AsyncSession) -> None:
    await put(db, entry("v1"))
    await at_work(db, "d1", "d2")
    await desk.reap(db, SILENT)
    await desk.claim(db, after(1), practitioner="d1")
    await desk.go_on_shift(db, after(1), practitioner="d2", off_at=after(300))
    assert await desk.reap(db, after(1.4)) == []
    assert (await the_shift(db, "d1")).phase is Phase.RINGING
    assert (await the_shift(db, "d2")).phase is Phase.IDLE


async def test_a_lost_doctor_may_go_home(db: AsyncSession) -> None:
    await at_work(db, "d1")
    await desk.reap(db, SILENT)
    assert (await desk.go_off_shift(db, after(1), practitioner="d1")).fresh


async def test_only_who_is_on_shift_has_a_heartbeat(db: AsyncSession) -> None:
    with pytest.raises(NotOnShift):
        await desk.heartbeat(db, NOON, practitioner="d1")


async def test_a_late_heartbeat_does_not_take_the_patient_back(db: AsyncSession) -> None:
    """The lease is fenced: by the doctor, and by a token that grows with every claim."""
    await put(db, entry("v1"))
    await at_work(db, "d1", "d2")
    old = await desk.claim(db, NOON, practitioner="d1")
    await desk.heartbeat(db, NOON, practitioner="d1", visit="v1", lease_token=old.lease_token)
    await desk.reap(db, SILENT)
    with pytest.raises(LeaseLost):
        await desk.heartbeat(db, after(1), practitioner="d1", visit="v1")
    new = await desk.claim(db, after(1), practitioner="d1")
    assert new.lease_token == old.lease_token + 1
    with pytest.raises(LeaseLost):  # the old page of the same doctor
        await desk.heartbeat(
            db, after(1), practitioner="d1", visit="v1", lease_token=old.lease_token
        )
    with pytest.raises(LeaseLost):
        await desk.heartbeat(db, after(1), practitioner="d1", visit="nowhere")
    await desk.reap(db, after(2))
    await desk.heartbeat(db, after(2), practitioner="d2")
    await desk.claim(db, after(2), practitioner="d2")
    with pytest.raises(NotYours):
        await desk.hang_up(db, after(2), visit="v1", practitioner="d1")


async def test_a_lost_doctor_keeps_the_unsigned_note(db: AsyncSession) -> None:
    await put(db, entry("v1"))
    await at_work(db, "d1")
    await desk.claim(db, NOON, practitioner="d1")
    await desk.connect(db, NOON, visit="v1")
    await desk.hang_up(db, after(0.1), visit="v1", practitioner="d1")
    assert await desk.reap(db, after(1)) == [DoctorLost("d1")]
    kept = await the_entry(db)
    assert (kept.state, kept.claimed_by) == (State.WRAP, "d1")
    await desk.finish(db, after(2), visit="v1", practitioner="d1")


async def test_nobody_loses_a_call_because_the_server_was_away(db: AsyncSession) -> None:
    await put(db, entry("v1"))
    await at_work(db, "d1", "gone")
    await desk.heartbeat(db, after(0.4), practitioner="d1")
    await desk.reap(db, SILENT)
    await desk.claim(db, SILENT, practitioner="d1")
    restarted = after(30)
    await desk.renew_leases(db, restarted)
    assert await desk.reap(db, restarted + shifts.LEASE) == []
    assert (await the_entry(db)).state is State.CLAIMED
    assert (await the_shift(db, "gone")).phase is Phase.LOST
    assert len(await desk.reap(db, restarted + shifts.LEASE * 2)) == 2


@pytest.mark.parametrize(
    ("seconds", "unheard"),
    [(0, False), (5, False), (20, False), (21, True), (7200, True), (-1, True), (-7200, True)],
)
def test_where_time_has_jumped_nobody_could_be_heard(seconds: float, unheard: bool) -> None:
    assert shifts.nobody_was_heard(NOON, NOON + timedelta(seconds=seconds)) is unheard


async def test_the_promise_counts_only_those_who_are_there(db: AsyncSession) -> None:
    await plan(db, "d2", after(-60), after(600))
    offer = await desk.quote(db, NOON, visit="v1", patient="p", hours=Hours.STANDARD)
    assert offer.decision is Decision.SLOT
