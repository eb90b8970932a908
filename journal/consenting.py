"""Gives and takes back consents: rows that are never changed, each with a signed receipt."""

import secrets
from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from venterom.journal import audit, consent, jws, minors, texts, visits
from venterom.journal.access import Actor
from venterom.journal.canonical import sha256_hex
from venterom.journal.chain import Action
from venterom.journal.consent import Kind, Record, Relation
from venterom.journal.entry import to_ms
from venterom.journal.errors import (
    ConsentMissing,
    ConsentRefused,
    NoPatient,
    PatientChanged,
    TextChanged,
    VisitClosed,
)
from venterom.journal.events import ConsentGiven, ConsentWithdrawn
from venterom.journal.fhir_parts import Agreed
from venterom.journal.keys import Keys
from venterom.journal.states import Stage
from venterom.journal.tables import ConsentRow, VisitRow

_ACTIONS = {
    Kind.NOTICE: Action.NOTICE_READ,
    Kind.CONSENT: Action.CONSENT_GIVEN,
    Kind.WITHDRAWAL: Action.CONSENT_WITHDRAWN,
}


async def give_consent(
    db: AsyncSession,
    keys: Keys,
    now: datetime,
    *,
    visit: str,
    by: Actor,
    patient: str,
    language: str,
    version: str,
    own_yes: bool = False,
    alone: bool = False,
) -> ConsentGiven:
    """The page was read and agreed to: one record of the notice, one of the consent.

    `own_yes` says that the young person agreed in the parent's presence, or that the child was
    asked; `alone`, that a child of 12 to 15 comes without its parents knowing. A second click
    writes nothing. Raises TextChanged, PatientChanged, ConsentRefused,
    NoPatient, VisitClosed, UnknownText, NoSuchVisit.
    """
    row = await visits.load(db, visit, lock=True)
    rule = _rule(row, by, patient, now, own_yes=own_yes, alone=alone)
    if version != texts.CURRENT:
        raise TextChanged
    standing = await visits.standing_consent(db, row)
    if standing is not None and _holds(standing, row, version, rule, now):
        old = await db.get_one(ConsentRow, standing.record.id)
        return ConsentGiven(visit, old.at, old.receipt, fresh=False)
    page = texts.page(language, version)
    receipt = ""
    for kind, shown in ((Kind.NOTICE, page.notice), (Kind.CONSENT, page.consent)):
        receipt = await _write(
            db,
            keys,
            now,
            by,
            Record(
                id=secrets.token_urlsafe(16),
                visit=visit,
                patient=patient,
                given_by=by.person,
                kind=kind,
                text_version=version,
                text_sha256=texts.text_sha256(shown),
                language=language,
                rule=rule,
                own_yes=own_yes,
                at=now,
            ),
        )
    return ConsentGiven(visit, now, receipt)


async def withdraw_consent(
    db: AsyncSession, keys: Keys, now: datetime, *, visit: str, by: Actor
) -> ConsentWithdrawn:
    """Take the consent back, without giving a reason (pbrl § 4-1 second paragraph).

    Raises ConsentMissing when there is none, ConsentRefused for somebody else, NoSuchVisit.
    """
    row = await visits.load(db, visit, lock=True)
    standing = await visits.standing_consent(db, row)
    if standing is None or standing.withdrawn_at is not None:
        raise ConsentMissing
    if by.person not in (row.opened_by, row.patient):
        raise ConsentRefused("no_relation")
    given = standing.record
    record = Record(
        id=secrets.token_urlsafe(16),
        visit=visit,
        patient=given.patient,
        given_by=by.person,
        kind=Kind.WITHDRAWAL,
        text_version=given.text_version,
        text_sha256=given.text_sha256,
        language=given.language,
        rule=given.rule,
        own_yes=given.own_yes,
        at=now,
    )
    return ConsentWithdrawn(visit, now, await _write(db, keys, now, by, record))


async def agreed(
    db: AsyncSession, keys: Keys, visits: Collection[str]
) -> Mapping[str, tuple[Agreed, ...]]:
    """What was given and taken back at each of these visits, oldest first, for the EPJ."""
    rows = await db.scalars(
        select(ConsentRow)
        .where(ConsentRow.visit.in_(visits), ConsentRow.kind != Kind.NOTICE)
        .order_by(ConsentRow.at, ConsentRow.kind)
    )
    found: defaultdict[str, tuple[Agreed, ...]] = defaultdict(tuple)
    for row in rows:
        found[row.visit] += (_agreed(keys, row),)
    return found


def _agreed(keys: Keys, row: ConsentRow) -> Agreed:
    return Agreed(
        id=row.id,
        given=row.kind == Kind.CONSENT,
        by=keys.pseudonym(row.given_by),
        at=row.at,
        text_version=row.text_version,
        text_sha256=row.text_sha256,
        language=row.language,
        receipt=row.receipt,
    )


def _holds(
    standing: consent.Consent, row: VisitRow, version: str, rule: minors.Decider, now: datetime
) -> bool:
    """Whether what was said before says the same, by the same rule at the same age of law."""
    assert row.birth_date is not None
    day, then = minors.norwegian_day(now), minors.norwegian_day(standing.record.at)
    same_age = minors.same_age_of_law(row.birth_date, then, day)
    return same_age and standing.record.rule is rule and consent.valid(standing, version, now)


def _rule(
    row: VisitRow, by: Actor, patient: str, now: datetime, *, own_yes: bool, alone: bool
) -> minors.Decider:
    if row.stage == Stage.CLOSED:
        raise VisitClosed
    if row.patient is None or row.birth_date is None or row.relation is None:
        raise NoPatient
    if row.patient != patient:
        raise PatientChanged
    if by.person != row.opened_by:
        raise ConsentRefused("no_relation")
    relation = Relation(row.relation)
    years = minors.age(row.birth_date, minors.norwegian_day(now))
    rule = minors.decides(years, alone=alone and relation is Relation.SELF)
    if why := consent.refusal(relation, rule, own_yes):
        raise ConsentRefused(why)
    return rule


async def _write(db: AsyncSession, keys: Keys, now: datetime, by: Actor, record: Record) -> str:
    payload = consent.receipt(record, keys.pseudonym, to_ms(record.at))
    receipt = jws.sign(payload, keys.signing, keys.kid, consent.RECEIPT)
    columns = {name: getattr(record, name) for name in Record.__slots__}
    await db.execute(insert(ConsentRow).values(**columns, receipt=receipt))
    await audit.append(
        db,
        now,
        actor=by,
        action=_ACTIONS[record.kind],
        visit=record.visit,
        patient=record.patient,
        content=sha256_hex(receipt.encode()),
    )
    return receipt
