"""What is asked of others about a paper, and what came of it: the words of all who send papers."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from venterom.journal.retry import Failure


class Errand(StrEnum):
    """What is asked of whoever receives papers."""

    SEND = "send"
    RECALL = "recall"  # of a prescription (M5)


class State(StrEnum):
    """Where an errand is on its way."""

    WAITING = "waiting"
    ON_ITS_WAY = "on_its_way"
    DONE = "done"  # there is a receipt
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom the paper is about, as the receiver must know her."""

    name: str
    birth_date: date | None
    number: str  # national identity number


@dataclass(frozen=True, slots=True)
class Result:
    """The receiver has it; `id` is the paper's."""

    id: str
    reference: str  # the number that opens a locked prescription, or the receipt's own; "": none


@dataclass(frozen=True, slots=True)
class Refusal:
    """It did not work; `error` says nothing about anybody."""

    why: Failure
    error: str


CALLED_OFF = "CalledOff"  # withdrawn before anybody had it: never sent, and never tried again
