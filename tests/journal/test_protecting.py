"""How a call was kept is stored while it lasts, and sealed into the note that is signed of it."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from tests.journal.make import DOCTOR, KEYS, NOON, after, written
from venterom.journal import chart
from venterom.journal.access import Purpose
from venterom.journal.errors import NoSuchVisit
from venterom.journal.protecting import protection_of
from venterom.journal.protection import Encryption, Protection, Words

pytestmark = pytest.mark.adapter

MATCHED = Protection(Encryption.END_TO_END, Words.MATCHED)
COMPARED_BY_NOBODY = Protection(Encryption.END_TO_END, Words.NOT_COMPARED)


async def read(db: AsyncSession, visit: str) -> Protection | None:
    """What stands beside the note."""
    note = await chart.read_note(
        db, KEYS, after(minutes=9), reader=DOCTOR.actor, visit=visit, purpose=Purpose.TREATMENT
    )
    return note.protection


async def test_what_was_said_last_stands_beside_the_note_and_is_signed_with_it(
    db: AsyncSession,
) -> None:
    visit = await written(db)
    assert await read(db, visit) is None
    for said in (COMPARED_BY_NOBODY, MATCHED):
        assert await chart.report_protection(db, NOON, visit=visit, said=said) == said
        assert await read(db, visit) == said
    await chart.sign(db, KEYS, after(minutes=9), visit=visit, author=DOCTOR)
    assert await read(db, visit) == MATCHED


async def test_what_comes_after_the_signature_changes_no_signed_note(db: AsyncSession) -> None:
    visit = await written(db)
    await chart.report_protection(db, NOON, visit=visit, said=MATCHED)
    await chart.sign(db, KEYS, after(minutes=9), visit=visit, author=DOCTOR)
    open_call = Protection(Encryption.HOP_BY_HOP, Words.NOT_COMPARED)
    await chart.report_protection(db, after(minutes=10), visit=visit, said=open_call)
    assert await read(db, visit) == MATCHED


async def test_of_a_call_of_which_nothing_is_known_the_note_says_nothing(db: AsyncSession) -> None:
    visit = await written(db)
    await chart.sign(db, KEYS, after(minutes=9), visit=visit, author=DOCTOR)
    assert await read(db, visit) is None


async def test_the_weakest_part_of_a_call_is_what_is_kept(db: AsyncSession) -> None:
    visit = await written(db)
    open_call = Protection(Encryption.HOP_BY_HOP, Words.NOT_COMPARED)
    for said in (open_call, MATCHED):
        whole = await chart.report_protection(db, NOON, visit=visit, said=said)
    assert whole == Protection(Encryption.HOP_BY_HOP, Words.MATCHED)
    assert await protection_of(db, visit) == whole


async def test_a_visit_that_is_none_has_no_call(db: AsyncSession) -> None:
    with pytest.raises(NoSuchVisit):
        await chart.report_protection(db, NOON, visit="nobody", said=MATCHED)


@pytest.mark.parametrize("values", ["'some', 'matched'", "'end_to_end', 'perhaps'"])
async def test_the_database_knows_no_other_words(db: AsyncSession, values: str) -> None:
    with pytest.raises(DBAPIError, match="call_protection"):
        await db.execute(text(f"INSERT INTO call_protection VALUES ('v', {values}, 0)"))
