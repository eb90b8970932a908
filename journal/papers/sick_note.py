"""When a sick note may be written after a video call: folketrygdloven § 8-7, as of 1.7.2023.

The law asks for a physical examination. Three doors lead past it, and each is closed unless what
it asks for is said (norway.md 6.4):

    A  an examination the same day is not possible; the patient is examined as soon as possible
    B  the doctor knows patient and diagnosis, can judge the ability to work without an examination,
       and finds the e-consultation sound: all four
    C  a dangerous infectious disease is most likely, and coming would spread it

The note begins with what the patient can do (function), considers activity at work, and is never
for days before the call.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from venterom.journal.papers.problem import MAX_TEXT, Problem, Problems, lines

# Days until the examination that door A asks for «as soon as possible»: our reading of it.
EXAMINED_WITHIN = timedelta(days=7)
LONGEST = timedelta(days=364)  # sick pay lasts 52 weeks (folketrygdloven § 8-12)
LEAST, WHOLE = 20, 100  # percent (folketrygdloven § 8-13)


class Door(StrEnum):
    """By which exception the note may be written after a video call."""

    IMPOSSIBLE = "a"
    KNOWN = "b"
    INFECTIOUS = "c"


class Employers(StrEnum):
    """How many employers are told (list 8130)."""

    ONE = "1"
    MORE = "2"
    NONE = "3"


@dataclass(frozen=True, slots=True)
class SickNote:
    """A sick note (list 9602, J01-2). Days are days in Norway; None: none was given."""

    first: date | None
    last: date | None
    degree: int | None  # percent
    function: str  # what the patient can and cannot do
    work: str  # what activity at work was considered
    door: Door | None
    reason: str  # why this door
    examine_by: date | None = None  # door A
    knows_patient: bool = False  # door B, all four
    knows_diagnosis: bool = False
    can_judge: bool = False
    is_sound: bool = False
    employers: Employers = Employers.ONE

    @property
    def all_four(self) -> bool:
        """Whether everything that door B asks for is said."""
        return self.knows_patient and self.knows_diagnosis and self.can_judge and self.is_sound


def problems(written: SickNote, today: date) -> Problems:
    """What keeps it from being issued today, by field."""
    found = lines(MAX_TEXT, function=written.function, work=written.work, reason=written.reason)
    if written.degree is None or not LEAST <= written.degree <= WHOLE:
        found["degree"] = Problem.NOT_A_NUMBER
    return found | _period(written, today) | _door(written, today)


def _period(written: SickNote, today: date) -> Problems:
    if written.first is None:
        return {"first": Problem.NOT_A_DATE}
    if written.first < today:
        return {"first": Problem.BACK_DATED}
    if written.last is None:
        return {"last": Problem.NOT_A_DATE}
    if written.last < written.first:
        return {"last": Problem.ENDS_BEFORE}
    if written.last - today >= LONGEST:
        return {"last": Problem.TOO_LONG_AWAY}
    return {}


def _door(written: SickNote, today: date) -> Problems:
    match written.door:
        case Door.IMPOSSIBLE:
            if written.examine_by is None or written.examine_by <= today:
                return {"examine_by": Problem.EXAMINE_WHEN}
            late = written.examine_by - today > EXAMINED_WITHIN
            return {"examine_by": Problem.EXAMINE_TOO_LATE} if late else {}
        case Door.KNOWN:
            return {} if written.all_four else {"door": Problem.NOT_ALL_FOUR}
        case Door.INFECTIOUS:
            return {}
        case None:
            return {"door": Problem.NO_GATE}
