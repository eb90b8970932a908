"""Builders for tests of the waiting room: values with sensible defaults, and times on one day."""

from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from venterom.queue import desk, ledger, roster
from venterom.queue.events import Joined
from venterom.queue.floor import Entry, Kind, Shift
from venterom.queue.hours import Hours
from venterom.queue.planning import Planned, Work
from venterom.queue.promise import Decision, Offer
from venterom.queue.states import Phase, State
from venterom.queue.tables import EntryRow

NOON = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)  # 12:00 in Oslo
LONG_AGO = NOON - timedelta(hours=2)


def after(minutes: float) -> datetime:
    """So many minutes after noon."""
    return NOON + timedelta(minutes=minutes)


def entry(visit: str = "v1", deadline: float = 20, **changes: object) -> Entry:
    """One that came at noon and was promised a doctor `deadline` minutes later."""
    plain = Entry(
        visit=visit,
        patient=f"patient of {visit}",
        promise=f"promise of {visit}",
        kind=Kind.DROPIN,
        state=State.WAITING,
        triage=0,
        created_at=NOON,
        release_at=NOON,
        deadline=after(deadline),
        slot=None,
        attempts=0,
        returns=0,
        claimed_by=None,
        lease_token=0,
        lease_until=None,
        doctor_joined_at=None,
        connected_at=None,
        ended_at=None,
    )
    return replace(plain, **changes)  # type: ignore[arg-type]  # the tests name real fields


def booked(visit: str, slot: float, **changes: object) -> Entry:
    """One with a booked slot so many minutes after noon."""
    times = {"slot": after(slot), "release_at": after(slot), "kind": Kind.BOOKED}
    return entry(visit, slot + 3, **times | changes)


def shift(practitioner: str = "d1", off: float = 300, **changes: object) -> Shift:
    """A doctor who has been idle since the shift began, two hours ago."""
    plain = Shift(
        id=f"shift of {practitioner}",
        practitioner=practitioner,
        on_at=LONG_AGO,
        off_at=after(off),
        phase=Phase.IDLE,
        phase_since=LONG_AGO,
        visit=None,
        heartbeat_at=NOON,
    )
    return replace(plain, **changes)  # type: ignore[arg-type]  # the tests name real fields


def planned(
    practitioner: str = "d1",
    on: float = 0,
    off: float = 240,
    work: Work = Work.SHIFT,
    id: str = "",  # noqa: A002, as the field is called
) -> Planned:
    """A line of the plan, from and until so many minutes after noon."""
    name = id or f"{work} of {practitioner} at {on}"
    return Planned(name, practitioner, work, after(on), after(off))


async def at_work(db: AsyncSession, *names: str, now: datetime = NOON, off: float = 300) -> None:
    """Let these doctors go on shift."""
    for name in names:
        await desk.go_on_shift(db, now, practitioner=name, off_at=after(off))


async def plan(
    db: AsyncSession,
    practitioner: str,
    on_at: datetime,
    off_at: datetime,
    work: Work = Work.SHIFT,
    now: datetime = LONG_AGO,
) -> str:
    """Plan this doctor for something; says the id of the line."""
    line = Planned("", practitioner, work, on_at, off_at)
    return (await roster.add(db, now, line, hours=Hours.ALL_DAY, by="director")).plan


async def arrive(db: AsyncSession, visit: str, now: datetime = NOON) -> Joined:
    """Let a patient be offered something and accept it at once."""
    hours, patient = Hours.STANDARD, f"patient of {visit}"
    offer = await desk.quote(db, now, visit=visit, patient=patient, hours=hours)
    return await desk.join(db, now, visit=visit, patient=patient, offer_id=offer.id, hours=hours)


async def put_line(db: AsyncSession, one: Entry, *, leans: bool = False) -> None:
    """Write the line of the ledger that an entry rests on."""
    offer = Offer(one.promise, one.visit, Decision.PROMISE20, one.deadline, 0.99, one.created_at)
    await ledger.write(
        db,
        offer,
        patient=one.patient,
        p_min_others=1,
        model="test",
        basis='{"slots":[]}',
        leans=leans,
    )


async def put(db: AsyncSession, *entries: Entry, leans: bool = False) -> None:
    """Write entries as they are, each with its line of the ledger."""
    for one in entries:
        await put_line(db, one, leans=leans)
        await db.execute(insert(EntryRow).values(**asdict(one)))
