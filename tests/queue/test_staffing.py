"""How many doctors more are needed: enough, not more than enough, and where they help."""

import pytest

from tests.queue.snapshots import idle, in_call, ms, snapshot
from venterom.queue import staffing
from venterom.queue.dispatch import OURS_DEFER
from venterom.queue.floor import FLOOR
from venterom.queue.simulation.rest import Span
from venterom.queue.snapshot import Promise, Snapshot
from venterom.queue.staffing import (
    MOST,
    TARGET,
    by_count,
    needed,
    promised,
    reached,
    stretches,
    with_more,
)


def hours(*an_hour: float) -> list[Span]:
    """So many patients in each hour from now on."""
    return [Span(ms(60 * n), ms(60 * n + 60), each) for n, each in enumerate(an_hour)]


QUIET, RUSH = snapshot(*[idle()] * 3), snapshot(idle())


@pytest.mark.parametrize(
    ("seen", "spans", "more"),
    [
        # three doctors for two patients an hour; and no hours at all
        (QUIET, hours(2, 2), (0, 0)),
        (QUIET, [], ()),
        # nobody comes, and nobody is there
        (snapshot(), hours(0, 0), (0, 0)),
        # all take their last one ten minutes too early; and nobody is there at all
        (snapshot(idle(50), idle(50), idle(50)), hours(2, 0, 0), (1, 0, 0)),
        (snapshot(), hours(1, 0), (2, 0)),
        # a hundred patients an hour are more than can be helped
        (snapshot(), hours(200), (MOST + 1,)),
        # … and stand in nobody's way: they are turned away
        (QUIET, hours(200, 0, 2), (MOST + 1, 0, 0)),
    ],
)
def test_so_many_are_needed(seen: Snapshot, spans: list[Span], more: tuple[int, ...]) -> None:
    assert needed(seen, spans, OURS_DEFER) == more


def test_with_them_the_promise_holds_and_with_one_less_it_does_not() -> None:
    spans = hours(4, 16, 4)
    more = needed(QUIET, spans, OURS_DEFER)
    assert sum(more) > 0
    for share in reached(with_more(QUIET, spans, more), spans, OURS_DEFER):
        assert share.value is not None and share.value >= TARGET
    for n, count in enumerate(more):
        if count:
            less = [each - (hour == n) for hour, each in enumerate(more)]
            shares = reached(with_more(QUIET, spans, less), spans, OURS_DEFER)
            assert any((share.value or 0) < TARGET for share in shares)


def test_the_same_state_gives_the_same_answer() -> None:
    assert needed(RUSH, hours(6, 6), OURS_DEFER) == needed(RUSH, hours(6, 6), OURS_DEFER)
    once, again = (promised(RUSH, hours(6), FLOOR, OURS_DEFER) for _ in range(2))
    assert once == again


def test_more_patients_are_promised_less() -> None:
    [few], [many] = (promised(QUIET, hours(n), FLOOR, OURS_DEFER) for n in (4, 20))
    assert few.value is not None and many.value is not None
    assert many.value < few.value
    assert many.whole == pytest.approx(20 * staffing.DAYS, rel=0.1)


def test_whoever_is_added_stays_until_those_are_served_who_came_in_time() -> None:
    spans = hours(1, 1, 1, 1)
    seen = with_more(snapshot(in_call(1)), spans, (0, 2, 1, 0))
    assert [(each.since, each.last_start) for each in seen.doctors] == [
        (ms(60), ms(140)),  # only for the second hour
        (ms(60), ms(200)),  # for the second and the third
        (ms(-1), ms(600)),
    ]


@pytest.mark.parametrize(
    ("values", "expected"),
    [((), []), ((1,), [(0, 0)]), ((1, 1, 0, 1), [(0, 1), (2, 2), (3, 3)])],
)
def test_equal_values_stand_together(
    values: tuple[int, ...], expected: list[tuple[int, int]]
) -> None:
    assert stretches(values) == expected


@pytest.mark.parametrize(
    ("seen", "yes"),
    [
        (snapshot(idle()), True),
        (snapshot(), False),
        (snapshot(idle(), promises=(5, 10, 15)), False),
        # slots until five minutes behind the promise take a doctor, and a later one does not
        (snapshot(idle(), slots=(24,)), False),
        (snapshot(idle(), slots=(26,)), True),
    ],
)
def test_the_count_promises_what_the_service_would(seen: Snapshot, yes: bool) -> None:
    assert by_count(FLOOR, seen).promised is yes


def test_the_less_certain_a_promise_has_to_be_the_more_are_promised() -> None:
    [strict], [easy] = (promised(RUSH, hours(6), floor, OURS_DEFER) for floor in (0.95, 0.8))
    assert strict.part < easy.part
    assert strict.whole == easy.whole


def test_those_who_wait_already_make_the_first_hour_worse() -> None:
    crowd = RUSH._replace(promises=tuple(Promise(0, ms(n)) for n in range(1, 7)))
    [alone], [behind] = (reached(each, hours(2), OURS_DEFER) for each in (RUSH, crowd))
    assert (behind.value or 0) < (alone.value or 0)


@pytest.mark.parametrize(
    ("spans", "days"),
    [
        (hours(), staffing.DAYS),
        (hours(50, 50), staffing.DAYS),
        (hours(100, 100), staffing.DAYS // 2),
        (hours(50_000), staffing.FEWEST_DAYS),
    ],
)
def test_where_many_come_fewer_days_are_played(spans: list[Span], days: int) -> None:
    assert staffing.days(spans) == days
