"""The gate of folketrygdloven § 8-7."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from tests.journal.papers.make import SICK_NOTE, TODAY
from venterom.journal.papers.problem import MAX_TEXT, Problem
from venterom.journal.papers.sick_note import LONGEST, Door, SickNote, problems

DAY = timedelta(days=1)
A = replace(SICK_NOTE, door=Door.IMPOSSIBLE, examine_by=TODAY + DAY)
B = replace(
    SICK_NOTE,
    door=Door.KNOWN,
    knows_patient=True,
    knows_diagnosis=True,
    can_judge=True,
    is_sound=True,
)


@pytest.mark.parametrize(
    "written",
    [
        SICK_NOTE,
        A,
        replace(A, examine_by=TODAY + 7 * DAY),
        B,
        replace(SICK_NOTE, first=TODAY + DAY),
        replace(SICK_NOTE, first=TODAY, last=TODAY),
        replace(SICK_NOTE, degree=20),
        replace(SICK_NOTE, last=TODAY + LONGEST - DAY),
    ],
)
def test_each_door_opens_for_what_it_asks(written: SickNote) -> None:
    assert problems(written, TODAY) == {}


@pytest.mark.parametrize(
    ("written", "field", "problem"),
    [
        (replace(SICK_NOTE, door=None), "door", Problem.NO_GATE),
        (replace(A, examine_by=None), "examine_by", Problem.EXAMINE_WHEN),
        (replace(A, examine_by=TODAY), "examine_by", Problem.EXAMINE_WHEN),  # then examine first
        (replace(A, examine_by=TODAY + 8 * DAY), "examine_by", Problem.EXAMINE_TOO_LATE),
        *(
            (without, "door", Problem.NOT_ALL_FOUR)
            for without in (
                replace(B, knows_patient=False),
                replace(B, knows_diagnosis=False),
                replace(B, can_judge=False),
                replace(B, is_sound=False),
            )
        ),
        (replace(B, door=Door.IMPOSSIBLE), "examine_by", Problem.EXAMINE_WHEN),  # ticks open B only
    ],
)
def test_a_door_stays_shut_without_all_of_it(
    written: SickNote, field: str, problem: Problem
) -> None:
    assert problems(written, TODAY) == {field: problem}


@pytest.mark.parametrize(
    ("changes", "field", "problem"),
    [
        ({"first": TODAY - DAY}, "first", Problem.BACK_DATED),
        ({"first": None}, "first", Problem.NOT_A_DATE),
        ({"last": None}, "last", Problem.NOT_A_DATE),
        ({"first": TODAY + 5 * DAY}, "last", Problem.ENDS_BEFORE),
        ({"last": TODAY + LONGEST}, "last", Problem.TOO_LONG_AWAY),
        ({"last": date(9999, 12, 31)}, "last", Problem.TOO_LONG_AWAY),
        ({"degree": 19}, "degree", Problem.NOT_A_NUMBER),
        ({"degree": 101}, "degree", Problem.NOT_A_NUMBER),
        ({"degree": None}, "degree", Problem.NOT_A_NUMBER),
        ({"function": ""}, "function", Problem.EMPTY),
        ({"work": ""}, "work", Problem.EMPTY),
        ({"reason": ""}, "reason", Problem.EMPTY),
        ({"reason": "x" * (MAX_TEXT + 1)}, "reason", Problem.TOO_LONG),
    ],
)
def test_it_is_never_for_the_past_and_always_for_a_reason(
    changes: dict[str, Any], field: str, problem: Problem
) -> None:
    assert problems(replace(SICK_NOTE, **changes), TODAY) == {field: problem}
