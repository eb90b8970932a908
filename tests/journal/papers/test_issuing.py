"""Papers from draft to part of a signed note."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from tests.journal.make import DOCTOR, KARI, KEYS, NOON, OTHER_DOCTOR, person, written
from tests.journal.papers.make import (
    BODIES,
    CERTIFICATE,
    PRESCRIPTION,
    SEDATIVE,
    SICK_NOTE,
    TODAY,
    H,
)
from tests.journal.papers.signing import prepared, save, signed_with
from venterom.journal import chart, entry, writing
from venterom.journal.access import Purpose
from venterom.journal.canonical import sha256_hex
from venterom.journal.errors import (
    AlreadySigned,
    BadPaper,
    MayNotRead,
    NotTheAuthor,
    PapersChanged,
)
from venterom.journal.papers import issuing
from venterom.journal.papers.issuing import MOST, Prepared
from venterom.journal.papers.paper import Kind
from venterom.journal.papers.tables import (
    INSERT_ONLY,
    ErrandRow,
    PaperCodeRow,
    PaperDraftRow,
    PaperRow,
)

pytestmark = pytest.mark.adapter


async def test_papers_are_sealed_signed_and_hashed_with_the_note(db: AsyncSession) -> None:
    visit, ids = await signed_with(db, *BODIES)
    row = await writing.last_entry(db, visit)
    assert row is not None
    content = entry.unpack(await writing.open_entry(db, KEYS, row))
    assert [each.body for each in content.papers] == list(BODIES)
    assert [each.id for each in content.papers] == ids
    rows = (await issuing.documents_of(db, [visit]))[visit, 1]
    held = [await issuing.open_document(db, KEYS, each) for each in rows]
    assert [sha256_hex(each) for each in held] == [each.sha256 for each in content.papers]
    assert (await chart.verify(db, KEYS)).ok
    assert not (await db.scalars(select(PaperDraftRow))).all()
    outcome = await chart.read_outcome(db, KEYS, NOON, reader=KARI, visit=visit)
    assert outcome.papers == content.papers


async def test_nothing_of_a_paper_stands_in_clear_in_the_database(db: AsyncSession) -> None:
    visit = await written(db)
    await save(db, visit)
    papers = await prepared(db, visit)
    rows: list[Any] = list(await db.scalars(select(PaperDraftRow)))
    await chart.sign(db, KEYS, NOON, visit=visit, author=DOCTOR, papers=papers)
    rows += list(await db.scalars(select(PaperRow))) + list(await db.scalars(select(PaperCodeRow)))
    held = " ".join(
        repr(getattr(row, column.key)) for row in rows for column in row.__table__.columns
    )
    for secret in ("Prøvepress", "990001", "blodtrykk", "prescription", "Resept", "%PDF"):
        assert secret not in held


@pytest.mark.parametrize(
    ("table", "change"),
    [
        (PaperRow, {"ciphertext": b"x"}),
        (PaperRow, {"patient": "ola"}),
    ],
)
async def test_a_changed_document_is_found(
    db: AsyncSession, table: type[PaperRow], change: dict[str, object]
) -> None:
    visit, _ = await signed_with(db, PRESCRIPTION)
    await _unlock(db, "record_paper")
    await db.execute(update(table).values(**change))
    assert f"entry {visit} version 1" in (await chart.verify(db, KEYS)).first_bad


async def test_a_lost_document_is_found(db: AsyncSession) -> None:
    await signed_with(db, PRESCRIPTION, SICK_NOTE)
    await _unlock(db, "record_paper")
    await db.execute(text("DELETE FROM record_paper WHERE n = 2"))
    assert "papers are not those" in (await chart.verify(db, KEYS)).first_bad


async def _unlock(db: AsyncSession, table: str) -> None:
    """What only somebody with all rights to the database can do."""
    if db.get_bind().dialect.name == "sqlite":
        for verb in ("update", "delete"):
            await db.execute(text(f"DROP TRIGGER {table}_no_{verb}"))
    else:
        await db.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))


async def test_a_paper_that_breaks_a_rule_is_never_a_draft(db: AsyncSession) -> None:
    visit = await written(db)
    with pytest.raises(BadPaper) as bad:
        await save(db, visit, replace(PRESCRIPTION, medicine=SEDATIVE))
    assert bad.value.problems == {"medicine": "addictive"}
    assert not (await db.scalars(select(PaperDraftRow))).all()


async def test_a_rule_is_asked_again_when_the_note_is_signed(db: AsyncSession) -> None:
    visit = await written(db)
    await save(db, visit, SICK_NOTE)
    late = replace(await prepared(db, visit), today=TODAY + timedelta(days=1))  # past midnight
    with pytest.raises(BadPaper, match="back_dated"):
        await chart.sign(db, KEYS, NOON, visit=visit, author=DOCTOR, papers=late)


async def test_a_note_is_not_signed_with_other_papers_than_were_made_ready(
    db: AsyncSession,
) -> None:
    visit = await written(db)
    await save(db, visit)
    early = await prepared(db, visit)
    await save(db, visit, SICK_NOTE)
    for papers in (early, Prepared(TODAY)):
        with pytest.raises(PapersChanged):
            await chart.sign(db, KEYS, NOON, visit=visit, author=DOCTOR, papers=papers)
    with pytest.raises(PapersChanged):
        await chart.sign(db, KEYS, NOON, visit=visit, author=DOCTOR)
    whole = await prepared(db, visit)
    await chart.sign(db, KEYS, NOON, visit=visit, author=DOCTOR, papers=whole)


async def test_another_doctors_paper_is_not_signed_in_ones_own_name(db: AsyncSession) -> None:
    visit = await written(db)
    await save(db, visit)
    await chart.begin_care(db, NOON, visit=visit, doctor=OTHER_DOCTOR.actor)
    note = await chart.read_note(
        db, KEYS, NOON, reader=OTHER_DOCTOR.actor, visit=visit, purpose=Purpose.TREATMENT
    )
    await chart.save_draft(
        db, KEYS, NOON, visit=visit, author=OTHER_DOCTOR, fields=note.fields, version=note.version
    )
    papers = await prepared(db, visit)
    with pytest.raises(NotTheAuthor):
        await chart.sign(db, KEYS, NOON, visit=visit, author=OTHER_DOCTOR, papers=papers)


async def test_only_the_doctor_who_meets_the_patient_writes_and_drops(db: AsyncSession) -> None:
    visit = await written(db)
    made = await save(db, visit)
    with pytest.raises(MayNotRead):
        await issuing.save_paper(
            db, KEYS, NOON, visit=visit, author=OTHER_DOCTOR, body=PRESCRIPTION, today=TODAY
        )
    for other in (OTHER_DOCTOR.actor, KARI, person("per")):
        with pytest.raises(MayNotRead):
            await issuing.drop_paper(db, NOON, visit=visit, draft=made, doctor=other)
    again = [
        await issuing.drop_paper(db, NOON, visit=visit, draft=made, doctor=DOCTOR.actor)
        for _ in range(2)
    ]
    assert again == [True, False] and await issuing.drafts(db, KEYS, visit) == []


async def test_after_the_signature_nothing_is_added_or_dropped(db: AsyncSession) -> None:
    visit, ids = await signed_with(db, PRESCRIPTION)
    with pytest.raises(AlreadySigned):
        await save(db, visit)
    with pytest.raises(AlreadySigned):
        await issuing.drop_paper(db, NOON, visit=visit, draft=ids[0], doctor=DOCTOR.actor)


async def test_there_is_an_end_to_papers(db: AsyncSession) -> None:
    visit = await written(db)
    for _ in range(MOST):
        await save(db, visit)
    with pytest.raises(BadPaper, match="enough"):
        await save(db, visit)


async def test_what_is_sent_is_due_by_its_kind(db: AsyncSession) -> None:
    visit, ids = await signed_with(db, PRESCRIPTION, H, SICK_NOTE, CERTIFICATE)
    rows = (await db.scalars(select(ErrandRow))).all()
    due = {(row.paper, row.kind, row.errand, row.visit) for row in rows}
    assert due == {
        (paper, kind, "send", visit)
        for paper, kind in zip(ids, ("prescription", "prescription", "sick_note"), strict=False)
    }


@pytest.mark.parametrize("kinds", [(), (Kind.PRESCRIPTION,), (Kind.SICK_NOTE,)])
async def test_what_nobody_takes_is_not_on_its_way(
    db: AsyncSession, kinds: tuple[Kind, ...]
) -> None:
    await signed_with(db, PRESCRIPTION, SICK_NOTE, electronic=frozenset(kinds))
    assert [row.kind for row in await db.scalars(select(ErrandRow))] == list(kinds)


@pytest.mark.parametrize("table", INSERT_ONLY[:2])
@pytest.mark.parametrize("verb", ["UPDATE {} SET paper = 'x'", "DELETE FROM {}"])
async def test_what_was_issued_cannot_be_changed(
    session_factory: async_sessionmaker[AsyncSession], table: str, verb: str
) -> None:
    async with session_factory() as db, db.begin():
        await signed_with(db, PRESCRIPTION)
    with pytest.raises(DBAPIError, match="insert-only"):
        async with session_factory() as db, db.begin():
            await db.execute(text(verb.format(table)))
