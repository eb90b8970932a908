"""When an idle doctor is kept for a booked slot."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from venterom.queue.hold import A1, A2, A3, B1, B3, Certainty, Harm, Other, counts, half_minutes
from venterom.queue.service import FIRST, FREE, MINUTE, STEPS

FRESH, from_call, from_note = FIRST.fresh, FIRST.from_call, FIRST.from_note
BUSY = (0.0,) * STEPS  # for as long as anybody looks
LONG = 600 * MINUTE
T = 100 * MINUTE

OLD = Certainty()
Rule = Certainty | Harm


def other(chances: tuple[float, ...], last_start: int = LONG) -> Other:
    return Other(last_start, chances)


def slots(*minutes: float) -> list[int]:
    return [T + round(each * MINUTE) for each in minutes]


@pytest.mark.parametrize("rule", [OLD, A1, A2, A3, B1, B3])
@pytest.mark.parametrize(
    ("others", "ahead", "last_start", "kept"),
    [
        # the only doctor who could serve the slot is kept
        ([BUSY, BUSY], (5,), LONG, True),
        ([], (5,), LONG, True),
        # somebody else is free for it
        ([FREE, BUSY], (5,), LONG, False),
        # … but not for two of them
        ([FREE, BUSY], (5, 5), LONG, True),
        ([FREE, FREE], (5, 5), LONG, False),
        # no slot is near
        ([BUSY, BUSY], (), LONG, False),
        ([BUSY, BUSY], (26,), LONG, False),
    ],
)
def test_a_doctor_who_would_be_missing_is_kept(
    rule: Rule,
    others: list[tuple[float, ...]],
    ahead: tuple[float, ...],
    last_start: int,
    kept: bool,
) -> None:
    everyone = [other(each) for each in others]
    assert rule.keeps(T, last_start, 10 * MINUTE, everyone, slots(*ahead), FRESH) is kept


@pytest.mark.parametrize(("rule", "kept"), [(OLD, True), (A1, False), (A2, False), (A3, False)])
def test_only_the_old_rule_keeps_one_who_cannot_serve_the_slot(rule: Rule, kept: bool) -> None:
    """The shift ends before it: staying helps nobody."""
    assert rule.keeps(T, T + 3 * MINUTE, 10 * MINUTE, [other(BUSY)], slots(5), FRESH) is kept


@pytest.mark.parametrize("rule", [OLD, A1, A2, A3, B1, B3])
def test_somebody_who_leaves_before_the_slot_does_not_count(rule: Rule) -> None:
    leaves = other(FREE, T + 4 * MINUTE)
    assert rule.keeps(T, LONG, 10 * MINUTE, [leaves], slots(5), FRESH)


@pytest.mark.parametrize(("wait", "kept"), [(4, True), (11, True), (12, False), (20, False)])
def test_more_harm_is_asked_for_the_farther_the_slot_is(wait: float, kept: bool) -> None:
    """A2, one other doctor five minutes into a call."""
    assert (
        A2.keeps(T, LONG, 10 * MINUTE, [other(from_call(5 * MINUTE))], slots(wait), FRESH) is kept
    )


def test_haste_lets_a_doctor_go() -> None:
    """A1, one other doctor ten minutes into a call: the promise is fresh, or nearly used up."""
    someone = [other(from_call(10 * MINUTE))]
    assert A1.keeps(T, LONG, 20 * MINUTE, someone, slots(8), FRESH)
    assert not A1.keeps(T, LONG, 2 * MINUTE, someone, slots(14), FRESH)


@given(st.lists(st.floats(0, 1), max_size=5), st.integers(1, 6))
def test_counts_are_those_of_all_cases(chances: list[float], below: int) -> None:
    exact = [0.0] * (len(chances) + 1)
    for case in product((False, True), repeat=len(chances)):
        p = 1.0
        for happens, chance in zip(case, chances, strict=True):
            p *= chance if happens else 1 - chance
        exact[sum(case)] += p
    padded = (exact + [0.0] * below)[:below]
    assert counts(chances, below) == pytest.approx(padded, abs=1e-12)


@given(
    st.lists(st.integers(0, 30), min_size=0, max_size=3),
    st.lists(st.integers(1, 25), min_size=1, max_size=3).map(sorted),
)
def test_the_harm_is_that_of_all_cases(calls: list[int], minutes: list[int]) -> None:
    """Brute force over who is free and which earlier slots still take a doctor."""
    others = [other(from_call(each * MINUTE)) for each in calls]
    ahead = slots(*minutes)
    for limit in (0.02, 0.1, 0.3, 0.6):
        rule = Harm(limit, 0, 0, 0, 3 * MINUTE, 3 * MINUTE)
        harms = [harm(others, ahead, number) for number in range(len(ahead))]
        if all(abs(each - limit) > 1e-9 for each in harms):
            assert rule.keeps(T, LONG, 10 * MINUTE, others, ahead, FRESH) is (max(harms) > limit)


def harm(others: list[Other], ahead: list[int], number: int) -> float:
    """P(one doctor is missing for this slot) times P(a fresh patient takes too long)."""
    by = ahead[number] + 3 * MINUTE
    step = half_minutes(by - T)
    free = [each.chances[step] for each in others]
    busy = [1 - FRESH[half_minutes(by - slot)] for slot in ahead[:number]]
    missing = 0.0
    for case in product((0, 1), repeat=len(free) + len(busy)):
        p = 1.0
        for happens, chance in zip(case, free + busy, strict=True):
            p *= chance if happens else 1 - chance
        missing += p * (sum(case[: len(free)]) == sum(case[len(free) :]))
    return missing * (1 - FRESH[step])


def test_a_doctor_at_a_note_counts_by_how_long_already() -> None:
    begun, nearly_done = other(from_note(0)), other(from_note(8 * MINUTE))
    assert A2.keeps(T, LONG, 10 * MINUTE, [begun], slots(1), FRESH)
    assert not A2.keeps(T, LONG, 10 * MINUTE, [nearly_done], slots(6), FRESH)


def test_under_the_old_rule_a_doctor_who_leaves_does_not_come_back_for_the_slot() -> None:
    """Back from a fresh patient in time, but past the last start: the other one alone is unsure."""
    someone = [other(from_call(10 * MINUTE))]
    assert not OLD.keeps(T, LONG, 10 * MINUTE, someone, slots(21), FRESH)
    assert OLD.keeps(T, T + 12 * MINUTE, 10 * MINUTE, [other(from_call(MINUTE))], slots(21), FRESH)
    assert not OLD.keeps(T, LONG, 10 * MINUTE, [other(from_call(MINUTE))], slots(21), FRESH)
