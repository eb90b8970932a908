"""A note from the first letter to the signature."""

import asyncio
import json
from dataclasses import replace
from datetime import datetime

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from tests.journal.make import (
    DOCTOR,
    KEYS,
    NOON,
    NOTE,
    OTHER_DOCTOR,
    after,
    consented,
    person,
    signed,
    written,
)
from venterom.journal import chart, delivery, entry, jws, vault, writing
from venterom.journal.access import Purpose
from venterom.journal.chain import Action
from venterom.journal.errors import (
    AlreadySigned,
    BadNote,
    MayNotRead,
    NothingToSign,
    NotTheAuthor,
    StaleDraft,
)
from venterom.journal.note import MAX_FIELD, NoteFields
from venterom.journal.states import Delivery
from venterom.journal.tables import AuditRow, DraftRow, EntryRow, HeadRow

pytestmark = pytest.mark.adapter
Sessions = async_sessionmaker[AsyncSession]


async def test_a_draft_is_saved_over_the_version_that_was_read(db: AsyncSession) -> None:
    visit = await written(db)
    fields = NoteFields(reason="Ny tekst")
    for before, expected in ((1, 2), (2, 3)):
        version = await chart.save_draft(
            db, KEYS, NOON, visit=visit, author=DOCTOR, fields=fields, version=before
        )
        assert version == expected
    note = await chart.read_note(
        db, KEYS, NOON, reader=DOCTOR.actor, visit=visit, purpose=Purpose.TREATMENT
    )
    assert (note.fields, note.version, note.signed_at) == (fields, 3, None)
    assert note.saved_at == NOON and note.author == DOCTOR.person


@pytest.mark.parametrize("version", [0, 2, -1])
async def test_two_windows_never_overwrite_each_other(db: AsyncSession, version: int) -> None:
    visit = await written(db)
    other = replace(NOTE, plan="Skrevet i et annet vindu")
    with pytest.raises(StaleDraft):
        await chart.save_draft(
            db, KEYS, NOON, visit=visit, author=DOCTOR, fields=other, version=version
        )


async def test_saving_the_same_again_is_no_conflict_with_oneself(db: AsyncSession) -> None:
    visit = await written(db)
    for _ in range(2):
        again = await chart.save_draft(
            db, KEYS, NOON, visit=visit, author=DOCTOR, fields=NOTE, version=0
        )
        assert again == 1
    for stale in (-1, 2):  # the same text, but over what was never the version before it
        with pytest.raises(StaleDraft):
            await chart.save_draft(
                db, KEYS, NOON, visit=visit, author=DOCTOR, fields=NOTE, version=stale
            )


async def test_the_same_text_of_another_doctor_is_a_conflict(db: AsyncSession) -> None:
    visit = await written(db)
    await chart.begin_care(db, NOON, visit=visit, doctor=OTHER_DOCTOR.actor)
    with pytest.raises(StaleDraft):
        await chart.save_draft(
            db, KEYS, NOON, visit=visit, author=OTHER_DOCTOR, fields=NOTE, version=0
        )


async def test_a_draft_that_nobody_began_has_no_version_to_save_over(db: AsyncSession) -> None:
    visit = await consented(db)
    await chart.begin_care(db, NOON, visit=visit, doctor=DOCTOR.actor)
    with pytest.raises(StaleDraft):
        await chart.save_draft(db, KEYS, NOON, visit=visit, author=DOCTOR, fields=NOTE, version=1)


async def test_only_a_doctor_with_the_patient_writes(db: AsyncSession) -> None:
    visit = await written(db)
    with pytest.raises(MayNotRead):
        await chart.save_draft(
            db, KEYS, NOON, visit=visit, author=OTHER_DOCTOR, fields=NOTE, version=1
        )
    with pytest.raises(MayNotRead):
        await chart.sign(db, KEYS, NOON, visit=visit, author=OTHER_DOCTOR)


async def test_the_next_doctor_goes_on_with_the_note(db: AsyncSession) -> None:
    visit = await written(db)
    await chart.begin_care(db, NOON, visit=visit, doctor=OTHER_DOCTOR.actor)
    with pytest.raises(NotTheAuthor):  # signing what one did not write
        await chart.sign(db, KEYS, NOON, visit=visit, author=OTHER_DOCTOR)
    await chart.save_draft(db, KEYS, NOON, visit=visit, author=OTHER_DOCTOR, fields=NOTE, version=1)
    begun = [x.actor for x in await chart.access_log(db, visit) if x.action == Action.DRAFT_BEGUN]
    assert begun == [DOCTOR.person, OTHER_DOCTOR.person]
    assert await chart.unsigned(db, DOCTOR.person) == ()
    assert await chart.unsigned(db, OTHER_DOCTOR.person) == (visit,)
    await chart.sign(db, KEYS, NOON, visit=visit, author=OTHER_DOCTOR)
    with pytest.raises(NotTheAuthor):
        await chart.sign(db, KEYS, NOON, visit=visit, author=DOCTOR)


async def test_a_field_that_is_too_long_is_not_saved(db: AsyncSession) -> None:
    visit = await written(db)
    with pytest.raises(BadNote) as caught:
        await chart.save_draft(
            db,
            KEYS,
            NOON,
            visit=visit,
            author=DOCTOR,
            fields=NoteFields(plan="x" * (MAX_FIELD + 1)),
            version=1,
        )
    assert caught.value.problems == {"plan": "too_long"}


async def test_an_incomplete_note_is_not_signed(db: AsyncSession) -> None:
    visit = await written(db, fields=NoteFields(reason="Vondt", icpc2="Q99"))
    with pytest.raises(BadNote) as caught:
        await chart.sign(db, KEYS, NOON, visit=visit, author=DOCTOR)
    assert caught.value.problems == {
        "findings": "empty",
        "assessment": "empty",
        "plan": "empty",
        "icpc2": "not_a_code",
        "place": "empty",
    }
    assert await delivery.state_of(db, visit) is None


async def test_nothing_written_is_nothing_to_sign(db: AsyncSession) -> None:
    visit = await consented(db)
    await chart.begin_care(db, NOON, visit=visit, doctor=DOCTOR.actor)
    with pytest.raises(NothingToSign):
        await chart.sign(db, KEYS, NOON, visit=visit, author=DOCTOR)


async def test_signing_makes_it_final(db: AsyncSession) -> None:
    visit = await written(db)
    done = await chart.sign(db, KEYS, after(minutes=20), visit=visit, author=DOCTOR)
    assert done.fresh and done.version == 1
    note = await chart.read_note(
        db, KEYS, NOON, reader=DOCTOR.actor, visit=visit, purpose=Purpose.TREATMENT
    )
    assert (note.fields, note.signed_at) == (NOTE, after(minutes=20))
    assert await db.scalar(select(DraftRow)) is None  # one copy of the truth
    assert await chart.unsigned(db, DOCTOR.person) == ()
    assert await delivery.state_of(db, visit) is Delivery.SIGNED
    with pytest.raises(AlreadySigned):
        await chart.save_draft(db, KEYS, NOON, visit=visit, author=DOCTOR, fields=NOTE, version=1)


async def test_signing_again_changes_nothing(db: AsyncSession) -> None:
    visit = await written(db)
    first = await chart.sign(db, KEYS, NOON, visit=visit, author=DOCTOR)
    again = await chart.sign(db, KEYS, after(minutes=1), visit=visit, author=DOCTOR)
    assert (again.at, again.content_hash, again.fresh) == (first.at, first.content_hash, False)
    assert await db.scalar(select(func.count()).select_from(EntryRow)) == 1


async def test_the_manifest_says_who_when_and_what_but_not_the_text(db: AsyncSession) -> None:
    done = await signed(db)
    row = (await db.scalars(select(EntryRow))).one()
    payload = jws.verify(row.jws, KEYS.verifying, typ=(entry.TYPE,))
    said = json.loads(payload)
    assert said["content_hash"] == done.content_hash and said["author_hpr"] == DOCTOR.hpr
    assert said["sign_in"] == DOCTOR.sign_in and said["signed_at"] == entry.to_ms(NOON)
    for secret in ("kari", NOTE.reason, NOTE.plan):
        assert secret.encode() not in payload


@pytest.mark.parametrize(
    ("closed", "ended"), [(True, after(minutes=12)), (False, after(minutes=20))]
)
async def test_the_contact_lasts_from_taking_the_patient_to_the_end_of_the_visit(
    db: AsyncSession, closed: bool, ended: datetime
) -> None:
    visit = await written(db)
    if closed:
        await chart.close(db, after(minutes=12), visit=visit)
    await chart.sign(db, KEYS, after(minutes=20), visit=visit, author=DOCTOR)
    row = (await db.scalars(select(EntryRow))).one()
    content = entry.unpack(await writing.open_entry(db, KEYS, row))
    assert (content.begun_at, content.ended_at) == (NOON, ended)


async def test_no_key_and_no_nonce_is_drawn_twice() -> None:
    drawn = [vault.chance() for _ in range(10_000)]
    for part in ("dek", "dek_nonce", "nonce"):
        assert len({getattr(chance, part) for chance in drawn}) == len(drawn)


async def test_the_same_note_twice_has_two_hashes(db: AsyncSession) -> None:
    first = await signed(db)
    second = await signed(db, by=person("per"))
    assert first.content_hash != second.content_hash  # else a hash would tell that texts are alike


async def test_signing_and_the_delivery_row_are_one_transaction(session_factory: Sessions) -> None:
    async with session_factory() as db, db.begin():
        visit = await written(db)
    try:
        async with session_factory() as db, db.begin():
            await chart.sign(db, KEYS, NOON, visit=visit, author=DOCTOR)
            raise RuntimeError("killed before the commit")
    except RuntimeError:
        pass
    async with session_factory() as db:
        assert await db.scalar(select(EntryRow)) is None
        assert await delivery.state_of(db, visit) is None
        assert await chart.unsigned(db, DOCTOR.person) == (visit,)
        assert (await chart.verify(db, KEYS)).ok


async def test_eight_doctors_signing_at_once_leave_a_chain_without_gaps(
    session_factory: Sessions,
) -> None:
    visits = []
    async with session_factory() as db, db.begin():
        visits = [await written(db, by=person(f"p{i}")) for i in range(8)]
        before = (await db.scalars(select(HeadRow.n))).one()

    async def sign(visit: str) -> None:
        async with session_factory() as db, db.begin():
            await chart.sign(db, KEYS, NOON, visit=visit, author=DOCTOR)

    await asyncio.gather(*(sign(visit) for visit in visits))
    async with session_factory() as db:
        numbers = (await db.scalars(select(AuditRow.n).order_by(AuditRow.n))).all()
        assert list(numbers) == list(range(1, before + 9))
        verdict = await chart.verify(db, KEYS)
        assert (verdict.ok, verdict.lines) == (True, before + 8)


async def test_eight_signatures_at_once_on_one_note_make_one_entry(
    session_factory: Sessions,
) -> None:
    async with session_factory() as db, db.begin():
        visit = await written(db)

    async def sign() -> bool:
        async with session_factory() as db, db.begin():
            return (await chart.sign(db, KEYS, NOON, visit=visit, author=DOCTOR)).fresh

    assert sum(await asyncio.gather(*(sign() for _ in range(8)))) == 1


async def test_an_empty_chain_takes_its_first_lines_from_many_at_once(
    session_factory: Sessions,
) -> None:
    async def begin(i: int) -> None:
        async with session_factory() as db, db.begin():
            await consented(db, by=person(f"p{i}"))

    await asyncio.gather(*(begin(i) for i in range(8)))
    async with session_factory() as db:
        assert (await chart.verify(db, KEYS)).ok
