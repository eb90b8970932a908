"""Whom the doctor had before her.

A sign-in shows whose BankID it was, and not who sits there. A relative who has it cannot be told
apart by technical means, so the doctor says whom she sees.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from venterom.journal.contact import Telephone
from venterom.journal.meeting import OSLO


class Seen(StrEnum):
    """Whom she saw, or heard."""

    PATIENT = "patient"
    PARENT = "parent"  # the parent who came for the child, without the child
    OTHER = "other"
    NOT_SAID = "not_said"  # the note was signed without


class How(StrEnum):
    """By which means she knows."""

    PICTURE = "picture"
    VOICE = "voice"  # on the telephone, by asking for name and date of birth


@dataclass(frozen=True, slots=True)
class Identification:
    """What a doctor said of it, and when."""

    seen: Seen
    how: How
    at: datetime


def choices(*, for_child: bool) -> tuple[Seen, ...]:
    """What there is to say: a parent speaks for a child alone, and nobody for an adult."""
    return (Seen.PATIENT, Seen.PARENT, Seen.OTHER) if for_child else (Seen.PATIENT, Seen.OTHER)


def how(telephone: Telephone | None) -> How:
    """Who is on the telephone is not seen."""
    return How.PICTURE if telephone is None else How.VOICE


def may_issue(said: Identification | None) -> bool:
    """Whether papers may be issued in the patient's name: not to somebody else."""
    return said is None or said.seen is not Seen.OTHER


def patient_took_part(said: Identification | None) -> bool:
    """Whether the record counts the patient among those who were there: not when the doctor says
    that she met the parent alone, or somebody else."""
    return said is None or said.seen in (Seen.PATIENT, Seen.NOT_SAID)


# The journal is in Norwegian (pjf § 10), so these are not translated.
_NOT_SAID = "Identiteten ble ikke bekreftet i samtalen."
_SENTENCES: Mapping[tuple[Seen, How], str] = {
    (Seen.PATIENT, How.PICTURE): "Identitet bekreftet i bilde kl. {at}.",
    (Seen.PATIENT, How.VOICE): "Identitet bekreftet på telefon kl. {at}, ved spørsmål om navn og"
    " fødselsdato.",
    (Seen.PARENT, How.PICTURE): "Forelderen ble sett i bilde kl. {at}, uten barnet.",
    (Seen.PARENT, How.VOICE): "Legen snakket kl. {at} med forelderen på telefon, uten barnet.",
    (Seen.OTHER, How.PICTURE): "En annen enn pasienten var i bildet kl. {at}.",
    (Seen.OTHER, How.VOICE): "En annen enn pasienten var på telefonen kl. {at}.",
    (Seen.NOT_SAID, How.PICTURE): _NOT_SAID,
    (Seen.NOT_SAID, How.VOICE): _NOT_SAID,
}


def sentence(said: Identification) -> str:
    """For the record, with the time as the clocks showed it."""
    at = said.at.astimezone(OSLO)
    return _SENTENCES[said.seen, said.how].format(at=f"{at:%H.%M}")
