"""Consent to the form of treatment, and the receipt for it (pbrl §§ 4-1 to 4-4; norway.md 5.2).

It is not the legal basis for keeping a record: that is the law. One page is shown; the notice that
was acknowledged and the consent that was given are recorded apart.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from venterom.journal.canonical import Plain
from venterom.journal.minors import Decider, norwegian_day, same_age_of_law
from venterom.journal.texts import PURPOSES

RECEIPT = "consent-receipt+jws"  # the type of the signed receipt


class Kind(StrEnum):
    """What was recorded."""

    NOTICE = "notice"
    CONSENT = "consent"
    WITHDRAWAL = "withdrawal"


class Relation(StrEnum):
    """For whom somebody asks for a doctor."""

    SELF = "self"
    CHILD = "child"


@dataclass(frozen=True, slots=True)
class Record:
    """One line of the register of consents, as it is stored and signed."""

    id: str
    visit: str
    patient: str
    given_by: str
    kind: Kind
    text_version: str
    text_sha256: str
    language: str
    rule: Decider
    own_yes: bool  # a young person said yes in the parent's presence; a child was asked
    at: datetime


@dataclass(frozen=True, slots=True)
class Consent:
    """A consent and whether it was withdrawn."""

    record: Record
    withdrawn_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Receipted:
    """A line of the register of consents, and its signed receipt."""

    record: Record
    receipt: str


def valid(consent: Consent | None, version: str, now: datetime) -> bool:
    """Whether it holds now, for the text that is in force: until it is withdrawn."""
    if consent is None or consent.record.text_version != version or now < consent.record.at:
        return False
    return consent.withdrawn_at is None or now < consent.withdrawn_at


def carries_over(
    record: Record, *, by: str, patient: str, birth_date: date, version: str, today: date
) -> bool:
    """Whether a consent that was given at an earlier visit holds at this one: by the same person
    for the same patient, to the same text, and nobody has come of an age in between.

    A young person's yes in a parent's presence, and a child's that came alone, are for one meeting.
    """
    beside_a_parent = record.rule is Decider.YOUNG_PERSON and by != patient
    if beside_a_parent or record.rule is Decider.CHILD_ALONE:
        return False
    if (record.given_by, record.patient, record.text_version) != (by, patient, version):
        return False
    return same_age_of_law(birth_date, norwegian_day(record.at), today)


def refusal(relation: Relation, decider: Decider, own_yes: bool) -> str | None:
    """Why this consent cannot be taken, or None. Whoever opened the visit gives it."""
    if relation is Relation.SELF:
        parents_must = decider in (Decider.PARENT, Decider.PARENT_CHILD_HEARD)
        return "parents_decide" if parents_must else None
    if decider is Decider.ADULT:
        return "adult_decides"
    if decider is Decider.YOUNG_PERSON and not own_yes:
        return "own_yes_needed"
    return None


def receipt(record: Record, pseudonym: Callable[[str], str], at_ms: int) -> dict[str, Plain]:
    """What is signed and handed to the patient: it names nobody."""
    purposes: dict[str, Plain] = dict(PURPOSES) if record.kind is not Kind.NOTICE else {}
    return {
        "id": record.id,
        "visit": record.visit,
        "kind": record.kind.value,
        "patient": pseudonym(record.patient),
        "by": pseudonym(record.given_by),
        "text_version": record.text_version,
        "text_sha256": record.text_sha256,
        "language": record.language,
        "rule": record.rule.value,
        "own_yes": record.own_yes,
        "purposes": purposes,
        "at": at_ms,
    }
