"""What the database itself forbids, tried past all of our own care."""

from dataclasses import asdict, fields
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError, StatementError
from sqlalchemy.ext.asyncio import AsyncSession

from tests.queue.make import NOON, after, booked, entry, planned, put, put_line, shift
from venterom.queue import ledger
from venterom.queue.floor import Entry, Kind, Shift
from venterom.queue.planning import Planned
from venterom.queue.promise import Outcome
from venterom.queue.states import HELD, OPEN, Phase, State
from venterom.queue.tables import (
    EPOCH,
    Base,
    EntryRow,
    OutcomeRow,
    PlanRow,
    PromiseRow,
    SeatRow,
    ShiftRow,
    insert_once,
)

pytestmark = pytest.mark.adapter


async def refused(db: AsyncSession, row: type[Base], **values: object) -> bool:
    """Whether the database refuses this row."""
    try:
        async with db.begin_nested():
            await db.execute(insert(row).values(**values))
    except IntegrityError:
        return True
    return False


@pytest.mark.parametrize("state", State)
async def test_a_patient_has_one_open_entry(db: AsyncSession, state: State) -> None:
    holder = ("d1", after(1)) if state in HELD else (None, None)
    first = entry("v1", patient="p", state=state, claimed_by=holder[0], lease_until=holder[1])
    await put(db, first)
    second = entry("v2", patient="p")
    await put_line(db, second)
    assert await refused(db, EntryRow, **asdict(second)) is (state in OPEN)


async def test_a_doctor_holds_one_patient(db: AsyncSession) -> None:
    await put(db, entry("v1", state=State.CLAIMED, claimed_by="d1", lease_until=after(1)))
    await put(db, entry("v2"))
    await put(db, entry("v3", state=State.WRAP, claimed_by="d1"))
    with pytest.raises(IntegrityError):
        async with db.begin_nested():
            second = update(EntryRow).where(EntryRow.visit == "v2")
            await db.execute(
                second.values(state=State.IN_CALL, claimed_by="d1", lease_until=after(1))
            )


async def test_what_is_held_is_held_by_somebody(db: AsyncSession) -> None:
    await put(db, entry("v1"))
    for state in HELD:
        with pytest.raises(IntegrityError):
            async with db.begin_nested():
                await db.execute(update(EntryRow).values(state=state))


async def test_a_booked_entry_has_a_slot_and_no_other(db: AsyncSession) -> None:
    await put(db, booked("v1", 30), entry("v2"))
    with pytest.raises(IntegrityError):
        async with db.begin_nested():
            await db.execute(update(EntryRow).values(kind=Kind.BOOKED))
    with pytest.raises(IntegrityError):
        async with db.begin_nested():
            await db.execute(update(EntryRow).values(kind=Kind.LATER))


async def test_a_place_rests_on_a_line_of_the_ledger_and_on_one_only(db: AsyncSession) -> None:
    assert await refused(db, EntryRow, **asdict(entry("v1")))
    await put(db, entry("v1"))
    assert await refused(db, EntryRow, **asdict(entry("v2", promise="promise of v1")))


async def test_a_state_is_one_of_the_table(db: AsyncSession) -> None:
    await put(db, entry("v1"))
    with pytest.raises(IntegrityError):
        async with db.begin_nested():
            await db.execute(text("UPDATE queue_entry SET state = 'lost'"))


async def test_a_doctor_has_one_live_shift(db: AsyncSession) -> None:
    for phase in (Phase.OFF, Phase.OFF, Phase.LOST):
        one = asdict(shift("d1", phase=phase)) | {"id": f"{phase} {await count_shifts(db)}"}
        assert not await refused(db, ShiftRow, **one)
    assert await refused(db, ShiftRow, **asdict(shift("d1")))
    assert not await refused(db, ShiftRow, **asdict(shift("d2")))


async def count_shifts(db: AsyncSession) -> int:
    return len((await db.scalars(select(ShiftRow.id))).all())


async def test_shifts_end_later_than_they_begin(db: AsyncSession) -> None:
    assert await refused(db, ShiftRow, **asdict(shift(off=-120)))
    assert await refused(db, PlanRow, **asdict(planned("d1", 0, 0)))


@pytest.mark.parametrize(
    ("values", "forbidden"),
    [
        ({"visit": "v2", "seat": 0}, True),  # the same seat
        ({"visit": "v1", "seat": 1}, True),  # a second seat for the same visit
        ({"visit": "v2", "seat": -1}, True),  # no such seat
        ({"visit": "v2", "seat": 0, "starts_at": after(31)}, True),  # not on the quarter
        ({"visit": "v2", "seat": 1}, False),  # another seat of the same slot
        ({"visit": "v2", "seat": 0, "starts_at": after(45)}, False),  # the next slot
    ],
)
async def test_a_seat_is_taken_once(
    db: AsyncSession, values: dict[str, object], forbidden: bool
) -> None:
    assert not await refused(db, SeatRow, visit="v1", starts_at=after(30), seat=0)
    assert await refused(db, SeatRow, **{"starts_at": after(30), **values}) is forbidden


async def test_a_promise_ends_once(db: AsyncSession) -> None:
    await put(db, entry("v1"))
    first, second = Outcome.BROKEN, Outcome.KEPT
    assert await ledger.record(db, "promise of v1", first, after(21), "waiting")
    assert not await ledger.record(db, "promise of v1", second, after(22), "")
    assert (await db.scalars(select(OutcomeRow.outcome))).all() == [first]


@pytest.mark.parametrize("row", [PromiseRow, OutcomeRow])
async def test_the_ledger_is_only_added_to(db: AsyncSession, row: type[Base]) -> None:
    await put(db, entry("v1"))
    await ledger.record(db, "promise of v1", Outcome.KEPT, NOON, "")
    column = "model" if row is PromiseRow else "cause"
    for change in (update(row).values({column: "changed"}), delete(row)):
        with pytest.raises(DBAPIError, match="insert-only"):
            async with db.begin_nested():
                await db.execute(change)


async def test_a_promise_of_a_time_names_the_time(db: AsyncSession) -> None:
    await put(db, entry("v1"))
    line = (await db.execute(select(PromiseRow.__table__))).one()._asdict()
    assert await refused(db, PromiseRow, **line | {"id": "another", "deadline": None})
    free = {"id": "another", "deadline": None, "decision": "declined"}
    assert not await refused(db, PromiseRow, **line | free)


async def test_inserting_once_says_whether_it_did(db: AsyncSession) -> None:
    plan = asdict(planned("d1", 0, 60))
    assert await insert_once(db, PlanRow, **plan)
    assert not await insert_once(db, PlanRow, **plan)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (NOON, NOON),
        (EPOCH, EPOCH),
        (EPOCH - timedelta(days=1), EPOCH - timedelta(days=1)),
        # another zone is the same instant
        (NOON.astimezone(timezone(timedelta(hours=2))), NOON),
        # finer than a millisecond is cut
        (NOON + timedelta(microseconds=1999), NOON + timedelta(milliseconds=1)),
    ],
)
async def test_an_instant_comes_back_aware_and_in_utc(
    db: AsyncSession, written: datetime, read: datetime
) -> None:
    later = written + timedelta(hours=1)
    await db.execute(
        insert(PlanRow).values({**asdict(planned("d1")), "on_at": written, "off_at": later})
    )
    found = await db.scalar(select(PlanRow.on_at))
    assert found == read
    assert found is not None
    assert found.tzinfo is UTC


async def test_a_time_without_a_zone_is_refused(db: AsyncSession) -> None:
    naive = NOON.replace(tzinfo=None)
    with pytest.raises(StatementError):
        async with db.begin_nested():
            await db.execute(insert(PlanRow).values({**asdict(planned("d1")), "on_at": naive}))


@pytest.mark.parametrize(
    ("value", "row"), [(Entry, EntryRow), (Shift, ShiftRow), (Planned, PlanRow)]
)
def test_the_columns_are_the_fields(value: type, row: type[Base]) -> None:
    assert [f.name for f in fields(value)] == [column.name for column in row.__table__.c]
