"""For how long a role lasts, and who decides about it."""

from datetime import UTC, datetime, timedelta

import pytest

from venterom.web.identity import tenure
from venterom.web.identity.tenure import LENGTHS, LONGEST, SOON

NOW = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def test_no_role_lasts_longer_than_a_year() -> None:
    assert max(LENGTHS.values()) == LONGEST == timedelta(days=365)


@pytest.mark.parametrize(
    ("left", "soon"), [(SOON + SECOND, False), (SOON, True), (timedelta(0), True)]
)
def test_the_director_is_told_in_time(left: timedelta, soon: bool) -> None:
    assert tenure.ends_soon(NOW + left, NOW) is soon


def test_nobody_decides_about_their_own_role() -> None:
    assert not tenure.may_decide("one", "one")
    assert tenure.may_decide("one", "another")
