"""What the people of the crowd do: who comes when and with what, and how long everything takes.

Chance comes from a generator that is handed in, so the same seed gives the same people. All times
are minutes. The numbers are invented; those of the waiting room's own model are said to be so.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import cycle
from random import Random

from venterom.queue.order import RETRY
from venterom.queue.service import NO_SHOW
from venterom.server.demo.crowd.complaints import FOR_CHILD, OWN, Complaint
from venterom.server.demo.people import Patient

FEWEST, MOST = 1, 120  # patients an hour; three doctors see about 35, and 120 are a flood

WITH_CHILD = 0.5  # of the parents, this share comes for a child
WANTS_SLOT = 0.1
NEVER_ANSWERS = 0.2  # of those who are not there when the doctor is; the others are the next time
TRIES = 1 + len(RETRY)  # then a patient is given up
PATIENCE = 60.0  # mean; the model says 200, but then hardly anybody would be seen to give up
SLOTS = 3  # the first ones, among which a patient chooses
READING = (0.03, 0.13)  # for each page of the way in: two to eight seconds
JOINING = (0.02, 0.06)  # from «the doctor is ready» to the room: one to four seconds

# A patient takes a doctor four and a half minutes on the whole, a third of what the waiting room's
# model expects: so three doctors keep up with thirty an hour, and what is promised is kept.
LOOKING = (0.2, 0.6)  # from the first patient on the list to «take next»: others may be faster
TALKING = (2.0, 5.0, 3.0)  # shortest, longest, most often
WRITING = (0.3, 0.9)
RINGING = 1.5  # as long as it takes a person to try camera and sound

STINT = (30.0, 50.0)
REST = (3.0, 6.0)
AT_LAST = 1.5  # times the stint: then a doctor rests, however many wait


class Wish(StrEnum):
    """What a patient would rather have."""

    NOW = "now"
    SLOT = "slot"


@dataclass(frozen=True, slots=True)
class Coming:
    """One patient who comes, and what this patient is going to do."""

    after: float  # since the one before
    who: int  # the place in the crowd
    child: int | None  # the place among the children; None for oneself
    complaint: Complaint
    wish: Wish
    patience: float  # from having a place until giving it up
    misses: int  # how often the doctor tries in vain


@dataclass(frozen=True, slots=True)
class Round:
    """How long a doctor takes over one patient."""

    look: float
    talk: float
    write: float


@dataclass(frozen=True, slots=True)
class Stint:
    """How long a doctor works, and rests after it."""

    work: float
    rest: float


def comings(chance: Random, crowd: Sequence[Patient], an_hour: int) -> Iterator[Coming]:
    """Patients without end, as a Poisson process. They take turns, and the first comes at once."""
    after = 0.0
    for who in cycle(chance.sample(range(len(crowd)), len(crowd))):
        yield _coming(chance, after, who, children=len(crowd[who].children))
        after = chance.expovariate(an_hour / 60)


def _coming(chance: Random, after: float, who: int, children: int) -> Coming:
    with_child = children > 0 and chance.random() < WITH_CHILD
    return Coming(
        after=after,
        who=who,
        child=chance.randrange(children) if with_child else None,
        complaint=chance.choice(FOR_CHILD if with_child else OWN),
        wish=Wish.SLOT if chance.random() < WANTS_SLOT else Wish.NOW,
        patience=chance.expovariate(1 / PATIENCE),
        misses=_misses(chance),
    )


def _misses(chance: Random) -> int:
    if chance.random() >= NO_SHOW / 1000:
        return 0
    return TRIES if chance.random() < NEVER_ANSWERS else 1


def rounds(chance: Random) -> Iterator[Round]:
    """One patient after the other."""
    while True:
        yield Round(
            look=chance.uniform(*LOOKING),
            talk=chance.triangular(*TALKING),
            write=chance.uniform(*WRITING),
        )


def stints(chance: Random) -> Iterator[Stint]:
    """Work and rest, in turn."""
    while True:
        yield Stint(work=chance.uniform(*STINT), rest=chance.uniform(*REST))


def may_rest(worked: float, stint: Stint, anybody_waits: bool) -> bool:
    """Nobody rests before the time, nor while somebody waits, unless that never ends."""
    return worked >= stint.work * (AT_LAST if anybody_waits else 1)
