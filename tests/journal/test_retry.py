"""When the EPJ is asked again."""

from datetime import timedelta

import pytest

from tests.journal.make import NOON, after
from venterom.journal import retry
from venterom.journal.retry import Alarm, Concern, Failure, Line
from venterom.journal.states import Delivery


@pytest.mark.parametrize(
    ("attempts", "why", "seconds"),
    [
        (1, Failure.UNREACHABLE, 5),  # a restart over there
        (2, Failure.UNREACHABLE, 10),
        (3, Failure.UNREACHABLE, 20),
        (8, Failure.UNREACHABLE, 640),
        (9, Failure.UNREACHABLE, 900),  # the cap
        (299, Failure.UNREACHABLE, 900),  # no overflow either
        (300, Failure.UNREACHABLE, None),
        (1, Failure.REFUSED, 5),
        (7, Failure.REFUSED, 320),
        (8, Failure.REFUSED, None),  # the same note will be refused again: tell a person
        (1, Failure.WRONG, None),  # of another patient: not even once more
        (0, Failure.UNREACHABLE, 5),  # never tried, never negative
        (-5, Failure.UNREACHABLE, 5),
    ],
)
def test_tries_come_ever_less_often(attempts: int, why: Failure, seconds: int | None) -> None:
    expected = None if seconds is None else NOON + timedelta(seconds=seconds)
    assert retry.next_try(attempts, NOON, why) == expected


def test_an_outage_of_three_days_is_survived() -> None:
    now, attempts = NOON, 1
    while (again := retry.next_try(attempts, now)) is not None:
        now, attempts = again, attempts + 1
    assert now - NOON > timedelta(days=3)


@pytest.mark.parametrize(
    ("minutes", "alarm"),
    [
        (0, Alarm.NONE),
        (14, Alarm.NONE),
        (15, Alarm.LATE),
        (239, Alarm.LATE),
        (240, Alarm.VERY_LATE),
    ],
)
def test_somebody_is_told_when_it_takes_long(minutes: int, alarm: Alarm) -> None:
    assert retry.alarm(NOON, after(minutes=minutes)) is alarm


@pytest.mark.parametrize(
    ("failures", "asked", "seconds"),
    [
        (0, 0, 5),
        (1, 0, 10),
        (7, 0, 640),
        (8, 0, 900),  # a quarter of an hour, for as many days as it takes
        (10_000, 0, 900),
        (0, 120, 120),  # they asked for it
        (9, 120, 900),  # … but we would have rested longer anyway
    ],
)
def test_an_epj_that_is_away_is_left_alone_ever_longer(
    failures: int, asked: int, seconds: int
) -> None:
    before = Line(failures, NOON if failures else None)
    now = after(hours=1)
    line = retry.line_after(before, now, "silent", timedelta(seconds=asked))
    since = NOON if failures else now
    assert line == Line(failures + 1, since, now + timedelta(seconds=seconds), "silent")
    assert retry.rests(line, now + timedelta(seconds=seconds - 1))
    assert not retry.rests(line, now + timedelta(seconds=seconds))


@pytest.mark.parametrize(
    ("sent", "rests", "is_away"),
    [
        (1, [timedelta()], True),
        (8, [timedelta()] * 8, True),
        (8, [timedelta()] * 7, False),  # one was taken, or refused: somebody is there
        (8, [timedelta(), timedelta(seconds=30)], True),  # … and asks to be left alone
        (8, [], False),
    ],
)
def test_one_answer_of_several_says_that_the_epj_is_there(
    sent: int, rests: list[timedelta], is_away: bool
) -> None:
    assert retry.away(sent, rests) is is_away


def test_an_epj_that_is_there_is_not_left_alone() -> None:
    assert not retry.rests(Line(), NOON)


@pytest.mark.parametrize(
    ("state", "minutes", "concern"),
    [
        (Delivery.FAILED, 0, Concern.STOPPED),
        (Delivery.FAILED, 1000, Concern.STOPPED),
        (Delivery.ON_ITS_WAY, 240, Concern.VERY_LATE),
        (Delivery.SIGNED, 240, Concern.VERY_LATE),
        (Delivery.SIGNED, 15, Concern.LATE),
        (Delivery.ON_ITS_WAY, 14, Concern.UNDERWAY),
    ],
)
def test_what_needs_a_person_most_comes_first(
    state: Delivery, minutes: int, concern: Concern
) -> None:
    assert retry.concern(state, NOON, after(minutes=minutes)) is concern
    assert Concern.STOPPED < Concern.VERY_LATE < Concern.LATE < Concern.UNDERWAY
