"""Who decides at which age."""

from datetime import UTC, date, datetime

import pytest

from venterom.journal import minors
from venterom.journal.minors import Decider


@pytest.mark.parametrize(
    ("born", "today", "years"),
    [
        (date(2010, 11, 24), date(2026, 11, 23), 15),  # the day before the birthday
        (date(2010, 11, 24), date(2026, 11, 24), 16),  # the birthday
        (date(2010, 12, 1), date(2026, 11, 30), 15),  # another month
        (date(2010, 1, 1), date(2026, 12, 31), 16),
        (date(2026, 11, 24), date(2026, 11, 24), 0),  # born today
        (date(2026, 11, 25), date(2026, 11, 24), -1),  # tomorrow
        (date(2008, 2, 29), date(2026, 2, 28), 17),  # a leap day: not yet
        (date(2008, 2, 29), date(2026, 3, 1), 18),  # … but now
        (date(2008, 2, 29), date(2028, 2, 28), 19),  # in a leap year
        (date(2008, 2, 29), date(2028, 2, 29), 20),
        (date(1926, 11, 24), date(2026, 11, 24), 100),
    ],
)
def test_age_is_in_whole_years(born: date, today: date, years: int) -> None:
    assert minors.age(born, today) == years


@pytest.mark.parametrize(
    ("years", "decider", "heavily"),
    [
        (0, Decider.PARENT, False),
        (6, Decider.PARENT, False),
        (7, Decider.PARENT_CHILD_HEARD, False),  # pbrl § 4-4: heard from 7
        (11, Decider.PARENT_CHILD_HEARD, False),
        (12, Decider.PARENT_CHILD_HEARD, True),  # … and heavily from 12
        (15, Decider.PARENT_CHILD_HEARD, True),
        (16, Decider.YOUNG_PERSON, False),  # § 4-3 b: its own decision
        (17, Decider.YOUNG_PERSON, False),
        (18, Decider.ADULT, False),
        (90, Decider.ADULT, False),
    ],
)
def test_who_decides(years: int, decider: Decider, heavily: bool) -> None:
    assert minors.decides(years) is decider
    assert minors.weighs_heavily(years) is heavily


@pytest.mark.parametrize(
    ("holds", "born", "may"),
    [
        (True, date(2026, 11, 24), True),  # born today
        (True, date(2008, 11, 25), True),  # 18 tomorrow
        (True, date(2008, 11, 24), False),  # 18 today
        (True, date(2026, 11, 25), False),  # not born
        (False, date(2020, 1, 1), False),  # no parental responsibility
    ],
)
def test_a_parent_acts_for_a_child_under_18(holds: bool, born: date, may: bool) -> None:
    assert minors.may_act_for(holds, born, date(2026, 11, 24)) is may


@pytest.mark.parametrize(
    ("years", "withheld", "may"),
    [(15, False, True), (16, False, False), (8, True, False), (16, True, False)],
)
def test_what_parents_may_read(years: int, withheld: bool, may: bool) -> None:
    assert minors.parent_may_read(years, withheld) is may


@pytest.mark.parametrize(
    ("years", "decider"),
    [
        (11, Decider.PARENT_CHILD_HEARD),  # the day before it is 12
        (12, Decider.CHILD_ALONE),
        (15, Decider.CHILD_ALONE),  # the day before it is 16
        (16, Decider.YOUNG_PERSON),  # decides anyway
        (18, Decider.ADULT),
        (6, Decider.PARENT),
    ],
)
def test_a_child_of_12_to_15_may_come_alone(years: int, decider: Decider) -> None:
    assert minors.decides(years, alone=True) is decider


@pytest.mark.parametrize(
    ("now", "day"),
    [
        (datetime(2026, 11, 23, 22, 59, tzinfo=UTC), date(2026, 11, 23)),  # 23:59 in Oslo
        (datetime(2026, 11, 23, 23, 0, tzinfo=UTC), date(2026, 11, 24)),  # midnight there
        (datetime(2026, 7, 1, 21, 59, tzinfo=UTC), date(2026, 7, 1)),
        (datetime(2026, 7, 1, 22, 0, tzinfo=UTC), date(2026, 7, 2)),  # in summer an hour sooner
    ],
)
def test_people_grow_older_at_midnight_in_norway(now: datetime, day: date) -> None:
    assert minors.norwegian_day(now) == day


@pytest.mark.parametrize(
    ("born", "changes"),
    [
        (date(2019, 11, 24), True),  # 7 tomorrow
        (date(2014, 11, 24), True),  # 12 tomorrow
        (date(2010, 11, 24), True),  # 16 tomorrow
        (date(2008, 11, 24), True),  # 18 tomorrow
        (date(2008, 11, 25), False),
        (date(2011, 11, 24), False),  # 15 tomorrow
        (date(2009, 11, 24), False),  # 17 tomorrow
        (date(1986, 11, 24), False),
    ],
)
def test_what_changes_on_a_birthday(born: date, changes: bool) -> None:
    today, tomorrow = date(2026, 11, 23), date(2026, 11, 24)
    assert minors.same_age_of_law(born, today, tomorrow) is not changes
    assert minors.same_age_of_law(born, today, today)
