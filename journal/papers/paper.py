"""A paper: what a doctor issues with the note, of one of five kinds.

Papers are written in Norwegian, as the record is (pjf § 10), whatever language the patient reads.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date
from enum import StrEnum
from types import UnionType
from typing import Any, TypeAlias, Union, get_args, get_origin, get_type_hints

from venterom.journal.canonical import Plain
from venterom.journal.papers import letters, prescription, sick_note
from venterom.journal.papers.letters import Certificate, Examination, Referral
from venterom.journal.papers.medicine import Medicine
from venterom.journal.papers.prescription import Prescription
from venterom.journal.papers.problem import Problems, unprintable
from venterom.journal.papers.sick_note import SickNote

Body: TypeAlias = Prescription | SickNote | Certificate | Referral | Examination


class Kind(StrEnum):
    """What sort of paper."""

    PRESCRIPTION = "prescription"
    SICK_NOTE = "sick_note"
    CERTIFICATE = "certificate"
    REFERRAL = "referral"
    EXAMINATION = "examination"


BODIES: Mapping[Kind, type[Body]] = {
    Kind.PRESCRIPTION: Prescription,
    Kind.SICK_NOTE: SickNote,
    Kind.CERTIFICATE: Certificate,
    Kind.REFERRAL: Referral,
    Kind.EXAMINATION: Examination,
}
KINDS = {body: kind for kind, body in BODIES.items()}
TITLES: Mapping[Kind, str] = {
    Kind.PRESCRIPTION: "Resept",
    Kind.SICK_NOTE: "Legeerklæring om sykmelding",
    Kind.CERTIFICATE: "Legeerklæring",
    Kind.REFERRAL: "Henvisning",
    Kind.EXAMINATION: "Trenger fysisk undersøkelse",
}


@dataclass(frozen=True, slots=True)
class Issued:
    """A paper of a signed note: what it says, and the hash of the document that says it."""

    id: str
    body: Body
    sha256: str  # of the PDF, hexadecimal
    size: int  # bytes

    @property
    def kind(self) -> Kind:
        """What sort of paper."""
        return KINDS[type(self.body)]


def problems(body: Body, today: date) -> Problems:
    """What keeps this paper from being issued today (a day in Norway), by field."""
    texts = {
        each.name: value for each in fields(body) if type(value := getattr(body, each.name)) is str
    }
    return unprintable(**texts) | _problems(body, today)


def _problems(body: Body, today: date) -> Problems:
    match body:
        case Prescription():
            return prescription.problems(body)
        case SickNote():
            return sick_note.problems(body, today)
        case Certificate():
            return letters.certificate_problems(body)
        case Referral():
            return letters.referral_problems(body)
        case Examination():
            return letters.examination_problems(body)


def plain(body: Body) -> dict[str, Plain]:
    """As it is stored and signed: with its kind, days as ISO 8601."""
    said = {name: _plain(value) for name, value in asdict(body).items()}
    return {"kind": KINDS[type(body)].value, **said}


def read(said: Mapping[str, Any]) -> Body:
    """The paper that `plain` wrote."""
    kind = BODIES[Kind(said["kind"])]
    hints = get_type_hints(kind)
    names = [each.name for each in fields(kind) if each.name in said]  # those that came later
    return kind(**{name: _value(hints[name], said[name]) for name in names})


def issued_plain(issued: Issued) -> dict[str, Plain]:
    """What the entry says of a paper."""
    return {
        "id": issued.id,
        "sha256": issued.sha256,
        "size": issued.size,
        "body": plain(issued.body),
    }


def read_issued(said: Mapping[str, Any]) -> Issued:
    """The same, back."""
    return Issued(said["id"], read(said["body"]), said["sha256"], said["size"])


def _plain(value: Any) -> Plain:
    if isinstance(value, date):
        return value.isoformat()
    return dict(value) if isinstance(value, dict) else value


def _value(hint: Any, said: Any) -> Any:
    kinds = get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)
    kind = next(each for each in kinds if each is not type(None))
    if said is None:
        return None
    if kind is Medicine:
        return Medicine(**said)
    if kind is date:
        return date.fromisoformat(said)
    return kind(said) if issubclass(kind, StrEnum) else said
