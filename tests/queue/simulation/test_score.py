"""The figures, from days that are written down by hand."""

import pytest

from tests.queue.snapshots import ms
from venterom.queue.future import NEVER
from venterom.queue.simulation.score import ENOUGH, Score, score
from venterom.queue.simulation.told import Played, Told


def told(wait: float, p: float = 1.0, at: float = 0) -> Told:
    return Told(ms(at), True, p, ms(at + wait))


KEPT, BROKEN, REFUSED = told(20), told(20.001), Told(0, promised=False)
LEFT_IN_TIME = Told(0, left=ms(20))
LEFT_TOO_LATE = Told(0, left=ms(20.001))
NEVER_SERVED = Told(0)


@pytest.mark.parametrize(
    ("arrivals", "promised", "kept", "withdrawn"),
    [
        ([KEPT], 1, 1, 0),
        ([KEPT, BROKEN], 1, 0.5, 0),
        ([KEPT, REFUSED], 0.5, 1, 0),
        ([KEPT, LEFT_IN_TIME], 1, 1, 1),  # neither kept nor broken, and shown apart
        ([KEPT, LEFT_TOO_LATE], 1, 0.5, 0),
        ([KEPT, NEVER_SERVED], 1, 0.5, 0),
        ([REFUSED], 0, 1, 0),
    ],
)
def test_a_promise_is_kept_by_its_first_deadline(
    arrivals: list[Told], promised: float, kept: float, withdrawn: int
) -> None:
    figures = score([Played(arrivals)])
    assert figures.promised_share == promised
    assert (figures.kept_share, figures.withdrawn) == (kept, withdrawn)


def test_booked_patients_are_on_time_within_two_or_five_minutes() -> None:
    booked = [told(0), told(2), told(2.001), told(5), told(5.001), NEVER_SERVED]
    figures = score([Played(booked=booked)])
    assert (figures.punctual(0), figures.punctual(1)) == (2 / 6, 4 / 6)


def test_the_worst_hour_has_enough_promises() -> None:
    good = [told(5, at=10)] * ENOUGH
    bad = [told(5, at=70)] * (ENOUGH - 2) + [told(25, at=70)] * 2
    few = [told(25, at=130)] * (ENOUGH - 1)
    assert score([Played([*good, *bad, *few])]).worst_hour == 1 - 2 / ENOUGH


def test_efficiency_is_against_the_oracle_and_nothing_below_the_goal() -> None:
    oracle = score([Played([KEPT] * 200)])
    assert score([Played([KEPT] * 150 + [REFUSED] * 50)]).efficiency(oracle) == 0.75
    assert score([Played([KEPT] * 150 + [BROKEN] * 2)]).efficiency(oracle) == 0


def test_calibration_compares_what_was_said_with_what_came() -> None:
    arrivals = [told(5, 0.92), told(25, 0.94), told(5, 0.95), told(5, 1.0), told(5, 0.5)]
    bins = score([Played(arrivals)]).calibration()
    assert [p for p, _, _ in bins] == pytest.approx([0.93, 0.95, 1.0])
    assert [(kept, count) for _, kept, count in bins] == [(0.5, 2), (1.0, 1), (1.0, 1)]


def test_waits_are_those_of_the_served() -> None:
    figures = score([Played([told(n) for n in range(1, 20)] + [NEVER_SERVED])])
    assert figures.mean_wait == 10
    assert figures.wait(0.95) == 18
    assert Score().mean_wait == Score().wait(0.5) == 0


def test_days_add_up() -> None:
    day = Played([KEPT], [told(1)], put_off=2, overrun=3, worked=4, quoting=5, quotes=6)
    figures = score([day, day])
    assert (figures.days, figures.put_off, figures.overrun) == (2, 4, 6)
    assert (figures.worked, figures.quoting, figures.quotes, figures.booked) == (8, 10, 12, 2)
    assert NEVER > ms(10**6)
