"""How long patients take: spread cases, what is left of them, and the tables of chances."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from venterom.queue import service
from venterom.queue.quantiles import CONSULTATION, WRAP_UP
from venterom.queue.service import (
    FIRST,
    MINUTE,
    STEP,
    STEPS,
    Service,
    free_in,
    longer_than,
    spread,
)

CONSULTATIONS, WRAP_UPS, FRESH = FIRST.consultations, FIRST.wrap_ups, FIRST.fresh


def test_cases_lie_between_the_knots_and_have_the_mean() -> None:
    assert spread((0, 100, 100), 4) == (25, 75, 100, 100)
    assert sum(CONSULTATIONS) / len(CONSULTATIONS) / MINUTE == pytest.approx(13, abs=0.1)
    assert sum(WRAP_UPS) / len(WRAP_UPS) / MINUTE == pytest.approx(4, abs=0.02)


@pytest.mark.parametrize(
    ("elapsed", "index"),
    [
        (0, 0),
        (CONSULTATIONS[100], 101),  # as long as this one: the next ones take longer
        (10**9, len(CONSULTATIONS) - 41),  # longer than all of them: like the slowest
    ],
)
def test_what_has_taken_so_long_is_one_of_the_longer_ones(elapsed: int, index: int) -> None:
    assert longer_than(CONSULTATIONS, elapsed) == index


@pytest.mark.parametrize(
    ("elapsed", "known"),
    [(0, 0), (5, 5), (60, 9)],  # minutes of a note; the slowest hundredth takes 9 to 12
)
def test_longer_than_anybody_is_like_the_slowest(elapsed: int, known: int) -> None:
    assert round(service.known(WRAP_UPS, elapsed * MINUTE) / MINUTE) == known


@given(st.integers(0, 60 * MINUTE))
def test_chances_never_fall_with_time(elapsed: int) -> None:
    for chances in (
        FIRST.from_call(elapsed),
        FIRST.from_note(elapsed),
        FIRST.from_ringing(elapsed),
    ):
        assert len(chances) == STEPS
        assert all(0 <= p <= q <= 1 for p, q in zip(chances, chances[1:], strict=False))


@pytest.mark.parametrize("elapsed", [0, 5, 12, 20])
@pytest.mark.parametrize("ahead", [5, 12, 25])
def test_a_call_ends_as_often_as_by_brute_force(elapsed: int, ahead: int) -> None:
    dice = random.Random(elapsed)
    left = [case - elapsed * MINUTE for case in CONSULTATIONS if case > elapsed * MINUTE]
    trials = 4_000
    free = sum(dice.choice(left) + dice.choice(WRAP_UPS) <= ahead * MINUTE for _ in range(trials))
    table = FIRST.from_call(elapsed * MINUTE)[ahead * MINUTE // STEP]
    assert table == pytest.approx(free / trials, abs=0.03)


def test_somebody_who_does_not_answer_frees_the_doctor_soon() -> None:
    assert FIRST.from_ringing(0) is FRESH
    known = FIRST.from_ringing(2 * MINUTE)
    assert (known[1], known[2]) == (0, 1)  # a minute is left of the three


def test_a_fresh_patient_may_not_be_there() -> None:
    assert FRESH[service.NO_SHOW_COST // STEP - 1] == 0
    assert FRESH[service.NO_SHOW_COST // STEP] == pytest.approx(0.05)


@pytest.mark.parametrize(("wait", "zeros"), [(0, 0), (1, 1), (STEP, 1), (STEP + 1, 2), (10**9, 72)])
def test_put_off_chances_begin_later(wait: int, zeros: int) -> None:
    assert free_in(wait) == (0.0,) * zeros + (1.0,) * (STEPS - zeros)


def test_what_was_learned_reaches_as_far_as_its_slowest_cases() -> None:
    """An hour into a call that may take ninety minutes, the doctor is hardly free in five."""
    slow = Service(1, [each * 90 // 35 for each in CONSULTATION], WRAP_UP)
    assert slow.from_call(60 * MINUTE)[10] < 0.2 < FIRST.from_call(60 * MINUTE)[10]
    assert FIRST.from_call(60 * MINUTE) == FIRST.from_call(600 * MINUTE)


def test_the_same_quantiles_are_worked_out_once() -> None:
    assert service.service(0, CONSULTATION, WRAP_UP) is FIRST
    assert service.service(1, CONSULTATION, WRAP_UP) is not FIRST
