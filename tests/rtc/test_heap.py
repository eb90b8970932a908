"""What a process has loaded is looked at no more by the collector."""

import gc
from collections.abc import Iterator

import pytest

from venterom.rtc import heap


class Ring:
    """Something that only the collector can take away."""

    def __init__(self) -> None:
        self.own = self


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    before = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*before)


def rings() -> int:
    """How many there are."""
    return sum(isinstance(each, Ring) for each in gc.get_objects())


def test_only_what_comes_later_is_looked_at() -> None:
    early = Ring()
    assert rings() == 1
    heap.keep()
    assert rings() == 0 and early.own is early
    Ring()
    assert rings() == 1
    gc.collect()
    assert rings() == 0
