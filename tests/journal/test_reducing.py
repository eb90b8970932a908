"""What an outside EPJ has may be deleted here: exactly that, and the rest is proven as before."""

from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from tests.conftest import FakeClock
from tests.journal.make import DOCTOR, KARI, KEYS, NOON, OLA, after, written
from tests.journal.papers.make import CERTIFICATE, PRESCRIPTION
from tests.journal.papers.signing import prepared, save
from tests.journal.test_delivery import one_round, taking
from tests.journal.test_picturing import taken
from tests.server.make import parts
from venterom.journal import casework, chart, mine, reducing
from venterom.journal.access import Basis, Purpose
from venterom.journal.call_tables import AttachmentRow
from venterom.journal.cases import Kind
from venterom.journal.errors import Gone
from venterom.journal.events import Delivered
from venterom.journal.note import NoteFields
from venterom.journal.papers import handing
from venterom.journal.papers.paper import Body
from venterom.journal.papers.tables import PaperRow
from venterom.journal.reduced import RECALLED_WITHIN, is_gone
from venterom.journal.tables import AuditRow, EntryRow
from venterom.server import jobs

pytestmark = [pytest.mark.adapter, pytest.mark.slow]
Sessions = async_sessionmaker[AsyncSession]

KEEP = timedelta(days=30)
THEN = after(days=31)
SEALED = "wrapped_dek = :gone, nonce = :gone, ciphertext = :gone"
TABLES = ("record_entry", "record_attachment", "record_paper")


async def signed(sessions: Sessions, body: Body = CERTIFICATE) -> str:
    """A note with a picture and a paper."""
    async with sessions() as db, db.begin():
        visit = await written(db)
        await taken(db, visit)
        await save(db, visit, body)
        papers = await prepared(db, visit)
        await chart.sign(db, KEYS, NOON, visit=visit, author=DOCTOR, papers=papers)
    return visit


async def received(sessions: Sessions, body: Body = CERTIFICATE) -> str:
    """The same, in the EPJ."""
    visit = await signed(sessions, body)
    assert isinstance(await one_round(sessions, taking(), after(minutes=1)), Delivered)
    return visit


async def reduce(sessions: Sessions, visit: str) -> int:
    async with sessions() as db, db.begin():
        return await reducing.reduce(db, THEN, KEEP, [visit])


async def verdict(sessions: Sessions) -> chart.Verdict:
    async with sessions() as db:
        return await chart.verify(db, KEYS)


async def test_text_picture_and_paper_go_and_everything_else_is_proven(
    session_factory: Sessions,
) -> None:
    visit = await received(session_factory)
    before = await verdict(session_factory)
    assert await reduce(session_factory, visit) == 1
    async with session_factory() as db:
        entry, picture, paper = (
            await db.scalars(select(EntryRow)),
            await db.scalars(select(AttachmentRow)),
            await db.scalars(select(PaperRow)),
        )
        assert all(is_gone(row) for row in (entry.one(), picture.one(), paper.one()))
        line = (await db.scalars(select(AuditRow).order_by(AuditRow.n.desc()))).first()
        assert line is not None and (line.action, line.visit) == ("note.reduced", visit)
    assert await verdict(session_factory) == chart.Verdict(True, before.lines + 1)
    assert await reduce(session_factory, visit) == 0  # once


async def test_the_job_takes_those_that_are_due_and_none_when_the_text_is_kept(
    session_factory: Sessions, clock: FakeClock
) -> None:
    visit = await received(session_factory)
    prescribed = await received(session_factory, PRESCRIPTION)
    clock.now = THEN
    app = parts(session_factory, clock)

    async def whole() -> list[str]:
        await jobs.reduce(app)
        async with session_factory() as db:
            rows = await db.scalars(select(EntryRow).execution_options(populate_existing=True))
            return sorted(row.visit for row in rows if not is_gone(row))

    app[jobs.TEXT_IS_KEPT] = None
    assert await whole() == sorted([visit, prescribed])
    app[jobs.TEXT_IS_KEPT] = timedelta(days=31)
    assert await whole() == sorted([visit, prescribed])
    app[jobs.TEXT_IS_KEPT] = KEEP
    assert await whole() == [prescribed]
    clock.now = NOON + RECALLED_WITHIN
    assert await whole() == []
    assert (await verdict(session_factory)).ok


async def test_what_no_epj_has_or_somebody_asks_about_stays(session_factory: Sessions) -> None:
    asked_about, alone = await received(session_factory), await signed(session_factory)
    async with session_factory() as db, db.begin():
        await casework.ask(
            db,
            KEYS,
            NOON,
            visit=asked_about,
            kind=Kind.CORRECTION,
            wish="Feil side",
            by=KARI,
            basis=Basis.NONE,
        )
    assert await reduce(session_factory, asked_about) == 0
    assert await reduce(session_factory, alone) == 0


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize(
    "change",
    [
        "wrapped_dek = :gone",
        "nonce = :gone, ciphertext = :gone",
        "wrapped_dek = :gone, nonce = :gone, ciphertext = :other",
        f"{SEALED}, patient = 'x'",
        f"{SEALED}, kek_id = 'x'",
        f"{SEALED}, version = version + 1",
    ],
)
async def test_the_database_lets_a_row_lose_its_text_and_nothing_else(
    session_factory: Sessions, table: str, change: str
) -> None:
    await received(session_factory)
    with pytest.raises(DBAPIError, match="insert-only"):
        await changed(session_factory, f"UPDATE {table} SET {change}")
    await changed(session_factory, f"UPDATE {table} SET {SEALED}")
    for later in (f"UPDATE {table} SET ciphertext = :other", f"DELETE FROM {table}"):
        with pytest.raises(DBAPIError, match="insert-only"):
            await changed(session_factory, later)


@pytest.mark.parametrize("table", TABLES)
async def test_the_database_keeps_the_text_of_what_the_epj_has_not(
    session_factory: Sessions, table: str
) -> None:
    await signed(session_factory)
    with pytest.raises(DBAPIError, match="insert-only"):
        await changed(session_factory, f"UPDATE {table} SET {SEALED}")


async def changed(sessions: Sessions, statement: str) -> None:
    """By hand, behind our back."""
    values = {"gone": b"", "other": b"other"}
    values = {name: value for name, value in values.items() if f":{name}" in statement}
    async with sessions() as db, db.begin():
        await db.execute(text(statement), values)


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        (f"UPDATE record_entry SET {SEALED}", "its text is gone, and no audit line tells of it"),
        (f"UPDATE record_paper SET {SEALED}", "cannot be opened"),
        (f"UPDATE record_attachment SET {SEALED}", "cannot be opened"),
    ],
)
async def test_a_text_that_is_gone_without_a_line_is_found(
    session_factory: Sessions, statement: str, says: str
) -> None:
    visit = await received(session_factory)
    await changed(session_factory, statement)
    found = await verdict(session_factory)
    assert found.first_bad == f"entry {visit} version 1: {says}"


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        ("UPDATE delivery SET state = 'failed', receipt = NULL", "no receipt says who has it"),
        ("UPDATE delivery SET receipt = '{}'", "no receipt says who has it"),
        ("UPDATE delivery SET content_hash = 'x'", "is not on the list for the EPJ"),
    ],
)
async def test_a_reduced_note_without_the_epjs_receipt_is_found(
    session_factory: Sessions, statement: str, says: str
) -> None:
    visit = await received(session_factory)
    await reduce(session_factory, visit)
    await changed(session_factory, statement)
    found = await verdict(session_factory)
    assert not found.ok and found.first_bad.endswith(says)


@pytest.mark.parametrize("column", ["author_name", "patient", "content_hash", "jws", "signed_at"])
async def test_a_reduced_note_that_was_changed_is_found(
    session_factory: Sessions, column: str
) -> None:
    visit = await received(session_factory)
    await reduce(session_factory, visit)
    await _unlock(session_factory, "record_entry")
    new = "signed_at + 1" if column == "signed_at" else "'x'"
    await changed(session_factory, f"UPDATE record_entry SET {column} = {new}")
    assert not (await verdict(session_factory)).ok


@pytest.mark.parametrize("table", TABLES)
async def test_a_text_that_came_back_is_found(session_factory: Sessions, table: str) -> None:
    visit = await received(session_factory)
    await reduce(session_factory, visit)
    await _unlock(session_factory, table)
    await changed(session_factory, f"UPDATE {table} SET ciphertext = :other")
    assert not (await verdict(session_factory)).ok


async def _unlock(sessions: Sessions, table: str) -> None:
    """What only somebody with all rights to the database can do."""
    async with sessions() as db, db.begin():
        if db.get_bind().dialect.name == "sqlite":
            await db.execute(text(f"DROP TRIGGER {table}_no_update"))
        else:
            await db.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))


async def test_who_reads_a_reduced_note_is_told_that_it_is_elsewhere(
    session_factory: Sessions,
) -> None:
    visit = await received(session_factory)
    async with session_factory() as db:
        paper, picture = (
            await db.scalar(select(PaperRow.paper)),
            await db.scalar(select(AttachmentRow.picture)),
        )
    await reduce(session_factory, visit)
    asked = {"reader": KARI, "visit": visit}
    async with session_factory() as db, db.begin():
        note = await chart.read_note(db, KEYS, THEN, **asked, purpose=Purpose.PATIENT_REQUEST)  # type: ignore[arg-type]  # passed on
        assert (note.elsewhere, note.fields, note.signed_at) == (True, NoteFields(), NOON)
        outcome = await chart.read_outcome(db, KEYS, THEN, **asked)  # type: ignore[arg-type]  # as above
        assert (outcome.written, outcome.elsewhere, outcome.papers) == (True, True, ())
        assert (await chart.pictures(db, visit)).taken == ()
        assert paper is not None and picture is not None
        with pytest.raises(Gone):
            await handing.read_paper(db, KEYS, THEN, paper=paper, **asked)  # type: ignore[arg-type]  # as above
        with pytest.raises(Gone):
            await chart.read_picture(db, KEYS, THEN, picture=picture, **asked)  # type: ignore[arg-type]  # as above


async def test_it_stands_in_the_patients_list_and_not_in_what_she_takes_out(
    session_factory: Sessions,
) -> None:
    visit = await received(session_factory)
    async with session_factory() as db, db.begin():
        here = (
            await chart.sign(db, KEYS, after(days=2), visit=await written(db), author=DOCTOR)
        ).visit
    await reduce(session_factory, visit)
    hers = {"patient": KARI.person, "reader": KARI, "basis": Basis.NONE}
    async with session_factory() as db, db.begin():
        kept = await mine.notes(db, THEN, **hers)  # type: ignore[arg-type]  # passed on
        assert [(each.visit, each.elsewhere) for each in kept] == [(here, False), (visit, True)]
        out = await mine.everything(db, KEYS, THEN, **hers)  # type: ignore[arg-type]  # as above
        assert [each.manifest.visit for each in out] == [here]
        told = await mine.elsewhere(db, THEN, **hers)  # type: ignore[arg-type]  # as above
        assert [each.visit for each in told] == [visit]
        others = hers | {"reader": OLA}
        assert await mine.elsewhere(db, THEN, **others) == []  # type: ignore[arg-type]  # as above
