"""Many signed notes at once, written row by row as `chart.sign` writes them, ten times as fast."""

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from tests.journal.make import DOCTOR, GROWN, KEYS, NOTE
from venterom.journal import audit, chain, entry, jws, seal, vault
from venterom.journal.access import Actor
from venterom.journal.canonical import sha256_hex
from venterom.journal.chain import Action, Head, Line
from venterom.journal.entry import Content, to_ms
from venterom.journal.seal import KEY_BYTES, NONCE_BYTES, Context
from venterom.journal.states import Delivery, Stage
from venterom.journal.tables import (
    AuditRow,
    DeliveryRow,
    EntryRow,
    PatientKeyRow,
    VisitRow,
)
from venterom.journal.writing import manifest_of

PART = 500  # notes of one transaction
CALL = timedelta(minutes=10)
Sessions = async_sessionmaker[AsyncSession]
Columns = dict[str, object]


@dataclass(frozen=True)
class Signed:
    """One note to be there."""

    visit: str
    patient: str
    at: datetime


async def written(sessions: Sessions, notes: Sequence[Signed]) -> None:
    """All of them, in this order."""
    keys: dict[str, bytes] = {}
    for first in range(0, len(notes), PART):
        async with sessions() as db, db.begin():
            await _part(db, notes[first : first + PART], keys)


@dataclass
class Rows:
    """By table."""

    keys: list[Columns]
    visits: list[Columns]
    entries: list[Columns]
    lines: list[Columns]
    deliveries: list[Columns]


def rows_of(head: Head, notes: Sequence[Signed], keys: dict[str, bytes]) -> tuple[Head, Rows]:
    """What is written of these notes, and the end of the chain after them."""
    rows = Rows([], [], [], [], [])
    for note in notes:
        if note.patient not in keys:
            keys[note.patient] = secrets.token_bytes(KEY_BYTES)
            rows.keys.append(_key_row(note.patient, keys[note.patient]))
        head = _note(rows, head, note, keys[note.patient])
    return head, rows


async def _part(db: AsyncSession, notes: Sequence[Signed], keys: dict[str, bytes]) -> None:
    _, rows = rows_of(await audit.lock_head(db), notes, keys)
    for kind, lines in (
        (PatientKeyRow, rows.keys),
        (VisitRow, rows.visits),
        (EntryRow, rows.entries),
        (AuditRow, rows.lines),
        (DeliveryRow, rows.deliveries),
    ):
        if lines:
            await db.execute(insert(kind), lines)


def _note(rows: Rows, head: Head, note: Signed, key: bytes) -> Head:
    """One note's rows, and the chain's end after it."""
    fields = replace(NOTE, plan=f"{NOTE.plan} ({note.visit})")
    packed = entry.pack(
        Content(fields, note.at - CALL, note.at), secrets.token_bytes(entry.SALT_BYTES)
    )
    place = Context("record_entry", note.visit, note.patient, 1, DOCTOR.person)
    sealed = seal.seal(packed, place, kek_id=KEYS.keks.current, parent=key, chance=vault.chance())
    signed: Columns = {
        "visit": note.visit,
        "version": 1,
        "patient": note.patient,
        "author": DOCTOR.person,
        "author_hpr": DOCTOR.hpr,
        "author_name": DOCTOR.name,
        "sign_in": DOCTOR.sign_in,
        "signed_at": note.at,
        "withheld": False,
        "content_hash": entry.content_hash(packed),
        "after": head.hash.hex(),
        **vault.columns(sealed),
    }
    manifest = manifest_of(EntryRow(**signed), KEYS.pseudonym(note.patient))
    token = jws.sign(entry.manifest_payload(manifest), KEYS.signing, KEYS.kid, entry.TYPE)
    line = _line(head.n + 1, note, DOCTOR.actor, sha256_hex(token.encode()))
    link = chain.forge(head, line, secrets.token_bytes(chain.SALT_BYTES))
    rows.visits.append(_visit_row(note))
    rows.entries.append(signed | {"jws": token})
    rows.lines.append(
        {name: getattr(line, name) for name in Line.__slots__}
        | {"at": note.at, "salt": link.salt, "leaf": link.leaf, "hash": link.hash}
    )
    rows.deliveries.append(_delivery_row(note, line.n, str(signed["content_hash"])))
    return Head(line.n, link.hash)


def _line(n: int, note: Signed, actor: Actor, content: str) -> Line:
    return Line(
        n=n,
        at=to_ms(note.at),
        actor=actor.person,
        role=actor.role,
        action=Action.NOTE_SIGNED.value,
        visit=note.visit,
        patient=note.patient,
        purpose="",
        content=content,
    )


def _key_row(patient: str, key: bytes) -> Columns:
    wrapped = seal.wrap_patient_key(KEYS.keks, patient, key, nonce=secrets.token_bytes(NONCE_BYTES))
    return {"patient": patient, "kek_id": wrapped.kek_id, "wrapped": wrapped.wrapped}


def _visit_row(note: Signed) -> Columns:
    return {
        "id": note.visit,
        "opened_by": note.patient,
        "patient": note.patient,
        "relation": "self",
        "birth_date": GROWN,
        "stage": Stage.CLOSED,
        "opened_at": note.at - CALL,
        "closed_at": note.at,
    }


def _delivery_row(note: Signed, n: int, content_hash: str) -> Columns:
    return {
        "visit": note.visit,
        "version": 1,
        "n": n,
        "patient": note.patient,
        "author": DOCTOR.person,
        "content_hash": content_hash,
        "signed_at": note.at,
        "state": Delivery.SIGNED,
        "attempts": 0,
        "due_at": note.at,
    }


def notes(count: int, patients: int, first: datetime, apart: timedelta) -> list[Signed]:
    """So many, of so many patients in turn, one after the other."""
    return [Signed(f"many{n}", f"patient{n % patients}", first + n * apart) for n in range(count)]


def of(each: Iterable[Signed], patient: str) -> list[str]:
    """The visits of one patient, in the order in which they were signed."""
    return [note.visit for note in each if note.patient == patient]
