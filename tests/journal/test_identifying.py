"""Whom the doctor had before her stands in her note, in the log, and in what the EPJ gets."""

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from tests.journal.make import DOCTOR, KARI, KEYS, NOON, OTHER_DOCTOR, after, handed_out, written
from venterom.journal import chart
from venterom.journal.chain import Action
from venterom.journal.contact import Why
from venterom.journal.errors import MayNotRead, NoSuchVisit, VisitClosed
from venterom.journal.identification import How, Identification, Seen
from venterom.journal.tables import AuditRow

pytestmark = pytest.mark.adapter


async def say(db: AsyncSession, visit: str, seen: Seen, minutes: int = 1) -> None:
    await chart.identify(db, after(minutes=minutes), visit=visit, doctor=DOCTOR.actor, seen=seen)


async def signed(db: AsyncSession, visit: str) -> str:
    """What the EPJ gets."""
    await chart.sign(db, KEYS, after(minutes=9), visit=visit, author=DOCTOR)
    assert (await chart.verify(db, KEYS)).ok
    parcel = await handed_out(db, after(minutes=10))
    assert parcel is not None
    return str(parcel.bundle)


async def test_the_last_word_counts_and_is_signed_and_delivered(db: AsyncSession) -> None:
    visit, me = await written(db), DOCTOR.actor.person
    assert await chart.identification_of(db, visit, me) is None
    await say(db, visit, Seen.OTHER)
    await say(db, visit, Seen.PATIENT, minutes=2)
    said = Identification(Seen.PATIENT, How.PICTURE, after(minutes=2))
    assert await chart.identification_of(db, visit, me) == said
    assert "Identitet bekreftet i bilde kl. 12.02." in await signed(db, visit)


async def test_a_note_that_is_signed_without_says_so(db: AsyncSession) -> None:
    assert "Identiteten ble ikke bekreftet i samtalen." in await signed(db, await written(db))


async def test_on_the_telephone_it_was_by_asking(db: AsyncSession) -> None:
    visit = await written(db)
    await chart.telephone(
        db, NOON, visit=visit, doctor=DOCTOR.actor, why=Why.WISH, after_video=False
    )
    await say(db, visit, Seen.PATIENT)
    assert "Identitet bekreftet på telefon kl. 12.01" in await signed(db, visit)


async def test_that_it_was_somebody_else_stays_in_the_log(db: AsyncSession) -> None:
    visit = await written(db)
    for seen in (Seen.PATIENT, Seen.OTHER, Seen.PATIENT):
        await say(db, visit, seen)
    rows = await db.scalars(select(AuditRow).where(AuditRow.action == Action.SOMEBODY_ELSE_SEEN))
    [line] = rows.all()
    assert (line.visit, line.actor, line.patient) == (visit, DOCTOR.actor.person, KARI.person)
    assert (await chart.verify(db, KEYS)).ok


async def test_what_another_doctor_saw_is_not_what_this_one_saw(db: AsyncSession) -> None:
    visit = await written(db)
    await chart.begin_care(db, NOON, visit=visit, doctor=OTHER_DOCTOR.actor)
    other = OTHER_DOCTOR.actor
    await chart.identify(db, NOON, visit=visit, doctor=other, seen=Seen.PATIENT)
    assert await chart.identification_of(db, visit, DOCTOR.actor.person) is None
    assert "Identiteten ble ikke bekreftet" in await signed(db, visit)


async def test_only_its_doctor_says_so_and_only_while_it_lasts(db: AsyncSession) -> None:
    visit = await written(db)
    with pytest.raises(MayNotRead):
        await chart.identify(db, NOON, visit=visit, doctor=KARI, seen=Seen.PATIENT)
    with pytest.raises(NoSuchVisit):
        await say(db, "no-such-visit", Seen.PATIENT)
    await chart.close(db, NOON, visit=visit)
    with pytest.raises(VisitClosed):
        await say(db, visit, Seen.PATIENT)
