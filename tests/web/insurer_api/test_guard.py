"""How often a client may ask, and how soon guessing ends."""

from datetime import UTC, datetime, timedelta

from venterom.web.insurer_api import guard
from venterom.web.insurer_api.guard import (
    BURST,
    EVERY,
    MISS_EVERY,
    MISSES,
    MOST,
    NONE,
    SHUT,
    WALK,
    Guard,
    Meter,
)

NOW = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def scattered(n: int) -> str:
    """Numbers that are no neighbours of each other."""
    return f"FJP-{n:04}00"


def test_so_many_questions_at_once_and_then_one_after_the_other() -> None:
    own = Guard()
    for _ in range(BURST):
        assert own.wait("a", NOW) == NONE
        own.asked("a", NOW)
    assert own.wait("a", NOW) == EVERY
    assert own.wait("a", NOW + EVERY) == NONE
    assert own.wait("b", NOW) == NONE  # the others do not feel it


def test_a_bundle_costs_as_much_as_several_and_is_paid_back() -> None:
    own = Guard()
    own.asked("a", NOW, cost=BURST + 20)
    assert own.wait("a", NOW) == 21 * EVERY
    assert own.wait("a", NOW + 21 * EVERY) == NONE


def test_twenty_misses_are_forgiven_and_the_next_waits() -> None:
    own = Guard()
    for n in range(MISSES - 1):
        assert not own.missed("a", scattered(n), NOW)
    assert own.missed("a", scattered(MISSES), NOW)  # a person hears of it
    assert own.wait("a", NOW) == MISS_EVERY
    assert own.wait("a", NOW + MISS_EVERY) == NONE
    assert own.wait("b", NOW) == NONE


def test_an_hour_of_guessing_gives_twice_twenty_guesses_at_most() -> None:
    own, made = Guard(), 0
    for second in range(3_600):
        now = NOW + second * SECOND
        if own.wait("a", now) == NONE:
            own.asked("a", now)
            own.missed("a", scattered(second), now)
            made += 1
    assert made == MISSES + 3_600 // MISS_EVERY.seconds - 1


def test_a_walk_along_the_numbers_shuts_the_client_out() -> None:
    own = Guard()
    for n in range(WALK - 1):
        assert not own.missed("a", f"FJP-1079{n:02}", NOW)
    assert own.missed("a", "FJP-107999", NOW)
    assert own.wait("a", NOW) == SHUT
    assert own.wait("a", NOW + SHUT - SECOND) == SECOND
    assert own.wait("a", NOW + SHUT) == NONE


def test_trying_birth_dates_on_one_number_is_a_walk() -> None:
    own = Guard()
    assert [own.missed("a", "FJP-107919", NOW) for _ in range(WALK)] == [False] * 4 + [True]


def test_the_same_slip_once_an_hour_is_no_walk() -> None:
    own = Guard()
    for hour in range(3 * WALK):
        assert not own.missed("a", "FJP-107919", NOW + hour * SHUT)


def test_neighbours_of_another_client_are_not_counted() -> None:
    own = Guard()
    for n in range(WALK - 1):
        own.missed("a", f"FJP-1079{n:02}", NOW)
    assert not own.missed("b", "FJP-107950", NOW)


def test_memory_has_an_end_and_whoever_owes_is_remembered() -> None:
    own = Meter(1, SECOND)
    own.spend("owes", NOW, cost=60)
    for n in range(MOST - 1):
        own.spend(f"address {n}", NOW)
    later = NOW + 2 * SECOND
    own.spend("one more", later)
    assert own.wait("owes", later) == 58 * SECOND
    assert len(own._free_at) == 2


def test_a_wait_is_told_in_whole_seconds_and_never_as_none() -> None:
    from venterom.web.insurer_api.errors import seconds

    assert seconds(timedelta(milliseconds=50)) == 1
    assert seconds(timedelta(seconds=2, milliseconds=1)) == 3
    assert guard.SHUT.total_seconds() == 3_600
