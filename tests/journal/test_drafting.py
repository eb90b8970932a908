"""What is typed to put a note right is saved as a note is: over what was seen, until signed."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from tests.journal.make import DOCTOR, KEYS, NOTE, OTHER_DOCTOR, after, consented, signed, written
from tests.journal.test_amending import (
    CHIEF,
    LATE,
    RIGHT,
    WHY,
    add,
    anew,
    begin,
    closed,
    granted,
    received,
    reduce,
)
from tests.journal.test_casework import DIRECTOR
from venterom.journal import amending, audit, chart, drafting, drafts
from venterom.journal.access import Practitioner
from venterom.journal.chain import Action
from venterom.journal.drafting import Begun, Typed
from venterom.journal.errors import AlreadySigned, BadNote, MayNotRead, StaleDraft
from venterom.journal.note import MAX_FIELD
from venterom.journal.rights_tables import AmendmentDraftRow
from venterom.journal.tables import DeliveryRow, DraftRow, EntryRow

pytestmark = [pytest.mark.adapter, pytest.mark.slow]
Sessions = async_sessionmaker[AsyncSession]
SAVED = after(minutes=45)
WHOLE = Typed(1, WHY, fields=RIGHT)
ADDITION = Typed(1, WHY, "Prøven var negativ")


async def save(
    db: AsyncSession,
    visit: str,
    typed: Typed = WHOLE,
    version: int = 0,
    author: Practitioner = DOCTOR,
    now: datetime = SAVED,
) -> int:
    return await drafting.save(
        db, KEYS, now, visit=visit, author=author, typed=typed, version=version
    )


async def found(
    db: AsyncSession,
    visit: str,
    author: Practitioner = DOCTOR,
    late: bool = False,
    whole: bool | None = None,
) -> Begun | None:
    shown = await begin(db, visit, author, late)
    now = LATE if late else after(minutes=50)
    return await drafting.begun(db, KEYS, now, visit=visit, author=author, shown=shown, whole=whole)


async def rows(db: AsyncSession) -> Sequence[AmendmentDraftRow]:
    return (await db.scalars(select(AmendmentDraftRow))).all()


@pytest.mark.parametrize("typed", [WHOLE, ADDITION, Typed(1)])
async def test_what_was_typed_comes_back(db: AsyncSession, typed: Typed) -> None:
    visit = (await signed(db)).visit
    assert await found(db, visit) is None
    assert await save(db, visit, replace(typed, why="Ting")) == 1
    assert await save(db, visit, typed, 1) == 2
    assert await found(db, visit) == Begun(2, SAVED, typed)
    [row] = await rows(db)
    assert b"negativ" not in row.ciphertext and row.patient == "kari"
    assert (await chart.verify(db, KEYS)).ok


async def test_the_same_twice_is_saved_once_and_other_words_not_over_what_was_not_seen(
    db: AsyncSession,
) -> None:
    visit = (await signed(db)).visit
    assert [await save(db, visit), await save(db, visit)] == [1, 1]
    other = replace(WHOLE, why="Noe annet")
    for seen in (0, 7):
        with pytest.raises(StaleDraft):
            await save(db, visit, other, seen)
    lines = [line.action for line in await chart.access_log(db, visit)]
    assert lines.count(Action.AMENDMENT_BEGUN) == 1


async def test_a_correction_and_an_addition_are_kept_apart(db: AsyncSession) -> None:
    visit = (await signed(db)).visit
    await save(db, visit)
    await save(db, visit, ADDITION, now=after(minutes=46))
    for whole, typed in ((True, WHOLE), (False, ADDITION), (None, ADDITION)):  # None: the last one
        kept = await found(db, visit, whole=whole)
        assert kept and (kept.version, kept.typed) == (1, typed)
    await add(db, visit)
    [left] = await rows(db)
    assert left.whole
    kept = await found(db, visit)
    assert kept and kept.typed.seen == 1


async def test_one_who_wants_too_much_is_told_so(db: AsyncSession) -> None:
    visit = (await signed(db)).visit
    long = "a" * (MAX_FIELD + 1)
    for typed, field in (
        (replace(WHOLE, why=long), "why"),
        (replace(ADDITION, addition=long), "addition"),
        (replace(WHOLE, fields=replace(NOTE, plan=long)), "plan"),
    ):
        with pytest.raises(BadNote) as bad:
            await save(db, visit, typed)
        assert set(bad.value.problems) == {field}
    assert await rows(db) == []


@pytest.mark.parametrize("typed", [WHOLE, ADDITION])
async def test_it_goes_when_it_is_signed_and_does_not_come_back(
    db: AsyncSession, typed: Typed
) -> None:
    visit = (await signed(db)).visit
    await save(db, visit, typed)
    [own] = (await amending.own(db, DOCTOR.person)).notes
    assert own.begun
    await (anew(db, visit) if typed.fields else add(db, visit))
    assert await rows(db) == []
    [own] = (await amending.own(db, DOCTOR.person)).notes
    assert not own.begun
    for version in (0, 1):  # a page that saves late
        with pytest.raises(AlreadySigned):
            await save(db, visit, typed, version)


async def test_each_doctor_has_her_own_and_nobody_else_has_one(db: AsyncSession) -> None:
    visit = await closed(db)
    with pytest.raises(MayNotRead):
        await save(db, visit, author=OTHER_DOCTOR)
    await granted(db, visit, DIRECTOR)
    await save(db, visit, ADDITION)
    await save(db, visit, author=CHIEF)
    assert {row.author for row in await rows(db)} == {CHIEF.person, DOCTOR.person}
    one, other = await found(db, visit), await found(db, visit, CHIEF)
    assert one and other and (one.typed, other.typed) == (ADDITION, WHOLE)
    await anew(db, visit, author=CHIEF)  # the other one is still there, upon a note that is older
    kept = await found(db, visit)
    assert kept and kept.typed.seen == 1
    with pytest.raises(AlreadySigned):
        await save(db, visit, ADDITION, 1)
    assert await save(db, visit, replace(ADDITION, seen=2), 1) == 2


async def test_who_may_not_read_the_note_any_more_gets_back_only_what_is_not_of_it(
    db: AsyncSession,
) -> None:
    visit = await closed(db)
    await save(db, visit)
    with pytest.raises(MayNotRead):
        await save(db, visit, version=1, now=LATE)
    kept = await found(db, visit, late=True)
    assert kept and kept.typed == Typed(1, WHY)
    last = (await chart.access_log(db, visit))[-1]
    assert (last.action, last.purpose) == (Action.NOTE_READ, "TREAT/wrote_it")
    assert kept.version == 0  # of the addition that it would be
    assert await save(db, visit, ADDITION, now=LATE) == 1
    kept = await found(db, visit, late=True)
    assert kept and kept.typed == ADDITION


async def test_a_copy_that_was_typed_goes_with_the_text_and_an_addition_stays(
    session_factory: Sessions,
) -> None:
    async with session_factory() as db, db.begin():
        visit = await closed(db)
        await save(db, visit)
    await received(session_factory, visit)
    assert await reduce(session_factory, visit) == 1
    async with session_factory() as db, db.begin():
        assert await rows(db) == []
        await save(db, visit, ADDITION)
        [row] = await rows(db)
        assert not row.whole


def test_a_note_and_a_correction_are_saved_by_one_code() -> None:
    assert {each.__tablename__ for each in drafts.Row.__args__} == {"note_draft", "amendment_draft"}


@pytest.mark.parametrize("what", ["draft", "signature", "correction", "its draft"])
async def test_if_the_line_cannot_be_written_nothing_is_written(
    session_factory: Sessions, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    async with session_factory() as db, db.begin():
        done = (await signed(db)).visit
        begun = await written(db, now=after(days=1))
        fresh = await consented(db, now=after(days=1))
        await chart.begin_care(db, after(days=1), visit=fresh, doctor=DOCTOR.actor)

    async def fail(*_: object, **__: object) -> None:
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(audit, "append", fail)
    acts: dict[str, Callable[[AsyncSession], Awaitable[object]]] = {
        "draft": lambda db: chart.save_draft(
            db, KEYS, after(days=1), visit=fresh, author=DOCTOR, fields=NOTE, version=0
        ),
        "signature": lambda db: chart.sign(db, KEYS, after(days=1), visit=begun, author=DOCTOR),
        "correction": lambda db: anew(db, done),
        "its draft": lambda db: save(db, done),
    }
    with pytest.raises(RuntimeError):
        async with session_factory() as db, db.begin():
            await acts[what](db)
    async with session_factory() as db:
        assert [row.visit for row in await db.scalars(select(DraftRow))] == [begun]
        assert [row.version for row in await db.scalars(select(EntryRow))] == [1]
        assert len((await db.scalars(select(DeliveryRow))).all()) == 1 and not await rows(db)
        assert (await chart.verify(db, KEYS)).ok
