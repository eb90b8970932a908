"""The line to a register: when it is left alone, and when it is tried again."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from venterom.queue.coverage.breaker import (
    FAILURES,
    LONGEST_REST,
    MOVES,
    REST,
    Breaker,
    Event,
    State,
    after,
    asks,
    rest,
)

GIVEN_UP = Breaker(State.OPEN, FAILURES, 100.0 + REST)


@pytest.mark.parametrize(
    ("before", "answered", "expected"),
    [
        (Breaker(), True, Breaker()),
        (Breaker(), False, Breaker(State.CLOSED, 1)),
        (Breaker(State.CLOSED, 2), True, Breaker()),  # only failures in a row count
        (Breaker(State.CLOSED, 2), False, GIVEN_UP),
        (GIVEN_UP, False, GIVEN_UP),  # asked before it was given up
        (GIVEN_UP, True, Breaker()),
        (Breaker(State.TRYING, 3, 130.0), True, Breaker()),
        (Breaker(State.TRYING, 3, 130.0), False, Breaker(State.OPEN, 4, 100.0 + 2 * REST)),
    ],
)
def test_what_comes_back_moves_the_line(before: Breaker, answered: bool, expected: Breaker) -> None:
    assert after(before, answered=answered, now=100.0) == expected


def test_a_line_that_was_given_up_lets_one_question_through_when_it_has_rested() -> None:
    assert asks(GIVEN_UP, GIVEN_UP.rests_until - 0.1) is None
    trying = asks(GIVEN_UP, GIVEN_UP.rests_until)
    assert trying == Breaker(State.TRYING, FAILURES, GIVEN_UP.rests_until + REST)
    assert asks(trying, GIVEN_UP.rests_until) is None  # the second has to wait for the first
    assert asks(trying, trying.rests_until) is not None  # which never came back


def test_a_closed_line_asks() -> None:
    assert asks(Breaker(State.CLOSED, 2), 0.0) == Breaker(State.CLOSED, 2)


def test_a_rest_doubles_and_has_an_end() -> None:
    assert [rest(n) for n in (1, 3, 4, 5)] == [REST, REST, 2 * REST, 4 * REST]
    assert rest(1_000_000) == LONGEST_REST


def test_every_move_of_the_table_is_one_that_is_meant() -> None:
    found = {(state, event): MOVES[state].get(event) for state, event in product(State, Event)}
    assert found == {
        (State.CLOSED, Event.ANSWERED): None,
        (State.CLOSED, Event.GIVEN_UP): State.OPEN,
        (State.CLOSED, Event.RESTED): None,
        (State.OPEN, Event.ANSWERED): State.CLOSED,
        (State.OPEN, Event.GIVEN_UP): None,
        (State.OPEN, Event.RESTED): State.TRYING,
        (State.TRYING, Event.ANSWERED): State.CLOSED,
        (State.TRYING, Event.GIVEN_UP): State.OPEN,
        (State.TRYING, Event.RESTED): State.TRYING,
    }


@given(st.lists(st.tuples(st.sampled_from(["ask", "yes", "no"]), st.floats(0, 400))))
def test_whatever_happens_it_is_asked_again_after_the_longest_rest(
    story: list[tuple[str, float]],
) -> None:
    line, now = Breaker(), 0.0
    for what, passes in story:
        now += passes
        if what == "ask":
            line = asks(line, now) or line
        else:
            line = after(line, answered=what == "yes", now=now)
    assert asks(line, now + LONGEST_REST) is not None
