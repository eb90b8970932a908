"""The grounds of a decision: one text for equal grounds, nobody named, and read to decide again."""

import json
from dataclasses import replace

import pytest

from tests.queue.make import after, booked, entry, planned, shift
from tests.queue.test_promise import SLOTS, busy, floor_of, seen
from venterom.queue import grounds
from venterom.queue.floor import FLOOR, Deferral, Floor
from venterom.queue.planning import Work
from venterom.queue.promise import decide
from venterom.queue.quantiles import CONSULTATION, WRAP_UP
from venterom.queue.service import FIRST, service


def test_the_grounds_are_canonical_and_hold_what_was_shown() -> None:
    text = grounds.written(seen(floor_of(busy("d1", 3), entry("a", 5), booked("b", 45))), SLOTS)
    assert json.loads(text) == {
        "now": "2026-11-24T11:00:00+00:00",
        "until": "2026-11-24T15:50:00+00:00",
        "certainty": FLOOR,
        "service": 0,
        "defers": True,
        "doctors": [["consult", "2026-11-24T10:57:00+00:00", "2026-11-24T15:50:00+00:00"]],
        "promises": [[0, "2026-11-24T11:05:00+00:00"]],
        "booked": ["2026-11-24T11:45:00+00:00"],
        "slots": ["2026-11-24T11:30:00+00:00", "2026-11-24T11:45:00+00:00"],
    }
    assert grounds.slots_in(text) == SLOTS


def test_the_grounds_name_nobody() -> None:
    text = grounds.written(seen(floor_of(busy("d1", 3), entry("a", 5), booked("b", 45))), SLOTS)
    assert "d1" not in text
    assert "patient" not in text


def test_with_nobody_at_work_the_grounds_say_so() -> None:
    assert json.loads(grounds.written(seen(Floor()), ()))["until"] is None


OWES = Deferral("v", "d1", "p", after(-9), after(-8), None, after(-7), None)


@pytest.mark.parametrize(
    "floor",
    [
        Floor(),
        floor_of(shift(), shift("d2", off=90)),
        floor_of(busy("d1", 3), busy("d2", 9), entry("a", 5, triage=1), booked("b", 45)),
        Floor((busy("d1", 3),), certainty=0.88, deferrals=(OWES,)),
    ],
)
def test_what_was_written_is_read_and_decided_alike(floor: Floor) -> None:
    first = seen(floor)
    again = grounds.read(grounds.written(first, SLOTS))
    assert again == first
    assert decide(again, SLOTS) == decide(first, SLOTS)


def test_how_long_patients_took_is_that_of_the_version_named() -> None:
    learned = service(3, CONSULTATION, tuple(2 * each for each in WRAP_UP))
    floor = Floor((busy("d1", 3), busy("d2", 6)), service=learned)
    text = grounds.written(seen(floor), ())
    again = grounds.read(text, {3: learned})
    assert again.service is learned
    assert decide(again).p_keep == decide(seen(floor)).p_keep
    assert decide(again).p_keep < decide(replace(again, service=FIRST)).p_keep
    with pytest.raises(ValueError):
        grounds.read(text)  # it is not among those that are known


def test_who_comes_after_a_break_was_not_at_work_yet() -> None:
    pause = planned("d1", 5, 35, Work.BREAK)
    text = grounds.written(seen(Floor((shift("d1"), shift("d2")), breaks=(pause,))), ())
    assert len(json.loads(text)["doctors"]) == 3
    assert grounds.doctors_in(text) == 2
    assert grounds.doctors_in("{}") == 0


@pytest.mark.parametrize(
    "text",
    ["", "{", "{}", "[]", "1", '{"now":"2026-11-24T11:00:00+00:00"', '{"now":"yesterday"}'],
)
def test_what_is_cut_off_or_something_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        grounds.read(text)
