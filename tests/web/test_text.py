"""Which language is spoken, and how moments are written: as on a clock in Norway."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from venterom.web import text

NOON = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)
SPRING = datetime(2026, 3, 29, 1, 0, tzinfo=UTC)  # 02:00 becomes 03:00 in Norway
AUTUMN = datetime(2026, 10, 25, 1, 0, tzinfo=UTC)  # 03:00 becomes 02:00
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("cookie", "accepted", "spoken"),
    [
        (None, "", "nb"),  # nothing is known
        (None, "nb-NO", "nb"),
        (None, "no", "nb"),  # Norwegian, of no kind
        (None, "no-NO,no;q=0.9,en;q=0.8", "nb"),
        (None, "nn-NO,nn;q=0.9,nb;q=0.8", "nn"),
        (None, "NN-no", "nn"),  # case does not matter
        (None, "en-GB,nb;q=0.8", "en"),
        (None, "en-US,en;q=0.9", "en"),
        (None, "en;q=0.5,nn;q=0.7,nb;q=0.6", "nn"),  # weight counts, not place
        (None, "nb;q=0.8,en-GB", "en"),  # no weight is the full weight
        (None, "nn , en", "nn"),  # the first of equals
        (None, "en ; q=0.2, nb; q=0.3", "nb"),  # blanks are allowed
        (None, "de-DE,sv;q=0.9,nn;q=0.1", "nn"),  # what we do not speak is passed over
        (None, "de,fr;q=0.5,*;q=0.1", "nb"),
        (None, "en;q=0", "nb"),  # refused
        (None, "enm,nnx", "nb"),  # other languages that begin alike
        (None, "nb_NO;q=x,;;=,en;q=2,☃,q=1", "nb"),  # nothing of it can be read
        (None, "☃,en;q=0.", "nb"),
        (None, "en;q=1.000,nn;q=0.999", "en"),
        ("nn", "en-GB", "nn"),  # what was chosen comes first
        ("en", "", "en"),
        ("de", "nn", "nn"),  # a choice that we do not have
        ("", "en", "en"),
    ],
)
def test_the_language_is_the_chosen_one_else_the_browsers_best(
    cookie: str | None, accepted: str, spoken: str
) -> None:
    assert text.choose(cookie, accepted) == spoken


def test_every_language_can_be_spoken() -> None:
    assert [text.translations(each).gettext("Venter") for each in text.LANGUAGES] == [
        "Venter",
        "Ventar",
        "Waiting",
    ]


@pytest.mark.parametrize(
    ("at", "shown"),
    [
        (NOON, "12:00:00"),  # winter time
        (datetime(2026, 7, 1, 10, 5, 9, tzinfo=UTC), "12:05:09"),  # summer time
        (SPRING - MINUTE, "01:59:00"),
        (SPRING, "03:00:00"),  # the hour that is skipped
        (AUTUMN - HOUR, "02:00:00"),
        (AUTUMN - MINUTE, "02:59:00"),
        (AUTUMN, "02:00:00"),  # the hour that comes twice
        (AUTUMN + HOUR, "03:00:00"),
        (datetime(2026, 11, 24, 20, 0, tzinfo=timezone(timedelta(hours=9))), "12:00:00"),
    ],
)
def test_a_moment_is_written_as_on_a_clock_in_norway(at: datetime, shown: str) -> None:
    assert (text.seconds(at), text.clock(at)) == (shown, shown[:5])


@pytest.mark.parametrize(
    ("language", "day", "month", "short"),
    [
        ("nb", "tirsdag 24. november", "november", "24. nov. 2026"),
        ("nn", "tysdag 24. november", "november", "24. nov. 2026"),
        ("en", "Tuesday 24 November", "November", "24 Nov 2026"),
    ],
)
def test_days_are_written_as_each_language_does(
    language: str, day: str, month: str, short: str
) -> None:
    assert text.day(NOON, language) == text.day(NOON.date(), language) == day
    assert text.month(NOON.date(), language) == month
    assert text.short_date(NOON, language) == text.short_date(NOON.date(), language) == short


@pytest.mark.parametrize(
    ("at", "day"),
    [
        (datetime(2026, 11, 24, 22, 59, tzinfo=UTC), date(2026, 11, 24)),  # 23:59 in winter
        (datetime(2026, 11, 24, 23, 0, tzinfo=UTC), date(2026, 11, 25)),  # midnight
        (datetime(2026, 6, 30, 22, 0, tzinfo=UTC), date(2026, 7, 1)),  # midnight in summer
        (SPRING - 2 * HOUR, date(2026, 3, 29)),  # the day that has 23 hours begins,
        (SPRING + 21 * HOUR - MINUTE, date(2026, 3, 29)),
        (SPRING + 21 * HOUR, date(2026, 3, 30)),  # and is over
        (AUTUMN - 3 * HOUR, date(2026, 10, 25)),  # the day that has 25 hours begins,
        (AUTUMN + 22 * HOUR - MINUTE, date(2026, 10, 25)),
        (AUTUMN + 22 * HOUR, date(2026, 10, 26)),  # and is over
    ],
)
def test_the_day_is_norways_and_so_is_the_name_of_it(at: datetime, day: date) -> None:
    assert text.today(at) == day
    assert text.day(at, "nb") == text.day(day, "nb")
    assert text.short_date(at, "en") == text.short_date(day, "en")


def test_moments_are_gathered_by_norways_days() -> None:
    evening = datetime(2026, 10, 24, 21, 45, tzinfo=UTC)  # a quarter to midnight
    moments = [evening, evening + 15 * MINUTE, AUTUMN - HOUR, AUTUMN, AUTUMN + 22 * HOUR]
    assert text.by_day(moments) == [moments[:1], moments[1:4], moments[4:]]
    assert text.by_day([]) == []


@pytest.mark.parametrize(
    ("now", "then", "minutes"),
    [
        (NOON, NOON + 20 * MINUTE, 20),
        (NOON, NOON + 20 * MINUTE - timedelta(seconds=1), 19),  # whole ones
        (NOON, NOON, 0),
        (NOON, NOON - MINUTE, 0),  # not below none
        (SPRING - 10 * MINUTE, SPRING + 10 * MINUTE, 20),  # from 01:50 to 03:10
        (AUTUMN - 10 * MINUTE, AUTUMN + 10 * MINUTE, 20),  # from 02:50 to 02:10
        # the clock in Norway reads the same before and after
        (AUTUMN - HOUR, (AUTUMN + MINUTE).astimezone(text.OSLO), 61),
    ],
)
def test_minutes_are_counted_as_they_pass(now: datetime, then: datetime, minutes: int) -> None:
    assert text.minutes_between(now, then) == text.minutes_since(then, now) == minutes


def test_minutes_are_counted_right_between_two_times_of_the_norwegian_clock() -> None:
    before, after = ((AUTUMN + n * 10 * MINUTE).astimezone(text.OSLO) for n in (-1, 1))
    assert text.minutes_between(before, after) == 20


@pytest.mark.parametrize(
    ("share", "language", "written"),
    [
        (0.9912, "nb", "99,1\u00a0%"),
        (0.99, "nn", "99\u00a0%"),
        (0.9912, "en", "99.1%"),
        (1, "nb", "100\u00a0%"),
        (0, "en", "0%"),
        (None, "nb", "–"),
    ],
)
def test_a_share_is_written_as_people_write_it(
    share: float | None, language: str, written: str
) -> None:
    assert text.percent(share, language) == written


@pytest.mark.parametrize(
    ("value", "language", "written"),
    [
        (3.0, "nb", "3"),
        (2.5, "nb", "2,5"),
        (2.5, "nn", "2,5"),
        (2.54, "en", "2.5"),
        (0.0, "en", "0"),
    ],
)
def test_a_number_has_one_digit_behind_the_comma_or_none(
    value: float, language: str, written: str
) -> None:
    assert text.number(value, language) == written
