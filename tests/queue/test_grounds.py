"""The grounds of a decision: one text for equal grounds, nobody named, and read to decide again."""

import json

import pytest

from tests.queue.make import after, booked, entry, shift
from tests.queue.test_promise import SLOTS, busy, floor_of, seen
from venterom.queue import grounds
from venterom.queue.floor import FLOOR, Deferral, Floor
from venterom.queue.promise import decide


def test_the_grounds_are_canonical_and_hold_what_was_shown() -> None:
    text = grounds.written(seen(floor_of(busy("d1", 3), entry("a", 5), booked("b", 45))), SLOTS)
    assert json.loads(text) == {
        "now": "2026-11-24T11:00:00+00:00",
        "until": "2026-11-24T15:50:00+00:00",
        "certainty": FLOOR,
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


@pytest.mark.parametrize(
    "text",
    ["", "{", "{}", "[]", "1", '{"now":"2026-11-24T11:00:00+00:00"', '{"now":"yesterday"}'],
)
def test_what_is_cut_off_or_something_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        grounds.read(text)
