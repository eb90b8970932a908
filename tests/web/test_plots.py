"""Where the marks of a plot lie: in the picture, in proportion, and true at the edges."""

from datetime import UTC, datetime, timedelta

import pytest

from venterom.queue.outlook import Hour
from venterom.queue.promise import Decision
from venterom.queue.report import Bin, Share
from venterom.web.plots import (
    BOTTOM,
    HEIGHT,
    LEFT,
    RIGHT,
    TOP,
    WIDTH,
    Scale,
    by_month,
    counted,
    foretold,
    kept_by_hour,
    kept_by_month,
    patients_and_doctors,
    promised_ahead,
    round_up,
)

GROUND = HEIGHT - BOTTOM
SOON, LATER = Decision.PROMISE20, Decision.LATER


@pytest.mark.parametrize(
    ("value", "at"),
    [(0.8, 100), (0.9, 55), (1.0, 10), (0.3, 100), (1.2, 10)],  # the last two lie at the edges
)
def test_a_value_lies_in_proportion(value: float, at: float) -> None:
    assert Scale(0.8, 1, 100, 10).at(value) == at


@pytest.mark.parametrize(
    ("most", "top"),
    [(0, 2), (1, 2), (2, 2), (3, 4), (5, 10), (10, 10), (11, 20), (21, 40), (99, 100), (101, 200)],
)
def test_the_top_of_an_axis_is_a_number_that_halves(most: int, top: int) -> None:
    assert round_up(most) == top


def test_a_kept_share_is_drawn_with_what_chance_allows() -> None:
    drawn = kept_by_hour({9: Share(99, 100), 12: Share(0, 5)}, target=0.99)
    first, last = drawn.marks
    assert LEFT < first.x < last.x < WIDTH - RIGHT
    assert TOP <= first.top < first.y < first.bottom <= GROUND
    assert first.y == drawn.target
    assert last.y == GROUND  # below the axis
    assert [tick.value for tick in drawn.across] == [9, 10, 11, 12]
    assert [tick.value for tick in drawn.up] == [0.8, 0.85, 0.9, 0.95, 1.0]


def test_what_came_as_foretold_lies_on_the_line() -> None:
    drawn = foretold([Bin(0.8, 1, 0.9, Share(9, 10))])
    assert drawn.ideal is not None
    x1, y1, x2, y2 = drawn.ideal
    [mark] = drawn.marks
    assert (mark.y - y1) / (y2 - y1) == pytest.approx((mark.x - x1) / (x2 - x1), abs=0.001)


def test_the_parts_of_a_column_stand_on_each_other() -> None:
    drawn = counted({9: {SOON: 3, LATER: 1}, 10: {LATER: 2}}, (SOON, LATER))
    soon, later, alone = drawn.blocks
    assert [block.kind for block in drawn.blocks] == [SOON, LATER, LATER]
    assert soon.y + soon.height == pytest.approx(GROUND) == alone.y + alone.height
    assert soon.y == pytest.approx(later.y + later.height)
    assert later.y == TOP  # four is the top of the axis
    assert soon.height == pytest.approx(3 * later.height, abs=0.2)
    assert soon.x == later.x and soon.x + soon.width <= alone.x


def test_a_day_without_anything_has_its_axes() -> None:
    drawn = counted({}, (SOON,))
    assert (drawn.blocks, [tick.value for tick in drawn.up]) == ((), [0, 1, 2])
    assert [tick.value for tick in drawn.across] == [0, 4, 8, 12, 16, 20]
    assert kept_by_hour({}, 0.99).marks == ()


NOON = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)  # 12:00 in Oslo


def ahead(*of: tuple[float, float | None, Share | None]) -> list[Hour]:
    """Doctors, patients and the promised share of the hours from noon on."""
    return [Hour(NOON + n * timedelta(hours=1), *each) for n, each in enumerate(of)]


def test_hours_to_come_have_columns_of_patients_and_dots_of_doctors() -> None:
    plot = patients_and_doctors(ahead((1, 4, None), (2.5, 2, None), (0, 0, None)))
    assert [tick.value for tick in plot.up] == [0, 2, 4]
    assert [tick.value for tick in plot.across] == [12, 13, 14]
    whole = GROUND - TOP
    assert [block.height for block in plot.blocks] == [whole, whole / 2]
    assert [mark.y for mark in plot.marks] == [
        pytest.approx(GROUND - part * whole, abs=0.05) for part in (1 / 4, 2.5 / 4, 0)
    ]
    middle = plot.blocks[0].x + plot.blocks[0].width / 2
    assert middle == pytest.approx(plot.marks[0].x, abs=0.1)


def test_without_history_there_are_doctors_alone_and_past_midnight_it_goes_on() -> None:
    plot = patients_and_doctors(ahead(*[(3, None, None)] * 13))
    assert plot.blocks == () and len(plot.marks) == 13
    assert [tick.value for tick in plot.across] == [12, 14, 16, 18, 20, 22, 0]
    assert patients_and_doctors([]).marks == ()


def test_the_promised_share_begins_at_zero_and_has_no_dot_where_nobody_asks() -> None:
    plot = promised_ahead(ahead((1, 4, Share(0, 10)), (1, 4, Share(0, 0)), (1, 4, Share(10, 10))))
    assert [mark.y for mark in plot.marks] == [GROUND, TOP]
    assert [tick.value for tick in plot.up] == [0, 0.25, 0.5, 0.75, 1]


def test_a_year_has_a_column_for_each_month_with_anything_in_it() -> None:
    plot = by_month([(11, 0), (12, 4), (1, 2)])
    assert [tick.value for tick in plot.across] == [11, 12, 1]
    assert [tick.value for tick in plot.up] == [0, 2, 4]
    assert [block.height for block in plot.blocks] == [GROUND - TOP, (GROUND - TOP) / 2]
    middle = plot.blocks[0].x + plot.blocks[0].width / 2
    assert middle == pytest.approx(plot.across[1].at, abs=0.1)
    assert by_month([(1, 0)]).blocks == ()


def test_a_year_of_promises_has_a_dot_where_there_were_enough() -> None:
    plot = kept_by_month([11, 12, 1], {1: (20, 20), 2: (45, 50)}, 0.99)
    assert [tick.value for tick in plot.across] == [11, 12, 1]
    assert [(mark.x, mark.y) for mark in plot.marks] == [
        (plot.across[1].at, TOP),
        (plot.across[2].at, pytest.approx(TOP + (GROUND - TOP) / 2)),
    ]
    assert plot.target is not None and TOP < plot.target < plot.marks[1].y
    assert kept_by_month([11], {}, 0.99).marks == ()
