"""Wishes to have a note put right, and their answers, on both databases."""

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from tests.journal.make import DOCTOR, KARI, KEYS, NOON, OLA, OTHER_DOCTOR, after, signed, written
from venterom.journal import casework, chart
from venterom.journal.access import Actor, Basis, Role
from venterom.journal.cases import Kind, Outcome, State
from venterom.journal.errors import AlreadyAnswered, BadReason, BadWish, CaseOpen, MayNotRead
from venterom.journal.rights_tables import AnswerRow, CaseRow

pytestmark = pytest.mark.adapter
DIRECTOR = Actor("boss", Role.DIRECTOR, "Ragna")
WISH = "Jeg har aldri hatt feber"
WHY = "Det du sier nå, er lagt til i notatet."


async def ask(
    db: AsyncSession, visit: str, by: Actor = KARI, kind: Kind = Kind.CORRECTION, wish: str = WISH
) -> str:
    return await casework.ask(
        db, KEYS, NOON, visit=visit, by=by, basis=Basis.NONE, kind=kind, wish=wish
    )


async def answer(db: AsyncSession, case: str, by: Actor = DOCTOR.actor, why: str = WHY) -> None:
    await casework.answer(
        db, KEYS, after(days=2), case_id=case, by=by, outcome=Outcome.REFUSED, reason=why
    )


async def actions(db: AsyncSession, visit: str) -> list[tuple[str, str, str]]:
    lines = await chart.access_log(db, visit)
    return [(x.actor, x.action, x.purpose) for x in lines if x.action.startswith("case")]


async def test_from_wish_to_answer(db: AsyncSession) -> None:
    visit = (await signed(db)).visit
    case = await ask(db, visit)
    [asked] = await casework.of_author(db, DOCTOR.person)
    assert (asked.id, asked.state, asked.due_at) == (case, State.OPEN, after(days=28))
    seen, words = await casework.read_for_answer(
        db, KEYS, after(days=1), case_id=case, by=DOCTOR.actor
    )
    assert (seen.id, words.wish, words.answer) == (case, WISH, "")
    await answer(db, case)
    [done] = await casework.of_patient(db, "kari")
    assert (done.state, done.answered_by) == (State.REFUSED, DOCTOR.person)
    assert (await casework.words_of(db, KEYS, [done]))[case].answer == WHY
    assert await actions(db, visit) == [
        ("kari", "case.asked", "PATRQT/own"),
        (DOCTOR.person, "case.read", "TREAT/case"),
        (DOCTOR.person, "case.answered", "TREAT/case"),
    ]


async def test_the_director_answers_too_and_nobody_else(db: AsyncSession) -> None:
    case = await ask(db, (await signed(db)).visit)
    for stranger in (OTHER_DOCTOR.actor, KARI, Actor("clerk", Role.INSURER, "")):
        with pytest.raises(MayNotRead):
            await casework.read_for_answer(db, KEYS, NOON, case_id=case, by=stranger)
        with pytest.raises(MayNotRead):
            await answer(db, case, stranger)
    await answer(db, case, DIRECTOR)
    with pytest.raises(AlreadyAnswered):
        await answer(db, case)


async def test_who_may_not_read_the_note_may_not_ask_about_it(db: AsyncSession) -> None:
    visit = (await signed(db)).visit
    with pytest.raises(MayNotRead):
        await ask(db, visit, OLA)
    with pytest.raises(MayNotRead):
        await ask(db, await written(db, now=after(hours=1)))  # there is nothing yet
    assert await casework.every(db) == []


async def test_one_open_wish_of_a_kind_and_a_new_one_after_the_answer(db: AsyncSession) -> None:
    visit = (await signed(db)).visit
    case = await ask(db, visit)
    with pytest.raises(CaseOpen):
        await ask(db, visit)
    await ask(db, visit, kind=Kind.DELETION)
    await answer(db, case)
    assert await ask(db, visit) != case


async def test_words_are_needed_on_both_sides(db: AsyncSession) -> None:
    visit = (await signed(db)).visit
    with pytest.raises(BadWish):
        await ask(db, visit, wish="  ")
    case = await ask(db, visit)
    with pytest.raises(BadReason):
        await answer(db, case, why="nei")


async def test_nothing_of_it_is_in_clear(db: AsyncSession) -> None:
    case = await ask(db, (await signed(db)).visit)
    await answer(db, case)
    for row in (CaseRow, AnswerRow):
        kept = await db.scalar(select(row.ciphertext).where(row.id == case))
        assert kept and WISH.encode() not in kept and WHY.encode() not in kept


@pytest.mark.parametrize("table", ["record_case", "record_case_answer"])
async def test_neither_wish_nor_answer_can_be_removed_or_changed(
    db: AsyncSession, table: str
) -> None:
    await answer(db, await ask(db, (await signed(db)).visit))
    for statement in (f"DELETE FROM {table}", f"UPDATE {table} SET kek_id = 'x'"):
        with pytest.raises(DBAPIError):
            async with db.begin_nested():
                await db.execute(text(statement))


async def test_there_is_no_answer_to_nothing(db: AsyncSession) -> None:
    sealed = {"kek_id": "k", "wrapped_dek": b"w", "nonce": b"n", "ciphertext": b"x"}
    said = {"id": "none", "outcome": "granted", "answered_by": "d", "answered_at": NOON}
    with pytest.raises(DBAPIError):
        async with db.begin_nested():
            await db.execute(insert(AnswerRow).values({**said, **sealed}))
            await db.flush()


@pytest.mark.parametrize("table", ["record_case", "record_case_answer"])
async def test_what_is_changed_or_lost_past_the_triggers_is_found(
    db: AsyncSession, table: str
) -> None:
    case = await ask(db, (await signed(db)).visit)
    if table == "record_case_answer":
        await answer(db, case)
    assert (await chart.verify(db, KEYS)).ok
    if db.get_bind().dialect.name == "sqlite":
        for verb in ("update", "delete"):
            await db.execute(text(f"DROP TRIGGER {table}_no_{verb}"))
    else:
        await db.execute(text("SET LOCAL session_replication_role = replica"))
    await db.execute(text(f"UPDATE {table} SET ciphertext = nonce"))
    assert "no audit line tells of it" in (await chart.verify(db, KEYS)).first_bad
    await db.execute(text(f"DELETE FROM {table}"))
    assert "what it tells of is missing" in (await chart.verify(db, KEYS)).first_bad
