"""People, keys and visits for the tests of the record."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy.ext.asyncio import AsyncSession

from venterom.journal import chart, delivery, packing, texts
from venterom.journal.access import Actor, Practitioner, Role
from venterom.journal.consent import Relation
from venterom.journal.events import Signed
from venterom.journal.keys import Keys
from venterom.journal.note import NoteFields
from venterom.journal.packing import Parcel
from venterom.journal.seal import KekRing

NOON = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)
KEYS = Keys(
    keks=KekRing("kek-1", {"kek-1": b"1" * 32}),
    signing=ec.derive_private_key(7, ec.SECP256R1()),
    index=b"i" * 32,
)
KARI = Actor("kari", Role.PATIENT, "Kari Prøvdal")
OLA = Actor("ola", Role.PATIENT, "Ola Testesen")
DOCTOR = Practitioner("dr-berg", "Berit Prøveberg", "9999001", "sign-in-1")
OTHER_DOCTOR = Practitioner("dr-dal", "Dag Testdal", "9999002", "sign-in-2")
GROWN = date(1980, 5, 17)

REASON = "Vondt i halsen og feber i tre dager"
NOTE = NoteFields(
    reason="Vondt i halsen",
    history="Feber 38,5 i tre dager",
    findings="Hovne tonsiller på video, snakker tydelig",
    assessment="Trolig halsbetennelse",
    plan="Hurtigtest i dag, ny kontakt ved forverring",
    icpc2="R76",
    medication="Paracetamol 500 mg, 2 tabletter inntil 3 ganger daglig",
    critical="Penicillin: utslett i 2019",
    advice="Ring 113 ved pustebesvær",
    place="Hjemme, Prøveveien 1, Prøvdal",
    callback="99 99 99 99",
)


def after(**by: float) -> datetime:
    """A moment after NOON."""
    return NOON + timedelta(**by)


def child_born(years: int) -> date:
    """The birth date of a child who turned `years` at the beginning of 2026's November."""
    return date(2026 - years, 11, 1)


async def told(
    db: AsyncSession,
    *,
    by: Actor = KARI,
    patient: str | None = None,
    birth_date: date = GROWN,
    now: datetime = NOON,
    reason: str = REASON,
    keys: Keys = KEYS,
) -> str:
    """A draft that says for whom and why."""
    visit = (await chart.open_visit(db, now, by=by)).id
    relation = Relation.SELF if patient is None else Relation.CHILD
    await chart.set_patient(
        db,
        now,
        visit=visit,
        patient=patient or by.person,
        relation=relation,
        birth_date=birth_date,
    )
    await chart.set_reason(db, keys, now, visit=visit, text=reason)
    return visit


async def consented(
    db: AsyncSession,
    *,
    by: Actor = KARI,
    patient: str | None = None,
    birth_date: date = GROWN,
    now: datetime = NOON,
    own_yes: bool = False,
    keys: Keys = KEYS,
) -> str:
    """A visit in the queue."""
    visit = await told(db, by=by, patient=patient, birth_date=birth_date, now=now, keys=keys)
    await chart.give_consent(
        db,
        keys,
        now,
        visit=visit,
        by=by,
        patient=patient or by.person,
        language="nb",
        version=texts.CURRENT,
        own_yes=own_yes,
    )
    await chart.mark_open(db, now, visit=visit)
    return visit


async def written(
    db: AsyncSession,
    *,
    by: Actor = KARI,
    patient: str | None = None,
    birth_date: date = GROWN,
    now: datetime = NOON,
    author: Practitioner = DOCTOR,
    fields: NoteFields = NOTE,
    keys: Keys = KEYS,
) -> str:
    """A visit with a doctor, and a note that is not signed."""
    visit = await consented(
        db, by=by, patient=patient, birth_date=birth_date, now=now, own_yes=True, keys=keys
    )
    await chart.begin_care(db, now, visit=visit, doctor=author.actor)
    await chart.save_draft(db, keys, now, visit=visit, author=author, fields=fields, version=0)
    return visit


async def signed(
    db: AsyncSession,
    *,
    by: Actor = KARI,
    patient: str | None = None,
    birth_date: date = GROWN,
    now: datetime = NOON,
    withheld: bool = False,
    keys: Keys = KEYS,
) -> Signed:
    """A visit whose note is signed."""
    visit = await written(db, by=by, patient=patient, birth_date=birth_date, now=now, keys=keys)
    return await chart.sign(db, keys, now, visit=visit, author=DOCTOR, withheld=withheld)


def person(name: str) -> Actor:
    """One more patient."""
    return replace(KARI, person=name)


async def handed_out(db: AsyncSession, now: datetime) -> Parcel | None:
    """The first note that is due, claimed and packed."""
    parcels = await packing.pack(db, KEYS, await delivery.claim(db, now))
    return parcels[0] if parcels else None
