"""How long a caller is waited for, and who is shown out when the house is full."""

import pytest

from venterom.server.callers import (
    FEWEST,
    FILES_OF_OUR_OWN,
    House,
    Waits,
    body_within,
    is_late,
    is_stalled,
    room_for,
)


@pytest.mark.parametrize(
    ("since", "now", "allowed", "late"),
    [(10, 17.9, 8, False), (10, 18, 8, True), (10, 99, 8, True)],
)
def test_a_caller_has_so_long_for_a_request(
    since: float, now: float, allowed: float, late: bool
) -> None:
    assert is_late(since, now, allowed) is late


@pytest.mark.parametrize(
    ("before", "left", "stalled"),
    [
        (0, 0, False),  # nothing to take
        (0, 50_000, False),  # it has just been given something
        (50_000, 50_000, True),  # it takes nothing
        (50_000, 49_000, True),  # it takes too little: 1,000 bytes in two seconds
        (50_000, 47_000, False),
        (50_000, 0, False),
        (50_000, 60_000, True),  # and is given ever more
    ],
)
def test_a_caller_takes_the_answer_or_is_shown_out(before: int, left: int, stalled: bool) -> None:
    assert is_stalled(before, left, 2.0) is stalled


def test_a_form_has_ten_seconds_and_a_picture_over_a_poor_network_longer_and_nothing_for_ever() -> (
    None
):
    assert body_within(Waits().body, 1_000) < 10.1
    assert 60 < body_within(Waits().body, 2_000_000) < 80


def test_a_slow_caller_is_gone_within_ten_seconds() -> None:
    assert Waits().head + Waits().look <= 10
    assert 2 * Waits().look <= 10  # a stalled one is found at the second look


@pytest.mark.parametrize(
    ("files", "room"),
    [(1_024, 1_024 - FILES_OF_OUR_OWN), (1_000_000, 20_000), (100, FEWEST), (0, FEWEST)],
)
def test_files_are_left_for_what_is_our_own(files: int, room: int) -> None:
    assert room_for(files, 20_000) == room


def house(most: int = 3, most_each: int = 100) -> House:
    """A small one."""
    return House(most, most_each)


def test_whoever_has_been_silent_longest_makes_room() -> None:
    here = house()
    assert [here.comes(name, "") for name in "abc"] == [(True, None)] * 3
    assert here.comes("d", "") == (True, "a")
    assert here.comes("e", "") == (True, "b")


def test_nobody_is_shown_out_in_the_middle_of_an_answer() -> None:
    here = house()
    for name in "abc":
        here.comes(name, "")
        here.is_served(name)
    assert here.comes("d", "") == (False, None)
    here.is_idle("b")
    assert here.comes("d", "") == (True, "b")


def test_whoever_was_answered_goes_to_the_end_of_the_line() -> None:
    here = house()
    for name in "abc":
        here.comes(name, "")
    here.is_served("a")
    here.is_idle("a")
    assert here.comes("d", "") == (True, "b")


def test_one_address_cannot_fill_the_house() -> None:
    here = house(most=100, most_each=2)
    assert [here.comes(n, "1.2.3.4")[0] for n in range(4)] == [True, True, False, False]
    assert here.comes("other", "5.6.7.8") == (True, None)
    here.goes(0)
    assert here.comes("again", "1.2.3.4") == (True, None)


def test_callers_without_an_address_are_not_counted_together() -> None:
    here = house(most=100, most_each=2)
    assert all(here.comes(n, "")[0] for n in range(50))


def test_whoever_has_gone_leaves_nothing_behind() -> None:
    here = house(most=2, most_each=1)
    here.comes("a", "1.2.3.4")
    here.goes("a")
    here.goes("a")
    here.goes("never here")
    here.is_idle("a")
    assert here == house(most=2, most_each=1)
    assert [here.comes(name, name) for name in "bc"] == [(True, None)] * 2
