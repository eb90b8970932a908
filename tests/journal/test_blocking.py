"""What a block keeps from whom, and when it is broken: whole tables."""

from datetime import timedelta

import pytest

from tests.journal.make import NOON, after
from venterom.journal import blocking
from venterom.journal.blocking import ALL, GLASS_LASTS, Blocked, BlockState


@pytest.mark.parametrize(
    ("against", "how"),
    [
        (set(), Blocked.NOT),
        ({"dr-dal"}, Blocked.NOT),  # somebody else
        ({ALL}, Blocked.WITH_ALL),
        ({"dr-berg"}, Blocked.BY_NAME),
        ({ALL, "dr-berg"}, Blocked.BY_NAME),  # the stronger one holds
    ],
)
def test_how_a_doctor_is_blocked(against: set[str], how: Blocked) -> None:
    assert blocking.blocked("dr-berg", frozenset(against)) is how


@pytest.mark.parametrize(
    ("how", "past", "was_there", "kept"),
    [
        (Blocked.NOT, True, False, False),
        (Blocked.NOT, False, False, False),
        (Blocked.WITH_ALL, True, False, True),  # earlier notes by others
        (Blocked.WITH_ALL, True, True, False),  # what the doctor wrote in this very meeting
        (Blocked.WITH_ALL, False, False, False),  # whoever is on duty sees who needs help first
        (Blocked.WITH_ALL, False, True, False),
        (Blocked.BY_NAME, True, False, True),
        (Blocked.BY_NAME, True, True, True),  # her own notes, too
        (Blocked.BY_NAME, False, False, True),  # nor what is wrong with one who waits
        (Blocked.BY_NAME, False, True, False),  # the meeting that the patient has come to
    ],
)
def test_what_a_block_keeps(how: Blocked, past: bool, was_there: bool, kept: bool) -> None:
    assert blocking.keeps(how, past=past, was_there=was_there) is kept


@pytest.mark.parametrize(
    ("reason", "holds"),
    [
        ("", False),
        ("fare for livet", False),  # 14 characters
        ("fare for livet.", True),  # 15
        ("  fare   for   livet  ", False),  # blanks are no characters
        ("aaaaaaaaaaaaaaaaaaaaa", False),  # leaned on a key
        ("abababababababababab", False),
        ("Pasienten er bevisstløs", True),
        ("x y z å " * 63, False),  # longer than a few lines
    ],
)
def test_a_reason_says_something(reason: str, holds: bool) -> None:
    assert blocking.reason_holds(reason) is holds


@pytest.mark.parametrize(
    ("now", "broken"),
    [
        (after(seconds=-1), False),
        (NOON, True),
        (NOON + GLASS_LASTS - timedelta(seconds=1), True),
        (NOON + GLASS_LASTS, False),
    ],
)
def test_glass_is_broken_for_four_hours(now: object, broken: bool) -> None:
    assert timedelta(hours=4) == GLASS_LASTS
    assert blocking.is_broken(NOON, now) is broken  # type: ignore[arg-type]


def test_a_block_is_lifted_once_and_never_set_again() -> None:
    assert blocking.AFTER == {BlockState.SET: {BlockState.LIFTED}, BlockState.LIFTED: set()}
