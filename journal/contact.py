"""By which means doctor and patient met: by video, and by telephone where video would not do."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Means(StrEnum):
    """Of a consultation, by its code in the national list 8432."""

    VIDEO = "6"
    TELEPHONE = "7"


class Why(StrEnum):
    """What made the doctor ring."""

    NETWORK = "network"
    WISH = "wish"  # the patient's


@dataclass(frozen=True, slots=True)
class Telephone:
    """The doctor rang. `after_video`: they had met by video before."""

    at: datetime
    why: Why
    after_video: bool


def means(telephone: Telephone | None) -> tuple[Means, ...]:
    """In the order in which they were used."""
    if telephone is None:
        return (Means.VIDEO,)
    return (Means.VIDEO, Means.TELEPHONE) if telephone.after_video else (Means.TELEPHONE,)


# The journal is in Norwegian (pjf § 10), so these are not translated.
HEADING = "Telefonsamtale"
_REASONS: Mapping[Why, str] = {
    Why.NETWORK: "Legen ringte fordi nettet ikke holdt til video.",
    Why.WISH: "Legen ringte fordi pasienten ønsket det.",
}


def sentence(telephone: Telephone) -> str:
    """For the record."""
    return _REASONS[telephone.why]
