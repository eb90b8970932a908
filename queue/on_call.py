"""Doctors on call are rung one after the other: the next one only when more promises are in danger
than doctors are on the way. Times are milliseconds of one clock.
"""

from collections.abc import Collection, Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple, TypeVar

from venterom.queue.service import MINUTE

ANSWERS_WITHIN = 2 * MINUTE  # who has not said yes by then is not counted on, and the next is rung
COMES_WITHIN = 12 * MINUTE  # who said yes and is not here by then is not waited for any longer
AGAIN_AFTER = 15 * MINUTE  # nobody is rung more often than this

Who = TypeVar("Who")


class Answer(StrEnum):
    """What a doctor says who was rung."""

    NONE = "none"
    COMES = "comes"
    CANNOT = "cannot"


class Call(NamedTuple):
    """When somebody was rung last, and what came back."""

    at: int
    answer: Answer = Answer.NONE

    def is_awaited(self, now: int) -> bool:
        """Whether this doctor may be on the way."""
        patience = {Answer.NONE: ANSWERS_WITHIN, Answer.COMES: COMES_WITHIN, Answer.CANNOT: 0}
        return now - self.at < patience[self.answer]


def to_ring(
    on_call: Sequence[Who], calls: Mapping[Who, Call], in_danger: int, now: int
) -> Collection[Who]:
    """Whom of those on call, who are not here, to ring now for so many promises in danger."""
    awaited = sum(who in calls and calls[who].is_awaited(now) for who in on_call)
    free = [who for who in on_call if who not in calls or now - calls[who].at >= AGAIN_AFTER]
    return free[: max(in_danger - awaited, 0)]
