"""Whom on call to ring: one after the other, and no more than promises are in danger."""

import pytest

from venterom.queue.on_call import (
    AGAIN_AFTER,
    ANSWERS_WITHIN,
    COMES_WITHIN,
    Answer,
    Call,
    to_ring,
)
from venterom.queue.service import MINUTE

NOW = 1000 * MINUTE
ON_CALL = ("d1", "d2", "d3")


def ago(minutes: float, answer: Answer = Answer.NONE) -> Call:
    return Call(NOW - round(minutes * MINUTE), answer)


@pytest.mark.parametrize(
    ("calls", "in_danger", "rung"),
    [
        ({}, 0, ()),
        ({}, 1, ("d1",)),
        ({}, 2, ("d1", "d2")),
        ({}, 9, ON_CALL),
        ({"d1": ago(1)}, 1, ()),  # may still say yes
        ({"d1": ago(2)}, 1, ("d2",)),
        ({"d1": ago(0, Answer.CANNOT)}, 1, ("d2",)),
        ({"d1": ago(11, Answer.COMES)}, 1, ()),  # is on the way
        ({"d1": ago(11, Answer.COMES)}, 2, ("d2",)),
        ({"d1": ago(12, Answer.COMES)}, 1, ("d2",)),  # did not come after all
        ({"d1": ago(14.9)}, 1, ("d2",)),
        ({"d1": ago(15)}, 1, ("d1",)),
        ({"d1": ago(15, Answer.CANNOT)}, 3, ON_CALL),
        ({who: ago(5) for who in ON_CALL}, 3, ()),
        ({"d9": ago(1)}, 1, ("d1",)),  # who is here, or not on call any more, is not on the way
    ],
)
def test_the_next_is_rung_when_more_are_in_danger_than_doctors_on_the_way(
    calls: dict[str, Call], in_danger: int, rung: tuple[str, ...]
) -> None:
    assert tuple(to_ring(ON_CALL, calls, in_danger, NOW)) == rung


def test_nobody_is_rung_again_while_an_answer_counts() -> None:
    assert ANSWERS_WITHIN < COMES_WITHIN < AGAIN_AFTER
