"""A note is deleted by two: nothing of it can be read, and the chain still holds."""

import pytest
from sqlalchemy import text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from tests.journal.make import (
    DOCTOR,
    KARI,
    KEYS,
    NOON,
    OLA,
    OTHER_DOCTOR,
    after,
    signed,
)
from tests.journal.papers.make import PRESCRIPTION
from tests.journal.papers.signing import signed_with
from venterom.journal import casework, chart, deleting, delivery, mine
from venterom.journal.access import CARE_LASTS, Actor, Basis, Role
from venterom.journal.cases import Kind, Outcome, State
from venterom.journal.deletion import Ground
from venterom.journal.errors import Gone, MayNotRead, OnItsWay, PapersStand
from venterom.journal.papers import handing
from venterom.journal.papers.handing import Why
from venterom.journal.papers.tables import PaperRow
from venterom.journal.rights_tables import DeletionRow
from venterom.journal.rows import one
from venterom.journal.tables import DeliveryRow, EntryRow
from venterom.journal.writing import open_entry

pytestmark = pytest.mark.adapter
DIRECTOR = Actor("boss", Role.DIRECTOR, "Ragna")
WHY = "Notatet er åpenbart ikke nødvendig."
ERASE = "UPDATE record_entry SET wrapped_dek = :no, nonce = :no, ciphertext = :no"


async def granted(db: AsyncSession, visit: str, kind: Kind = Kind.DELETION) -> str:
    """A wish of Kari's that her doctor has granted."""
    case = await casework.ask(
        db, KEYS, NOON, visit=visit, by=KARI, basis=Basis.NONE, kind=kind, wish="Slett dette"
    )
    await casework.answer(
        db, KEYS, NOON, case_id=case, by=DOCTOR.actor, outcome=Outcome.GRANTED, reason=WHY
    )
    return case


async def carry_out(db: AsyncSession, case: str, by: Actor = DIRECTOR) -> None:
    """The second of the two, a day later."""
    ground = Ground.ASKED
    await deleting.carry_out(db, after(days=1), case_id=case, by=by, ground=ground)


async def the_entry(db: AsyncSession, visit: str) -> EntryRow:
    """The signed note as it lies in its row."""
    row = await one(db, EntryRow, EntryRow.visit == visit)
    assert row is not None
    return row


async def test_what_was_deleted_cannot_be_read_and_the_chain_says_by_which_decision(
    db: AsyncSession,
) -> None:
    visit, other = (await signed(db)).visit, (await signed(db, by=OLA)).visit
    case = await granted(db, visit)
    await carry_out(db, case)
    row = await the_entry(db, visit)
    assert (row.ciphertext, row.nonce, row.wrapped_dek) == (b"", b"", b"")
    with pytest.raises(Gone):
        await open_entry(db, KEYS, row)
    assert await open_entry(db, KEYS, await the_entry(db, other))
    verdict = await chart.verify(db, KEYS)
    assert verdict.ok
    [deleted] = verdict.deleted
    assert (deleted.decision, deleted.visit, deleted.at) == (case, visit, after(days=1))
    assert (deleted.decided_by, deleted.confirmed_by) == (DOCTOR.person, "boss")
    lines = [(line.actor, line.action) for line in await chart.access_log(db, visit)]
    assert lines[-1] == ("boss", "note.deleted")


async def test_nobody_finds_it_any_more_and_the_case_says_so(db: AsyncSession) -> None:
    visit = (await signed(db)).visit
    await carry_out(db, await granted(db, visit))
    listed = await mine.notes(db, NOON, patient="kari", reader=KARI, basis=Basis.NONE)
    assert listed == ()
    for reader in (KARI, DOCTOR.actor):
        with pytest.raises(MayNotRead):
            await chart.read_note(
                db, KEYS, NOON, reader=reader, visit=visit, purpose=chart.Purpose.TREATMENT
            )
    assert not await mine.everything(db, KEYS, NOON, patient="kari", reader=KARI, basis=Basis.NONE)
    [case] = await casework.of_patient(db, "kari")
    assert (case.state, case.carried_out_at) == (State.CARRIED_OUT, after(days=1))


@pytest.mark.parametrize("by", [DOCTOR.actor, OTHER_DOCTOR.actor, KARI], ids=lambda by: by.person)
async def test_one_alone_deletes_nothing(db: AsyncSession, by: Actor) -> None:
    visit = (await signed(db)).visit
    case = await granted(db, visit)
    with pytest.raises(MayNotRead):
        await carry_out(db, case, by)
    assert await open_entry(db, KEYS, await the_entry(db, visit))


async def test_the_database_itself_wants_two(db: AsyncSession) -> None:
    visit = (await signed(db)).visit
    one_alone = DeletionRow(
        decision=await granted(db, visit),
        visit=visit,
        patient="kari",
        ground="asked",
        decided_by="boss",
        confirmed_by="boss",
        at=NOON,
    )
    with pytest.raises(DBAPIError):
        async with db.begin_nested():
            db.add(one_alone)
            await db.flush()


async def test_a_correction_that_was_granted_deletes_nothing(db: AsyncSession) -> None:
    case = await granted(db, (await signed(db)).visit, Kind.CORRECTION)
    with pytest.raises(MayNotRead):
        await carry_out(db, case)


async def test_pressed_twice_it_is_done_once(db: AsyncSession) -> None:
    visit = (await signed(db)).visit
    case = await granted(db, visit)
    await carry_out(db, case)
    before = len(await chart.access_log(db, visit))
    await carry_out(db, case)
    assert len(await chart.access_log(db, visit)) == before


async def test_a_note_that_the_epj_has_not_is_never_sent(db: AsyncSession) -> None:
    visit = (await signed(db)).visit
    await carry_out(db, await granted(db, visit))
    assert await one(db, DeliveryRow, DeliveryRow.visit == visit) is None
    assert not await delivery.claim(db, after(days=2))


async def test_a_note_on_its_way_is_deleted_a_moment_later(db: AsyncSession) -> None:
    visit = (await signed(db)).visit
    case = await granted(db, visit)
    await delivery.claim(db, NOON)
    with pytest.raises(OnItsWay):
        await carry_out(db, case)
    arrived = {"state": "in_the_journal", "receipt": "{}"}
    await db.execute(update(DeliveryRow).values(arrived))
    await carry_out(db, case)
    assert (await chart.verify(db, KEYS)).ok  # the receipt is kept


async def test_what_still_holds_as_a_paper_is_withdrawn_first(db: AsyncSession) -> None:
    visit, [paper] = await signed_with(db, PRESCRIPTION)
    case = await granted(db, visit)
    with pytest.raises(PapersStand):
        await carry_out(db, case)
    await handing.withdraw_paper(
        db, NOON, visit=visit, paper=paper, doctor=DOCTOR.actor, why=Why.WRONG
    )
    await carry_out(db, case)
    row = await one(db, PaperRow, PaperRow.visit == visit)
    assert row is not None and row.ciphertext == b""
    assert (await chart.verify(db, KEYS)).ok


async def test_its_doctor_withdraws_it_then_however_long_ago_that_was(db: AsyncSession) -> None:
    visit, [paper] = await signed_with(db, PRESCRIPTION)
    late = NOON + CARE_LASTS * 3
    await chart.close(db, NOON, visit=visit)

    async def withdraw(doctor: Actor) -> object:
        return await handing.withdraw_paper(
            db, late, visit=visit, paper=paper, doctor=doctor, why=Why.WRONG
        )

    with pytest.raises(MayNotRead):
        await withdraw(DOCTOR.actor)
    await granted(db, visit)
    assert [each.id for each in await handing.standing(db, visit)] == [paper]
    with pytest.raises(MayNotRead):
        await withdraw(OTHER_DOCTOR.actor)
    assert await withdraw(DOCTOR.actor) is not None
    assert await handing.standing(db, visit) == []


@pytest.mark.parametrize(
    "statement",
    [
        f"{ERASE} WHERE patient = 'ola'",  # no decision about this one
        f"{ERASE}, author = 'x' WHERE patient = 'kari'",
        "UPDATE record_entry SET ciphertext = :some WHERE patient = 'kari'",
        "UPDATE record_entry SET withheld = NOT withheld WHERE patient = 'kari'",
        "DELETE FROM record_entry WHERE patient = 'kari'",
        "DELETE FROM record_deletion",
        "UPDATE record_deletion SET ground = 'wrong_patient'",
    ],
)
async def test_the_database_bears_a_deletion_and_no_other_change(
    db: AsyncSession, statement: str
) -> None:
    await signed(db, by=OLA)
    await carry_out(db, await granted(db, (await signed(db)).visit))
    with pytest.raises(DBAPIError):
        async with db.begin_nested():
            given = {"no": b"", "some": b"x"}
            values = {name: each for name, each in given.items() if f":{name}" in statement}
            await db.execute(text(statement), values)


async def past_the_triggers(db: AsyncSession, *tables: str) -> None:
    """As somebody does who owns the database."""
    if db.get_bind().dialect.name != "sqlite":
        await db.execute(text("SET LOCAL session_replication_role = replica"))
        return
    for table in tables:
        for verb in ("update", "delete"):
            await db.execute(text(f"DROP TRIGGER {table}_no_{verb}"))


async def test_a_deletion_that_was_made_up_or_changed_is_found(db: AsyncSession) -> None:
    await carry_out(db, await granted(db, (await signed(db)).visit))
    await past_the_triggers(db, "record_deletion", "record_entry")
    for change, says in (
        ("UPDATE record_deletion SET confirmed_by = 'somebody'", "no audit line tells of it"),
        ("UPDATE record_deletion SET ground = 'wrong_patient'", "no audit line tells of it"),
        ("DELETE FROM record_deletion", "is not on the list for the EPJ"),
    ):
        async with db.begin_nested() as change_only:
            await db.execute(text(change))
            assert says in (await chart.verify(db, KEYS)).first_bad
            await change_only.rollback()


async def test_a_note_that_was_to_be_deleted_and_was_put_back_is_found(db: AsyncSession) -> None:
    visit = (await signed(db)).visit
    kept = (await the_entry(db, visit)).ciphertext
    await carry_out(db, await granted(db, visit))
    await past_the_triggers(db, "record_entry")
    await db.execute(text("UPDATE record_entry SET ciphertext = :kept"), {"kept": kept})
    assert "something of it is left" in (await chart.verify(db, KEYS)).first_bad
