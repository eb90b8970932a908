"""Who met, when, where and by which means (pasientjournalforskriften § 5), in Norwegian (§ 10)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from venterom.journal.contact import Means

OSLO = ZoneInfo("Europe/Oslo")  # the record tells the time as the clocks showed it
HEADING = "Kontakten"


class Part(StrEnum):
    """As what somebody took part who is neither the patient nor the doctor."""

    PARENT = "parent"
    INTERPRETER = "interpreter"
    RELATIVE = "relative"
    COLLEAGUE = "colleague"


@dataclass(frozen=True, slots=True)
class Other:
    """Somebody who took part, by the name that was shown to the others."""

    part: Part
    name: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Met:
    """What the waiting room and the door know of a meeting: when the two could talk, and with whom.
    None: not known, and then the time is when the doctor took the patient, or signed."""

    begun_at: datetime | None = None
    ended_at: datetime | None = None
    others: tuple[Other, ...] = ()


MEANS: Mapping[Means, str] = {
    Means.VIDEO: "Videokonsultasjon",
    Means.TELEPHONE: "Telefonkonsultasjon",
}
_PARTS: Mapping[Part, str] = {
    Part.PARENT: "forelder",
    Part.INTERPRETER: "tolk",
    Part.RELATIVE: "pårørende",
    Part.COLLEAGUE: "kollega",
}


def period(met: Met, taken_at: datetime, now: datetime) -> tuple[datetime, datetime]:
    """From when to when they met; what is not known is the doctor's own beginning and end."""
    begun_at = met.begun_at or taken_at
    return begun_at, max(begun_at, met.ended_at or now)


def when(begun_at: datetime, ended_at: datetime) -> str:
    """24.11.2026 kl. 12.00–12.15, with a second date where it became another day."""
    begun, ended = begun_at.astimezone(OSLO), ended_at.astimezone(OSLO)
    end = ended.strftime("%H.%M" if begun.date() == ended.date() else "%d.%m.%Y kl. %H.%M")
    return f"{begun:%d.%m.%Y kl. %H.%M}–{end}"


def by_which(means: Sequence[Means]) -> str:
    """Videokonsultasjon, så telefonkonsultasjon"""
    first, *later = (MEANS[each] for each in means)
    return ", så ".join([first, *(each.lower() for each in later)])


def who(doctor: str, others: Iterable[Other], *, patient: bool = True) -> str:
    """The patient is «pasienten»: whose record it is, the record says itself."""
    with_them = (f"{each.name} ({_PARTS[each.part]})" for each in others)
    all_there = ", ".join([f"{doctor} (lege)", *with_them])
    return f"pasienten, {all_there}" if patient else all_there


def account_of(
    means: Sequence[Means],
    begun_at: datetime,
    ended_at: datetime,
    present: str,
    identified: str,
    place: str,
    callback: str,
) -> str:
    """The meeting in lines, for the record; `present` is what `who` says, and `identified` what
    `identification.sentence` does."""
    lines = [
        f"{by_which(means)} {when(begun_at, ended_at)}.",
        f"Til stede: {present}.",
        identified,
        f"Her var pasienten: {place}" if place else "",
        f"Nummer å ringe tilbake på: {callback}" if callback else "",
    ]
    return "\n".join(line for line in lines if line)
