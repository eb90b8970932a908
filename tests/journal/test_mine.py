"""The patient's own record: what is in the list, who else sees it, what the log says, on both."""

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from tests.journal.make import (
    DOCTOR,
    KARI,
    KEYS,
    NOON,
    NOTE,
    OLA,
    after,
    child_born,
    signed,
    written,
)
from venterom.journal import chart, logbook, mine, texts
from venterom.journal.access import Actor, Basis, Purpose, Role
from venterom.journal.chain import LogLine
from venterom.journal.errors import MayNotRead

pytestmark = pytest.mark.adapter
CHILD = Actor("barn", Role.PATIENT, "Ida")
MOTHER = Actor("mor", Role.PATIENT, "Mor")


async def notes(
    db: AsyncSession, reader: Actor, patient: str = "kari", basis: Basis = Basis.NONE
) -> list[str]:
    found = await mine.notes(db, NOON, patient=patient, reader=reader, basis=basis)
    return [kept.visit for kept in found]


async def log(
    db: AsyncSession,
    reader: Actor,
    patient: str = "kari",
    basis: Basis = Basis.NONE,
    *,
    before: int | None = None,
    most: int = logbook.PAGE,
) -> list[LogLine]:
    return await logbook.page(
        db, NOON, patient=patient, reader=reader, basis=basis, before=before, most=most
    )


async def alone(db: AsyncSession, years: int = 13) -> str:
    """A note of a meeting to which the child came by itself."""
    visit = (await chart.open_visit(db, NOON, by=CHILD)).id
    born = child_born(years)
    own = {"patient": "barn", "relation": chart.Relation.SELF, "birth_date": born}
    await chart.set_patient(db, NOON, visit=visit, **own)  # type: ignore[arg-type]
    await chart.set_reason(db, KEYS, NOON, visit=visit, text="Noe jeg vil si alene")
    given = {"patient": "barn", "language": "nb", "version": texts.CURRENT}
    await chart.give_consent(db, KEYS, NOON, visit=visit, by=CHILD, alone=True, **given)  # type: ignore[arg-type]
    await chart.mark_open(db, NOON, visit=visit)
    await chart.begin_care(db, NOON, visit=visit, doctor=DOCTOR.actor)
    await chart.save_draft(db, KEYS, NOON, visit=visit, author=DOCTOR, fields=NOTE, version=0)
    await chart.sign(db, KEYS, NOON, visit=visit, author=DOCTOR)
    await chart.close(db, NOON, visit=visit)
    return visit


async def test_the_patient_sees_what_is_signed_newest_first_and_no_draft(db: AsyncSession) -> None:
    first = (await signed(db)).visit
    second = (await signed(db, now=after(days=2))).visit
    await written(db, now=after(days=3))
    await signed(db, by=OLA)
    assert await notes(db, KARI) == [second, first]
    assert (await log(db, KARI))[0].action == "record.opened"


async def test_a_parent_sees_the_meetings_that_she_came_to_and_all_by_the_register(
    db: AsyncSession,
) -> None:
    own = (await signed(db, patient="barn", birth_date=child_born(8))).visit
    others = (await signed(db, by=MOTHER, patient="barn", birth_date=child_born(8))).visit
    held = await signed(db, by=MOTHER, patient="barn", birth_date=child_born(8), withheld=True)
    assert await notes(db, KARI, "barn") == [own]
    assert set(await notes(db, KARI, "barn", Basis.PARENT)) == {own, others}
    assert set(await notes(db, CHILD, "barn")) == {own, others, held.visit}
    assert await notes(db, OLA, "barn") == []


async def test_what_a_child_said_alone_stays_with_the_child(db: AsyncSession) -> None:
    visit = await alone(db)
    assert await notes(db, CHILD, "barn") == [visit]
    assert await notes(db, KARI, "barn", Basis.PARENT) == []
    assert not any(line.visit == visit for line in await log(db, KARI, "barn", Basis.PARENT))
    assert not await mine.receipts(db, NOON, patient="barn", reader=KARI, basis=Basis.PARENT)
    assert not await mine.everything(
        db, KEYS, NOON, patient="barn", reader=KARI, basis=Basis.PARENT
    )
    with pytest.raises(MayNotRead, match="alone"):
        await chart.read_note(
            db,
            KEYS,
            NOON,
            reader=KARI,
            visit=visit,
            purpose=Purpose.PATIENT_REQUEST,
            basis=Basis.PARENT,
        )


@pytest.mark.parametrize(("years", "seen"), [(15, 1), (16, 0)])
async def test_from_sixteen_the_young_person_reads_alone(
    db: AsyncSession, years: int, seen: int
) -> None:
    await signed(db, patient="barn", birth_date=child_born(years))
    assert len(await notes(db, KARI, "barn", Basis.PARENT)) == seen


async def test_each_reading_is_a_line_with_its_ground(db: AsyncSession) -> None:
    visit = (await signed(db)).visit
    for reader, basis in ((KARI, Basis.NONE), (OLA, Basis.PROXY)):
        note = await chart.read_note(
            db,
            KEYS,
            NOON,
            reader=reader,
            visit=visit,
            purpose=Purpose.PATIENT_REQUEST,
            basis=basis,
        )
        assert note.fields == NOTE
    read = [(x.actor, x.ground) for x in await log(db, KARI) if x.action == "note.read"]
    assert read == [("ola", "proxy"), ("kari", "own")]


async def test_the_log_is_paged_newest_first(db: AsyncSession) -> None:
    await signed(db)
    whole = await log(db, KARI)
    assert [x.n for x in whole] == sorted((x.n for x in whole), reverse=True)
    first = await log(db, KARI, most=2)
    second = await log(db, KARI, most=2, before=first[-1].n)
    assert first + second == whole[:4]
    assert await log(db, KARI, before=whole[-1].n) == []


async def test_who_reads_the_log_for_another_is_in_it(db: AsyncSession) -> None:
    await signed(db)
    await log(db, KARI)
    await log(db, OLA, basis=Basis.PROXY)
    newest = (await log(db, KARI))[0]
    assert (newest.actor, newest.action, newest.ground) == ("ola", "log.read", "proxy")


async def test_nobody_sees_lines_of_another_patient(db: AsyncSession) -> None:
    await signed(db)
    assert await log(db, OLA, patient="ola") == []
    assert await log(db, OLA) == []  # the door comes first; behind it nothing is shown either


async def test_everything_is_taken_out_with_one_line(db: AsyncSession) -> None:
    visit = (await signed(db)).visit
    await mine.take_out(db, NOON, patient="kari", reader=KARI, basis=Basis.NONE)
    [taken] = await mine.everything(db, KEYS, NOON, patient="kari", reader=KARI, basis=Basis.NONE)
    assert (taken.manifest.visit, taken.content.note) == (visit, NOTE)
    assert [x.action for x in await log(db, KARI)][:2] == ["record.taken_out", "note.signed"]
    receipts = await mine.receipts(db, NOON, patient="kari", reader=KARI, basis=Basis.NONE)
    assert {each.record.kind for each in receipts} == {"notice", "consent"}
