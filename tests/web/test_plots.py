"""Where the marks of a plot lie: in the picture, in proportion, and true at the edges."""

import pytest

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
    counted,
    foretold,
    kept_by_hour,
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
