"""The availability count on a snapshot, against the one that it repeats."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.queue.make import NOON
from tests.queue.snapshots import LONG, at_note, idle, in_call, ms, ringing, snapshot
from venterom.queue import predict
from venterom.queue.count import p_count
from venterom.queue.snapshot import Doctor

doctors = st.lists(
    st.one_of(
        st.just(idle()),
        st.integers(0, 34).map(in_call),
        st.integers(0, 11).map(at_note),
        st.just(ringing(0)),
    ),
    max_size=4,
)


@given(doctors, st.integers(0, 80), st.integers(0, 6))
def test_it_is_the_count_of_the_predictor(those: list[Doctor], minutes: int, ahead: int) -> None:
    """At whole minutes the steps lose nothing."""
    same = [
        predict.Doctor(
            each.phase,
            NOON + timedelta(milliseconds=each.since),
            NOON + timedelta(milliseconds=each.last_start),
        )
        for each in those
    ]
    exact = predict.p_analytic(NOON, NOON + timedelta(minutes=minutes), same, ahead)
    counted = p_count(snapshot(*those), ms(minutes), ahead)
    assert counted == pytest.approx(exact, abs=1e-6)


@given(doctors, st.floats(0, 80), st.integers(0, 6))
def test_between_the_steps_it_is_cautious(those: list[Doctor], minutes: float, ahead: int) -> None:
    seen = snapshot(*those)
    sooner, later = (p_count(seen, ms(minutes + more), ahead) for more in (0, 0.5))
    assert sooner <= later + 1e-8
    assert p_count(seen, ms(minutes), ahead + 1) <= p_count(seen, ms(minutes), ahead) + 1e-9


@pytest.mark.parametrize(
    ("doctor", "minutes", "p"),
    [
        (idle(), 0, 1),
        (idle(LONG, since=5), 4, 0),  # the shift has not begun
        (idle(LONG, since=5), 5, 1),
        (idle(-1), 20, 0),  # too late in the shift
    ],
)
def test_a_shift_counts_from_its_beginning_to_its_last_start(
    doctor: Doctor, minutes: float, p: float
) -> None:
    assert p_count(snapshot(doctor), ms(minutes), 0) == p
