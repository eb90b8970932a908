"""The ladder: which steps a promise in danger asks for, and why it came to that."""

from datetime import timedelta

import pytest

from tests.queue.make import NOON, after, booked, entry
from venterom.queue.floor import Entry
from venterom.queue.monitor import Cause, Step, cause, due, is_watched
from venterom.queue.states import State

DEFER, PAGE, TELL, ALERT, APOLOGISE = Step


@pytest.mark.parametrize(
    ("p", "left", "steps"),
    [
        (0.99, 20, []),
        (0.85, 15, []),
        (0.84, 15, [DEFER, PAGE]),
        (0.50, 15, [DEFER, PAGE]),
        (0.49, 15, [DEFER, PAGE, TELL]),
        (0.85, 8, [DEFER]),  # the model may be wrong
        (0.85, 5, [DEFER, PAGE]),
        (0.90, 5, []),  # a doctor is about to be free
        (0.99, 2, [ALERT]),
        (0.00, 0, [DEFER, PAGE, TELL, ALERT, APOLOGISE]),
        (0.00, -3, [DEFER, PAGE, TELL, ALERT, APOLOGISE]),
    ],
)
def test_each_step_has_its_moment(p: float, left: float, steps: list[Step]) -> None:
    assert due(p, timedelta(minutes=left)) == frozenset(steps)


@pytest.mark.parametrize(
    ("one", "watched"),
    [
        (entry(), True),
        (entry(state=State.CLAIMED), False),  # a doctor is on the way
        (entry(state=State.IN_CALL, doctor_joined_at=NOON), False),
        (entry(doctor_joined_at=NOON), False),  # was here: the promise is kept
        (entry(release_at=after(2)), True),  # did not answer, and is tried again
        (booked("b", slot=30), False),
        (booked("b", slot=0), True),
    ],
)
def test_who_waits_for_a_promise_is_watched(one: Entry, watched: bool) -> None:
    assert is_watched(one, NOON) is watched


@pytest.mark.parametrize(
    ("one", "then", "now", "why"),
    [
        (entry(returns=1, attempts=1), 3, 2, Cause.DOCTOR_LOST),
        (entry(attempts=1), 3, 2, Cause.NO_ANSWER),
        (entry(), 3, 2, Cause.SHORT_STAFF),
        (entry(), 3, 3, Cause.LONG_CALLS),
        (entry(), 2, 3, Cause.LONG_CALLS),
    ],
)
def test_the_first_true_cause_is_the_one(one: Entry, then: int, now: int, why: Cause) -> None:
    assert cause(one, then, now) is why
