"""What a signature asks for, read at once, when nobody else can change it any more.

PostgreSQL locks the visit's row before, by a statement of its own: it would show what lies beside
the row as it was before it waited for the lock. On SQLite whoever writes is alone from the start.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import String, and_, bindparam, exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from venterom.journal import identifying, protecting, telephoning, vault
from venterom.journal.call_tables import IdentificationRow, PictureRow, TelephoneRow
from venterom.journal.chain import Action
from venterom.journal.contact import Telephone
from venterom.journal.errors import NoSuchVisit
from venterom.journal.identification import Identification
from venterom.journal.keys import Keys
from venterom.journal.minors import Decider
from venterom.journal.papers.tables import PaperDraftRow
from venterom.journal.protection import Protection
from venterom.journal.tables import (
    AuditRow,
    ConsentRow,
    DraftRow,
    EntryRow,
    PatientKeyRow,
    ProtectionRow,
    VisitRow,
)

# Built once: to put so large a question together takes longer than to answer it.
_VISIT, _DOCTOR = bindparam("visit", type_=String), bindparam("doctor", type_=String)
_CARES_SINCE = (
    select(AuditRow.at)
    .where(
        AuditRow.visit == _VISIT,
        AuditRow.action == Action.CARE_BEGUN,
        AuditRow.actor == _DOCTOR,
    )
    .order_by(AuditRow.n)
    .limit(1)
    .scalar_subquery()
)
_LOCKED = select(VisitRow.id).where(VisitRow.id == _VISIT).with_for_update()
_AT_HAND = (
    select(
        VisitRow,
        DraftRow,
        EntryRow,
        PatientKeyRow,
        ProtectionRow,
        TelephoneRow,
        IdentificationRow,
        _CARES_SINCE,
        exists().where(ConsentRow.visit == _VISIT, ConsentRow.rule == Decider.CHILD_ALONE),
        exists().where(PictureRow.visit == _VISIT),
        exists().where(PaperDraftRow.visit == _VISIT),
    )
    .select_from(VisitRow)
    .outerjoin(DraftRow, DraftRow.visit == VisitRow.id)
    .outerjoin(EntryRow, EntryRow.visit == VisitRow.id)
    .outerjoin(PatientKeyRow, PatientKeyRow.patient == VisitRow.patient)
    .outerjoin(ProtectionRow, ProtectionRow.visit == VisitRow.id)
    .outerjoin(TelephoneRow, TelephoneRow.visit == VisitRow.id)
    .outerjoin(
        IdentificationRow,
        and_(IdentificationRow.visit == VisitRow.id, IdentificationRow.by == _DOCTOR),
    )
    .where(VisitRow.id == _VISIT)
    .order_by(EntryRow.version.desc())
    .limit(1)
    .execution_options(populate_existing=True)
)


@dataclass(frozen=True, slots=True)
class AtHand:
    """What there is of one visit."""

    visit: VisitRow
    draft: DraftRow | None
    signed: EntryRow | None  # the newest version
    key: PatientKeyRow | None
    protection: Protection | None
    telephone: Telephone | None
    identified: Identification | None  # by this doctor
    cares_since: datetime | None  # this doctor
    came_alone: bool  # a child, without its parents knowing
    has_pictures: bool
    has_papers: bool

    def parents(self, keys: Keys) -> dict[str, bytes]:
        """The patient's key, as vault.py takes it. Raises Unreadable."""
        return {} if self.key is None else {self.key.patient: vault.unwrapped(keys, self.key)}


async def at_hand(db: AsyncSession, visit: str, doctor: str) -> AtHand:
    """Of a visit that nobody else changes until this transaction ends. Raises NoSuchVisit."""
    if db.get_bind().dialect.name == "postgresql":
        await db.execute(_LOCKED, {"visit": visit})
    row = (await db.execute(_AT_HAND, {"visit": visit, "doctor": doctor})).first()
    if row is None:
        raise NoSuchVisit
    kept, rang = protecting.value(row[4]), telephoning.value(row[5])
    seen = identifying.value(row[6])
    since, alone, pictures, papers = row[7:]
    return AtHand(row[0], row[1], row[2], row[3], kept, rang, seen, since, alone, pictures, papers)
