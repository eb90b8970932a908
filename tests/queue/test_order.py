"""Who is served before whom."""

from datetime import timedelta

import pytest

from tests.queue.make import NOON, after, booked, entry
from venterom.queue.floor import Entry
from venterom.queue.order import in_order, ready, try_again_after
from venterom.queue.states import State


@pytest.mark.parametrize(
    ("first", "second"),
    [
        # the earlier promise
        (entry("b", 19), entry("a", 20)),
        # a higher triage class, although it came later
        (entry("b", 60, triage=1), entry("a", 5)),
        # equal deadlines: who came first
        (entry("b", created_at=after(-1)), entry("a")),
        # equal in everything: the visit, so that the order is always the same
        (entry("a"), entry("b")),
        # a slot at 12:15 is due at 12:18, before a promise of 12:19
        (booked("b", 15), entry("a", 19)),
        # … and after one of 12:17
        (entry("b", 17), booked("a", 15)),
        # one that came back keeps its deadline and so its place
        (entry("b", 15, returns=2), entry("a", 16)),
    ],
)
def test_the_first_is_served_before_the_second(first: Entry, second: Entry) -> None:
    assert in_order([second, first]) == (first, second)


def test_only_those_who_wait_are_in_line() -> None:
    elsewhere = [entry(state.value, state=state) for state in State]
    assert [e.state for e in in_order(elsewhere)] == [State.WAITING]


def test_a_slot_is_not_called_before_its_time_nor_a_retry() -> None:
    coming, retry, waiting = booked("a", 1), entry("b", release_at=after(2)), entry("c", 60)
    everybody = [coming, retry, waiting]
    assert ready(everybody, NOON) == (waiting,)
    assert ready(everybody, after(1)) == (coming, waiting)
    assert ready(everybody, after(2)) == (coming, retry, waiting)


@pytest.mark.parametrize(
    ("attempts", "minutes"),
    [
        (1, 2),  # perhaps the phone was locked
        (2, 5),
        (3, None),  # given up
    ],
)
def test_who_does_not_answer_is_tried_three_times(attempts: int, minutes: int | None) -> None:
    wait = None if minutes is None else timedelta(minutes=minutes)
    assert try_again_after(attempts) == wait
