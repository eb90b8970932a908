"""The invented days: the load that they say, slots as they are booked, and a fixed checksum."""

from itertools import pairwise

import pytest

from venterom.queue.service import MINUTE
from venterom.queue.simulation.days import (
    GRID,
    OPEN,
    SCENARIOS,
    WORK,
    days,
    erlang_sum,
    on_duty,
    seats_at,
)
from venterom.queue.simulation.trace import Day, checksum

B3 = SCENARIOS["b3"]


def made(name: str = "b3", rho: int = 800, count: int = 40, seed: int = 1) -> list[Day]:
    return list(days(SCENARIOS[name], rho, count, seed))


def test_equal_seeds_give_equal_traces_everywhere() -> None:
    assert checksum(made(count=3)) == checksum(made(count=3))
    assert checksum(made(count=3)).startswith("005091f3de7676bc")


@pytest.mark.parametrize("other", [{"seed": 2}, {"rho": 900}, {"name": "b6"}, {"count": 4}])
def test_other_seeds_give_other_traces(other: dict[str, object]) -> None:
    assert checksum(made(**({"count": 3} | other))) != checksum(made(count=3))  # type: ignore[arg-type]


def test_the_first_days_of_many_are_those_of_few() -> None:
    assert made(count=5)[:3] == made(count=3)


@pytest.mark.parametrize(("name", "rho"), [("b3", 600), ("b3", 800), ("b6", 1000)])
def test_the_work_offered_is_the_load(name: str, rho: int) -> None:
    those = made(name, rho, 100)
    work = sum(v.talk + v.note for day in those for v in (*day.booked, *day.arrivals))
    assert work / (on_duty(SCENARIOS[name]) * len(those)) == pytest.approx(rho / 1000, rel=0.03)


def test_a_fifth_of_the_time_is_booked_on_the_grid() -> None:
    for day in made():
        assert len(day.booked) == round(on_duty(B3) / 5 / WORK)
        times = [visit.at for visit in day.booked]
        assert all(at % GRID == 0 for at in times) and times == sorted(times)
        assert all(times.count(at) <= seats_at(day.shifts, at) for at in times)


@pytest.mark.parametrize(("minutes", "seats"), [(0, 1), (120, 1), (870, 1), (885, 0)])
def test_at_most_half_of_the_doctors_are_booked(minutes: int, seats: int) -> None:
    assert seats_at(made(count=1)[0].shifts, minutes * MINUTE) == seats


def test_more_come_in_busy_hours() -> None:
    arrivals = [visit.at for day in made() for visit in day.arrivals]
    assert all(0 <= at < OPEN for at in arrivals)
    by_hour = [sum(at // (60 * MINUTE) == hour for at in arrivals) for hour in range(15)]
    assert by_hour[1] > 1.3 * by_hour[0] and by_hour[13] > 1.3 * by_hour[14]


def test_arrivals_are_in_order() -> None:
    assert all(a.at <= b.at for day in made() for a, b in pairwise(day.arrivals))


def test_one_in_twenty_is_not_there() -> None:
    visits = [visit for day in made() for visit in day.arrivals]
    assert sum(visit.note == 0 for visit in visits) / len(visits) == pytest.approx(0.05, abs=0.012)


def test_under_stress_doctors_differ_and_vanish_and_days_are_uneven() -> None:
    those = made("stress")
    shifts = [shift for day in those for shift in day.shifts]
    assert len({shift.speed for shift in shifts}) > 100
    lost = sum(shift.lost < shift.off for shift in shifts) / len(shifts)
    assert 0.1 < lost < 0.3  # .03 an hour for seven hours
    counts = sorted(len(day.arrivals) for day in those)
    assert counts[-5] > 1.3 * counts[4]


def test_a_markov_day_begins_as_if_it_had_always_run() -> None:
    those = made("mm3", 800, 200)
    present = [day.unscored for day in those]
    assert present.count(0) / len(those) == pytest.approx(1 / erlang_sum(0.8, 3), abs=0.01)
    assert all(visit.at == 0 for day in those for visit in day.arrivals[: day.unscored])


def test_the_sum_of_erlang_is_known() -> None:
    assert erlang_sum(0.5, 1) == pytest.approx(2)  # M/M/1 is empty half of the time
    assert 1 / erlang_sum(0.8, 3) == pytest.approx(0.0562, abs=0.0001)
