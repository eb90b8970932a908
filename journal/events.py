"""What happened to the record. Use cases return these; whoever calls stores and publishes them."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class ConsentGiven:
    """The notice was acknowledged and the form of treatment agreed to."""

    visit: str
    at: datetime
    receipt: str  # signed, and names nobody
    fresh: bool = True  # False: it was given before, and nothing new was written


@dataclass(frozen=True, slots=True)
class ConsentWithdrawn:
    """The consent was taken back."""

    visit: str
    at: datetime
    receipt: str


@dataclass(frozen=True, slots=True)
class Telephoned:
    """The doctor went over to the telephone."""

    visit: str
    at: datetime
    doctor: str
    why: str  # one of contact.Why
    fresh: bool = True  # False: it had been said before, and the first time counts


@dataclass(frozen=True, slots=True)
class Identified:
    """A doctor said whom she has before her."""

    visit: str
    at: datetime
    doctor: str
    seen: str  # one of identification.Seen


@dataclass(frozen=True, slots=True)
class PictureChanged:
    """A picture was asked for, allowed, refused, taken or dropped; `how` says which."""

    visit: str
    at: datetime
    picture: str
    how: str  # one of "asked", "yes", "no", "taken", "dropped"


@dataclass(frozen=True, slots=True)
class Signed:
    """The note is final, and on the list of what the EPJ must have."""

    visit: str
    at: datetime
    version: int
    content_hash: str
    fresh: bool = True  # False: it was signed before


@dataclass(frozen=True, slots=True)
class Amended:
    """A signed note was put right or added to, by a version of its own."""

    visit: str
    at: datetime
    version: int
    content_hash: str
    fresh: bool = True  # False: it was signed before


@dataclass(frozen=True, slots=True)
class Delivered:
    """The EPJ holds the note."""

    visit: str
    at: datetime
    reference: str


@dataclass(frozen=True, slots=True)
class DeliveryDelayed:
    """The EPJ did not take the note; it will be tried again by itself."""

    visit: str
    attempts: int
    again_at: datetime


@dataclass(frozen=True, slots=True)
class DeliveryFailed:
    """It was tried often enough: a person must look."""

    visit: str
    attempts: int
    error: str  # a class name, nothing about health


@dataclass(frozen=True, slots=True)
class PaperWithdrawn:
    """A paper is not valid any more."""

    visit: str
    at: datetime
    paper: str


@dataclass(frozen=True, slots=True)
class PaperSent:
    """There is a receipt for the paper, or for its recall; `errand` says which."""

    visit: str
    at: datetime
    paper: str
    errand: str  # one of errand.Errand


@dataclass(frozen=True, slots=True)
class PaperNotSent:
    """It was tried often enough: a person must look."""

    visit: str
    paper: str
    error: str  # nothing about health
