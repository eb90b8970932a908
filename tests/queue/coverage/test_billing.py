"""What may be told of a month's bill: the whole, and parts in which nobody is recognised."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from venterom.queue.coverage.billing import FEW, SEVERAL, Part, bill, parts
from venterom.queue.coverage.usage import Month

MONTH = Month(2026, 10)


@pytest.mark.parametrize(
    ("by_product", "told"),
    [
        ({}, []),
        ({"A": 12, "B": 30}, [("B", 30), ("A", 12)]),  # most used first
        ({"A": 5}, [("A", 5)]),
        ({"A": 4}, [(SEVERAL, 4)]),  # the whole is the bill, whatever it is
        ({"A": 30, "B": 3, "C": 2}, [("A", 30), (SEVERAL, 5)]),
        # one small part would come out of the whole: the smallest large one goes with it
        ({"A": 30, "B": 12, "C": 1}, [("A", 30), (SEVERAL, 13)]),
        ({"A": 30, "B": 1}, [(SEVERAL, 31)]),
        ({"A": 7, "": 6}, [("A", 7), (SEVERAL, 6)]),  # in the insurer's own register only
        ({"A": 7, "": 1}, [(SEVERAL, 8)]),
        ({"A": 7, "B": 0}, [("A", 7)]),
    ],
)
def test_few_are_put_together_with_others(
    by_product: Mapping[str, int], told: list[tuple[str, int]]
) -> None:
    assert [(part.product, part.uses) for part in parts(by_product)] == told


@pytest.mark.parametrize(
    ("uses", "later", "told"),
    [
        (20, 0, 0),
        (20, 5, 5),
        (20, 20, 20),
        (20, 4, None),
        (20, 1, None),
        (20, 16, None),  # four were not
        (5, 1, None),
        (3, 3, 3),  # nothing is told apart
        (3, 0, 0),
        (0, 0, 0),
    ],
)
def test_how_many_were_settled_later_is_told_if_neither_part_is_small(
    uses: int, later: int, told: int | None
) -> None:
    assert bill(MONTH, {"A": uses}, later).later == told


@given(st.dictionaries(st.sampled_from(["", *"ABCDEF"]), st.integers(0, 40)))
def test_the_parts_are_the_whole_and_none_is_small_but_the_whole(
    by_product: Mapping[str, int],
) -> None:
    told = bill(MONTH, by_product, 0)
    assert sum(part.uses for part in told.products) == told.uses == sum(by_product.values())
    if len(told.products) > 1:
        assert all(part.uses >= FEW for part in told.products)
    named = [part for part in told.products if part.product]
    assert all(part == Part(part.product, by_product[part.product]) for part in named)
