"""Whatever is changed behind our back, the walk names it."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import insert, inspect, select, text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from tests.journal.make import DOCTOR, KEYS, NOTE, OLA, after, person, signed
from venterom.journal import amending, audit, chain, chart, consent, delivery, entry, jws, visits
from venterom.journal.tables import (
    INSERT_ONLY,
    AuditRow,
    Base,
    ConsentRow,
    EntryRow,
    PatientKeyRow,
)

pytestmark = [pytest.mark.adapter, pytest.mark.slow]
Sessions = async_sessionmaker[AsyncSession]


KINDS: dict[object, str] = {
    "notice": "consent",
    "consent": "notice",
    "withdrawal": "consent",
}


@pytest.fixture
async def record(session_factory: Sessions) -> Sessions:
    """Two visits with signed notes, one consent taken back, and the triggers out of the way."""
    async with session_factory() as db, db.begin():
        await signed(db)
        done = await signed(db, by=OLA, now=after(minutes=1))
        await chart.withdraw_consent(db, KEYS, after(minutes=2), visit=done.visit, by=OLA)
        await delivery.claim(db, after(minutes=3))
        for table in (*INSERT_ONLY, "chain_head"):
            if db.get_bind().dialect.name == "sqlite":
                await db.execute(text(f"DROP TRIGGER {table}_no_update"))
                await db.execute(text(f"DROP TRIGGER {table}_no_delete"))
            else:  # a line that is added still moves the chain's end
                kept = "no_change" if table == "chain_head" else "insert_only"
                await db.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER {table}_{kept}"))
        assert (await chart.verify(db, KEYS)).ok
    return session_factory


@asynccontextmanager
async def changed(
    sessions: Sessions, *statements: str, **values: object
) -> AsyncGenerator[chart.Verdict]:
    """What the walk says after these statements, which are undone afterwards."""
    async with sessions() as db, db.begin() as transaction:
        for statement in statements:
            assert (await db.execute(text(statement), values)).rowcount > 0, statement  # type: ignore[attr-defined]  # a cursor
        yield await chart.verify(db, KEYS)
        await transaction.rollback()


async def column_values(sessions: Sessions, table: str, column: str) -> list[object]:
    async with sessions() as db:
        return list((await db.execute(text(f"SELECT {column} FROM {table}"))).scalars())


def other(value: object) -> object:
    """Another value of the same kind."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1 if value > 1_000_000 else value + 100
    if isinstance(value, bytes):
        return bytes([value[0] ^ 1]) + value[1:]
    if value in KINDS:  # the database itself refuses any other
        return KINDS[value]
    return f"{value}x"


@pytest.mark.parametrize("kind", [AuditRow, EntryRow, ConsentRow])
async def test_each_changed_column_of_each_row_is_found(record: Sessions, kind: type[Base]) -> None:
    table = kind.__tablename__
    key = "n" if kind is AuditRow else "signed_at" if kind is EntryRow else "id"
    rows = await column_values(record, table, key)
    assert len(rows) >= 2
    for column in (attribute.key for attribute in inspect(kind).column_attrs):
        for row in rows:
            async with record() as db:
                query = text(f"SELECT {column} FROM {table} WHERE {key} = :row")
                value = await db.scalar(query, {"row": row})
            if isinstance(value, int) and column in ("withheld", "own_yes"):
                value = bool(value)
            statement = f"UPDATE {table} SET {column} = :new WHERE {key} = :row"
            async with changed(record, statement, new=other(value), row=row) as verdict:
                assert not verdict.ok, (column, row)


async def test_the_first_bad_line_is_named(record: Sessions) -> None:
    statement = "UPDATE record_audit SET actor = 'x' WHERE n IN (4, 7)"
    async with changed(record, statement) as verdict:
        assert verdict == chart.Verdict(False, 3, "audit 4: content")
    async with changed(record, "DELETE FROM record_audit WHERE n = 5") as verdict:
        assert verdict == chart.Verdict(False, 4, "audit 6: gap")
    swap = "UPDATE record_audit SET n = CASE n WHEN 2 THEN 3002 ELSE n END"
    async with changed(record, swap) as verdict:
        assert verdict.first_bad == "audit 3: gap"


async def test_a_cut_tail_is_found_by_the_head(record: Sessions) -> None:
    last = max(int(str(n)) for n in await column_values(record, "record_audit", "n"))
    async with changed(record, f"DELETE FROM record_audit WHERE n = {last}") as verdict:
        assert verdict.first_bad == f"audit {last}: missing, the chain's end says otherwise"
    for statement in (
        "UPDATE chain_head SET n = n + 1",
        "UPDATE chain_head SET hash = :h",
        "DELETE FROM chain_head",
    ):
        async with changed(record, statement, h=b"x" * 32) as verdict:
            assert not verdict.ok


async def test_an_anchor_finds_a_tail_that_was_cut_off_with_the_head_in_hand(
    record: Sessions,
) -> None:
    async with record() as db:
        whole = await audit.head(db)
        anchored = {whole.n: whole.hash}
        assert (await chart.verify(db, KEYS, anchored)).ok
        cut = "SELECT hash FROM record_audit WHERE n = :n"
        before = await db.scalar(text(cut), {"n": whole.n - 1})
    async with record() as db, db.begin() as transaction:
        await db.execute(text("DELETE FROM record_audit WHERE n = :n"), {"n": whole.n})
        head = "UPDATE chain_head SET n = n - 1, hash = :hash"
        await db.execute(text(head), {"hash": before})
        assert (await chart.verify(db, KEYS)).ok  # nothing in the database shows it
        verdict = await chart.verify(db, KEYS, anchored)
        says = f"audit {whole.n}: missing, the anchor knows {whole.n} lines"
        assert verdict == chart.Verdict(False, whole.n - 1, says)
        await transaction.rollback()


async def test_an_anchor_finds_a_log_that_was_written_anew(record: Sessions) -> None:
    async with record() as db, db.begin() as transaction:
        old = await audit.head(db)
        await _write_anew(db)
        assert (await chart.verify(db, KEYS)).ok  # every hash fits
        verdict = await chart.verify(db, KEYS, {2: b"another".ljust(32), old.n: old.hash})
        assert verdict == chart.Verdict(False, 1, "audit 2: the anchor knows another line")
        verdict = await chart.verify(db, KEYS, {old.n: old.hash})
        assert verdict.first_bad == f"audit {old.n}: the anchor knows another line"
        await transaction.rollback()


def _line(row: AuditRow) -> chain.Line:
    said = {name: getattr(row, name) for name in chain.Line.__slots__}
    return chain.Line(**said | {"at": entry.to_ms(row.at)})


async def _write_anew(db: AsyncSession) -> None:
    """The whole log, with another actor in its first line: what somebody with the database does."""
    head = chain.EMPTY
    for row in list(await db.scalars(select(AuditRow).order_by(AuditRow.n))):
        line = _line(row)
        link = chain.forge(head, replace(line, actor="x") if line.n == 1 else line, row.salt)
        row.actor, row.leaf, row.hash = link.line.actor, link.leaf, link.hash
        head = chain.Head(line.n, link.hash)
    await db.flush()
    await db.execute(text("UPDATE chain_head SET hash = :hash"), {"hash": head.hash})


@pytest.mark.parametrize(
    ("table", "says"),
    [("record_entry", "what it tells of is missing"), ("record_consent", "is missing")],
)
async def test_a_row_that_is_gone_is_found_by_its_line(
    record: Sessions, table: str, says: str
) -> None:
    async with changed(record, f"DELETE FROM {table}") as verdict:
        assert verdict.first_bad.startswith("audit ") and says in verdict.first_bad


async def test_a_row_without_a_line_is_found(record: Sessions) -> None:
    copied = ", ".join(a.key for a in inspect(ConsentRow).column_attrs if a.key != "id")
    statement = (
        f"INSERT INTO record_consent (id, {copied}) SELECT 'new', {copied} FROM record_consent"
        " WHERE kind = 'consent' AND patient = 'kari'"
    )
    async with changed(record, statement) as verdict:
        # Walked before its original it is not the one that was signed; after it, it has no line.
        assert verdict.first_bad.startswith("consent new: ")


async def test_a_consent_that_is_truly_signed_but_has_no_line_is_found(record: Sessions) -> None:
    # Somebody who has the signing key, and wrote into the table by hand.
    async with record() as db, db.begin() as transaction:
        old = (await db.scalars(select(ConsentRow).where(ConsentRow.kind == "consent"))).first()
        assert old is not None
        forged = replace(visits.record_of(old), id="new")
        said = consent.receipt(forged, KEYS.pseudonym, entry.to_ms(forged.at))
        receipt = jws.sign(said, KEYS.signing, KEYS.kid, consent.RECEIPT)
        columns = {name: getattr(forged, name) for name in type(forged).__slots__}
        await db.execute(insert(ConsentRow).values(**columns, receipt=receipt))
        verdict = await chart.verify(db, KEYS)
        assert verdict.first_bad == "consent new: no audit line tells of it"
        await transaction.rollback()


async def test_a_ciphertext_moved_to_another_entry_does_not_open(record: Sessions) -> None:
    parts = "ciphertext", "nonce", "wrapped_dek"
    moves = ", ".join(f"{p} = (SELECT {p} FROM record_entry WHERE patient = 'kari')" for p in parts)
    async with changed(record, f"UPDATE record_entry SET {moves} WHERE patient = 'ola'") as verdict:
        assert verdict.first_bad.endswith("cannot be opened")


@pytest.mark.parametrize("column", ["kek_id", "wrapped", "patient"])
async def test_a_changed_patient_key_is_found(record: Sessions, column: str) -> None:
    (first, *_) = await column_values(record, PatientKeyRow.__tablename__, column)
    statement = f"UPDATE patient_key SET {column} = :new WHERE patient = 'kari'"
    async with changed(record, statement, new=other(first)) as verdict:
        assert verdict.first_bad.endswith("cannot be opened")


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM delivery",
        "UPDATE delivery SET content_hash = 'x'",
        "UPDATE delivery SET n = -n",
    ],
)
async def test_an_entry_that_would_never_reach_the_epj_is_found(
    record: Sessions, statement: str
) -> None:
    async with changed(record, statement) as verdict:
        assert verdict.first_bad.endswith("is not on the list for the EPJ")


async def test_entries_of_a_retired_key_verify_and_of_an_unknown_one_do_not(
    record: Sessions,
) -> None:
    new = ec.derive_private_key(9, ec.SECP256R1())
    async with record() as db:
        retired = replace(KEYS, signing=new, retired={KEYS.kid: KEYS.signing.public_key()})
        assert (await chart.verify(db, retired)).ok
        verdict = await chart.verify(db, replace(KEYS, signing=new))
        assert verdict.first_bad.endswith("the key is unknown")


async def test_an_empty_record_is_in_order(session_factory: Sessions) -> None:
    async with session_factory() as db:
        assert await chart.verify(db, KEYS) == chart.Verdict(True, 0)


async def test_a_long_record_is_walked_page_by_page(
    session_factory: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("venterom.journal.verifying.PAGE", 3)
    async with session_factory() as db, db.begin():
        for i in range(4):
            await signed(db, by=person(f"p{i}"))
    seen: list[tuple[str, int]] = []
    async with session_factory() as db:
        verdict = await chart.verify(db, KEYS, progress=lambda *said: seen.append(said))
    assert verdict == chart.Verdict(True, 24)
    assert seen[:2] == [("lines of the log", 3), ("lines of the log", 6)]
    assert seen[-1] == ("signed notes", 4)


# ---- rows that changed places


async def test_two_lines_of_the_log_that_changed_places_are_found_and_the_first_is_named(
    record: Sessions,
) -> None:
    columns = [each.key for each in inspect(AuditRow).column_attrs if each.key != "n"]
    swap = ", ".join(
        f"{c} = (SELECT o.{c} FROM record_audit o WHERE o.n = 9 - l.n)" for c in columns
    )
    statement = f"UPDATE record_audit AS l SET {swap} WHERE n IN (4, 5)"
    async with changed(record, statement) as verdict:
        assert verdict == chart.Verdict(False, 3, "audit 4: content")


async def test_two_signed_notes_that_changed_places_are_found(record: Sessions) -> None:
    keys = ("visit", "version")
    columns = [each.key for each in inspect(EntryRow).column_attrs if each.key not in keys]
    for some in (columns, ["kek_id", "wrapped_dek", "nonce", "ciphertext"], ["jws"]):
        swap = ", ".join(
            f"{c} = (SELECT o.{c} FROM record_entry o WHERE o.visit <> l.visit)" for c in some
        )
        async with changed(record, f"UPDATE record_entry AS l SET {swap}") as verdict:
            assert verdict.first_bad.startswith(("audit ", "entry ")), some


async def test_an_old_version_that_was_put_over_a_new_one_is_found(record: Sessions) -> None:
    async with record() as db, db.begin():
        visit = (await db.scalars(select(EntryRow.visit).where(EntryRow.patient == "kari"))).one()
        await amending.amend(
            db,
            KEYS,
            after(minutes=5),
            visit=visit,
            author=DOCTOR,
            seen=1,
            why="Feil plan",
            fields=replace(NOTE, plan="Ring fastlegen"),
        )
        assert (await chart.verify(db, KEYS)).ok
    keys = ("visit", "version")
    columns = [each.key for each in inspect(EntryRow).column_attrs if each.key not in keys]
    for some in (columns, ["kek_id", "wrapped_dek", "nonce", "ciphertext"]):
        put = ", ".join(
            f"{c} = (SELECT o.{c} FROM record_entry o WHERE o.visit = l.visit AND o.version = 1)"
            for c in some
        )
        statement = f"UPDATE record_entry AS l SET {put} WHERE version = 2"
        async with changed(record, statement) as verdict:
            assert verdict.first_bad.startswith(("audit ", "entry ")), some
    gone = "DELETE FROM record_entry WHERE version = 2"
    async with changed(record, gone) as verdict:
        assert "what it tells of is missing" in verdict.first_bad


async def test_one_changed_byte_anywhere_in_a_sealed_note_is_found(record: Sessions) -> None:
    [text_of, *_] = await column_values(record, "record_entry", "ciphertext")
    assert isinstance(text_of, bytes)
    for place in (0, len(text_of) // 2, len(text_of) - 1):
        new = text_of[:place] + bytes([text_of[place] ^ 1]) + text_of[place + 1 :]
        statement = "UPDATE record_entry SET ciphertext = :new WHERE ciphertext = :old"
        async with changed(record, statement, new=new, old=text_of) as verdict:
            assert verdict.first_bad.endswith("cannot be opened"), place


async def test_a_patient_whose_key_is_gone_is_found_and_cannot_be_read(record: Sessions) -> None:
    async with changed(record, "DELETE FROM patient_key WHERE patient = 'kari'") as verdict:
        assert verdict.first_bad.endswith("cannot be opened")
