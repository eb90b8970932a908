"""Who reads what, and the line that each reading leaves."""

from datetime import datetime

import pytest
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from tests.journal.make import (
    DOCTOR,
    KARI,
    KEYS,
    NOON,
    NOTE,
    OLA,
    OTHER_DOCTOR,
    REASON,
    after,
    child_born,
    consented,
    signed,
    told,
    written,
)
from venterom.journal import audit, chart
from venterom.journal.access import Actor, Purpose, Role
from venterom.journal.chain import Action
from venterom.journal.errors import MayNotRead, NoSuchVisit, VisitClosed

pytestmark = pytest.mark.adapter
CHILD = Actor("barn", Role.PATIENT, "Barn Testesen")
INSURER = Actor("clerk", Role.INSURER, "Clerk")


async def story(db: AsyncSession, visit: str, reader: Actor) -> chart.Story:
    purpose = Purpose.TREATMENT if reader.role == Role.DOCTOR else Purpose.PATIENT_REQUEST
    return await chart.read_story(db, KEYS, NOON, reader=reader, visit=visit, purpose=purpose)


async def note(
    db: AsyncSession, visit: str, reader: Actor = DOCTOR.actor, now: datetime = NOON
) -> chart.Note:
    purpose = Purpose.TREATMENT if reader.role == Role.DOCTOR else Purpose.PATIENT_REQUEST
    return await chart.read_note(db, KEYS, now, reader=reader, visit=visit, purpose=purpose)


async def outcome(db: AsyncSession, visit: str, reader: Actor = KARI) -> chart.Outcome:
    return await chart.read_outcome(db, KEYS, NOON, reader=reader, visit=visit)


async def actions(db: AsyncSession, visit: str) -> list[tuple[str, str, str]]:
    return [(line.actor, line.action, line.purpose) for line in await chart.access_log(db, visit)]


async def test_the_list_of_those_who_wait_shows_reasons_and_notes_it_once(
    db: AsyncSession,
) -> None:
    visit, draft = await consented(db), await told(db, by=OLA)
    for minute in (1, 2):
        found = await chart.summaries(
            db,
            KEYS,
            after(minutes=minute),
            reader=DOCTOR.actor,
            visits=[visit, draft, visit, "no such"],
        )
        assert found == {visit: REASON}  # who is not in the queue is not in the list
    lines = await actions(db, visit)
    assert lines.count((DOCTOR.person, "reason.read", "TREAT/on_duty")) == 1
    assert not any(action == "reason.read" for _, action, _ in await actions(db, draft))


@pytest.mark.parametrize("reader", [OLA, INSURER])
async def test_nobody_else_gets_a_list(db: AsyncSession, reader: Actor) -> None:
    visit = await consented(db)
    assert await chart.summaries(db, KEYS, NOON, reader=reader, visits=[visit]) == {}


async def test_no_visits_make_no_list(db: AsyncSession) -> None:
    assert await chart.summaries(db, KEYS, NOON, reader=DOCTOR.actor, visits=[]) == {}


async def test_taking_the_patient_opens_the_story(db: AsyncSession) -> None:
    visit = await consented(db)
    with pytest.raises(MayNotRead, match="no_relation"):
        await story(db, visit, DOCTOR.actor)
    for _ in range(2):
        await chart.begin_care(db, NOON, visit=visit, doctor=DOCTOR.actor)
    told = await story(db, visit, DOCTOR.actor)
    assert (told.reason, told.told_by, told.patient) == (REASON, "kari", "kari")
    lines = await actions(db, visit)
    assert lines[-2:] == [
        (DOCTOR.person, "care.begun", "TREAT/care"),
        (DOCTOR.person, "story.read", "TREAT/care"),
    ]


async def test_only_doctors_take_patients_and_only_while_it_lasts(db: AsyncSession) -> None:
    visit = await consented(db)
    with pytest.raises(MayNotRead):
        await chart.begin_care(db, NOON, visit=visit, doctor=KARI)
    await chart.close(db, NOON, visit=visit)
    with pytest.raises(VisitClosed):
        await chart.begin_care(db, NOON, visit=visit, doctor=DOCTOR.actor)
    with pytest.raises(NoSuchVisit):
        await chart.begin_care(db, NOON, visit="no such", doctor=DOCTOR.actor)


async def test_a_story_that_was_not_told_cannot_be_read(db: AsyncSession) -> None:
    visit = (await chart.open_visit(db, NOON, by=KARI)).id
    with pytest.raises(MayNotRead, match="not_written"):
        await story(db, visit, KARI)


async def test_a_note_that_nobody_began_is_empty_and_leaves_no_line(db: AsyncSession) -> None:
    visit = await consented(db)
    await chart.begin_care(db, NOON, visit=visit, doctor=DOCTOR.actor)
    before = await actions(db, visit)
    found = await note(db, visit)
    assert found.version == 0 and not found.fields.reason
    assert await actions(db, visit) == before


async def test_the_patient_reads_what_is_signed_and_no_draft(db: AsyncSession) -> None:
    visit = await written(db)
    with pytest.raises(MayNotRead, match="not_signed"):
        await note(db, visit, KARI)
    assert not (await outcome(db, visit)).written
    await chart.sign(db, KEYS, NOON, visit=visit, author=DOCTOR)
    decided = await outcome(db, visit)
    assert (decided.assessment, decided.plan) == (NOTE.assessment, NOTE.plan)
    assert (decided.doctor, decided.signed_at) == (DOCTOR.name, NOON)
    assert (await note(db, visit, KARI)).fields == NOTE
    assert [line[1:] for line in await actions(db, visit)][-2:] == [
        ("outcome.read", "PATRQT/own"),
        ("note.read", "PATRQT/own"),
    ]


@pytest.mark.parametrize(
    ("years", "withheld", "reader", "ground"),
    [
        (8, False, KARI, None),  # the parent who came with the child
        (8, True, KARI, "withheld"),  # the doctor kept it back
        (15, False, KARI, None),
        (16, False, KARI, "reads_alone"),
        (16, True, CHILD, None),  # the young person's own
        (8, False, OLA, "no_relation"),
        (8, False, INSURER, "no_relation"),
        (8, False, OTHER_DOCTOR.actor, "no_relation"),
        (8, True, DOCTOR.actor, None),
    ],
)
async def test_who_reads_the_outcome_of_a_childs_visit(
    db: AsyncSession, years: int, withheld: bool, reader: Actor, ground: str | None
) -> None:
    done = await signed(db, patient="barn", birth_date=child_born(years), withheld=withheld)
    try:
        decided = await outcome(db, done.visit, reader)
    except MayNotRead as refusal:
        assert refusal.detail == ground
    else:
        assert ground is None and decided.written


async def test_a_doctors_access_ends_some_time_after_the_visit(db: AsyncSession) -> None:
    done = await signed(db)
    await chart.close(db, NOON, visit=done.visit)
    assert (await note(db, done.visit, now=after(days=14))).fields == NOTE
    with pytest.raises(MayNotRead, match="care_ended"):
        await note(db, done.visit, now=after(days=14, seconds=1))


async def test_if_the_line_cannot_be_written_nothing_is_read(
    session_factory: async_sessionmaker[AsyncSession], monkeypatch: pytest.MonkeyPatch
) -> None:
    async with session_factory() as db, db.begin():
        visit = await consented(db)

    async def fail(*_: object, **__: object) -> None:
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(audit, "append", fail)
    with pytest.raises(RuntimeError):
        async with session_factory() as db, db.begin():
            await story(db, visit, KARI)


async def test_each_thing_that_is_done_leaves_one_line(db: AsyncSession) -> None:
    done = await signed(db)
    assert [action for _, action, _ in await actions(db, done.visit)] == [
        Action.REASON_WRITTEN,
        Action.NOTICE_READ,
        Action.CONSENT_GIVEN,
        Action.CARE_BEGUN,
        Action.DRAFT_BEGUN,
        Action.NOTE_SIGNED,
    ]
