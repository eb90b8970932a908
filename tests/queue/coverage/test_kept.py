"""How promises were kept is told of many, or not at all."""

import pytest

from venterom.queue.coverage.kept import FEWEST, Kept, tell, together
from venterom.queue.coverage.usage import Month

MONTH = Month(2026, 10)


@pytest.mark.parametrize(
    ("kept", "promises", "told"),
    [
        (0, 0, (None, None)),
        (19, 19, (None, None)),
        (20, 20, (20, 20)),
        (0, 20, (0, 20)),
        (399, 400, (399, 400)),
    ],
)
def test_few_are_not_told(kept: int, promises: int, told: tuple[int | None, int | None]) -> None:
    each = tell(MONTH, kept, promises)
    assert (each.kept, each.promises) == told
    assert FEWEST == 20


def test_a_share_is_of_what_is_told() -> None:
    assert Kept(MONTH, 19, 20).share == 0.95
    assert Kept(MONTH, 0, 20).share == 0
    assert Kept(MONTH, None, None).share is None


def test_the_year_is_of_the_months_that_are_told() -> None:
    assert together([Kept(MONTH, 19, 20), Kept(MONTH, None, None), Kept(MONTH, 30, 30)]) == (49, 50)
    assert together([]) == (0, 0)
