"""The one door to a visit and to a record: without a relation, one learns not even of either."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from venterom.journal import chart, minors, reading
from venterom.journal.access import Basis
from venterom.journal.chart import Visit
from venterom.journal.errors import NoSuchVisit
from venterom.queue import desk
from venterom.web.identity import parents, people, proxies, standing, tables
from venterom.web.identity.errors import NotYours
from venterom.web.identity.people import Person
from venterom.web.identity.relations import Stakes, may_enter
from venterom.web.identity.roles import PersonKind
from venterom.web.identity.sealed import Keys
from venterom.web.identity.standing import Right, Standing, Ties


@dataclass(frozen=True, slots=True)
class Record:
    """A patient's record, seen by somebody who may come to it."""

    patient: Person
    age: int  # in whole years, today
    standing: Standing
    basis: Basis

    def may(self, right: Right) -> bool:
        """Whether this reader may do this with it."""
        return standing.may(self.standing, right, self.age)


async def access_visit(db: AsyncSession, now: datetime, who: Person, visit_id: str) -> Visit:
    """The visit. Raises NotYours, which is the same for «no such» and «not yours»."""
    visit = await _find(db, visit_id)
    entry = await desk.entry(db, visit_id)
    cared_for = await reading.cares(db, visit_id, who.id) is not None
    if visit is None:
        raise NotYours
    stakes = Stakes(
        patient=visit.patient,
        opened_by=visit.opened_by,
        claimed_by=entry.claimed_by if entry else None,
        cared_for=cared_for,
        closed_at=visit.closed_at,
    )
    if not may_enter(who.id, who.kind, who.roles, stakes, now):
        raise NotYours
    return visit


async def access_own_visit(db: AsyncSession, now: datetime, who: Person, visit_id: str) -> None:
    """The same of a patient, or a parent, whose visit it is, by one question. Raises NotYours."""
    try:
        opened_by, patient = await chart.who_comes(db, visit_id)
    except NoSuchVisit:
        raise NotYours from None
    stakes = Stakes(
        patient=patient,
        opened_by=opened_by,
        claimed_by=None,
        cared_for=False,
        closed_at=None,
    )
    if not may_enter(who.id, who.kind, who.roles, stakes, now):
        raise NotYours


async def _find(db: AsyncSession, visit_id: str) -> Visit | None:
    try:
        return await chart.visit(db, visit_id)
    except NoSuchVisit:
        return None


async def access_record(
    db: AsyncSession, keys: Keys, now: datetime, who: Person, patient_id: str, right: Right
) -> Record:
    """The record of this patient, for somebody who may do this with it. Raises NotYours, which is
    the same for «no such patient», «not yours» and «not that»."""
    if who.kind is not PersonKind.PATIENT:
        raise NotYours
    patient = who if patient_id == who.id else await people.person(db, keys, patient_id)
    if patient.kind is not PersonKind.PATIENT or patient.birth_date is None:
        raise NotYours
    age = minors.age(patient.birth_date, minors.norwegian_day(now))
    ties = await _ties(db, now, who, patient, age)
    as_what = standing.standing(ties, now)
    if as_what is None:
        raise NotYours
    record = Record(patient, age, as_what, standing.basis(as_what, ties.in_register))
    if not record.may(right):
        raise NotYours
    return record


async def _ties(db: AsyncSession, now: datetime, who: Person, patient: Person, age: int) -> Ties:
    known = await parents.parents_of(db, now, patient.id)
    held = [p for p in await proxies.of(db, now, who.id) if p.giver == patient.id]
    return Ties(
        age=age,
        is_self=who.id == patient.id,
        is_parent=who.id in known,
        in_register=known.get(who.id) is tables.Basis.REGISTER,
        proxy_until=max((p.expires for p in held), default=None),
    )
