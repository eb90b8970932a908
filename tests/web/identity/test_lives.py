"""How long a sign-in lasts: one row for each limit, on both sides of it."""

from datetime import UTC, datetime, timedelta

import pytest

from venterom.web.identity.lives import IDLE, LIMITS, TOUCH_OPEN, Session, alive, expiry, is_due
from venterom.web.identity.roles import Role

NOW = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


def session(
    role: Role = Role.PATIENT,
    seen: timedelta = timedelta(0),
    kept: timedelta | None = None,
    revoked: timedelta | None = None,
) -> Session:
    """A session that began at NOW; the arguments count from there."""
    return Session(
        id="hash",
        person="p",
        role=role,
        created=NOW,
        last_seen=NOW + seen,
        kept_until=None if kept is None else NOW + kept,
        expires=expiry(role, NOW),
        revoked=None if revoked is None else NOW + revoked,
    )


@pytest.mark.parametrize(
    ("what", "after", "lives"),
    [
        (session(), minutes(0), True),
        (session(), minutes(20) - SECOND, True),
        (session(), minutes(20), False),  # idle
        (session(seen=minutes(15)), minutes(34), True),  # counted from the last use
        (session(kept=minutes(45)), minutes(44), True),  # waits for the doctor, phone locked
        (session(kept=minutes(45)), minutes(45), False),  # nobody waits any more
        (session(seen=minutes(119)), minutes(120) - SECOND, True),
        (session(seen=minutes(119)), minutes(120), False),  # two hours at most
        (session(kept=minutes(300)), minutes(120), False),  # kept or not
        (session(revoked=minutes(1)), minutes(0), False),  # signed out is signed out
        (session(revoked=minutes(1), kept=minutes(45)), minutes(2), False),
        (session(Role.DOCTOR), minutes(479), True),  # the shift's heartbeat is the sign of life
        (session(Role.DOCTOR), minutes(480), False),  # a working day
        (session(Role.DOCTOR, revoked=minutes(1)), minutes(1), False),
        (session(Role.INSURER), minutes(20), False),
        (session(Role.DIRECTOR), minutes(20), False),
        (session(Role.OPERATOR, seen=minutes(479)), minutes(480), False),
    ],
)
def test_a_session_lives_within_its_limits(what: Session, after: timedelta, lives: bool) -> None:
    assert alive(what, NOW + after) is lives


@pytest.mark.parametrize(
    ("after", "due"), [(timedelta(0), False), (minutes(1) - SECOND, False), (minutes(1), True)]
)
def test_the_last_use_is_written_down_once_a_minute(after: timedelta, due: bool) -> None:
    assert is_due(session(), NOW + after) is due


def test_of_a_page_that_is_only_open_it_is_written_down_less_often_but_before_it_is_idle() -> None:
    assert not is_due(session(), NOW + TOUCH_OPEN - SECOND, TOUCH_OPEN)
    assert is_due(session(), NOW + TOUCH_OPEN, TOUCH_OPEN)
    assert 2 * TOUCH_OPEN < IDLE, "by the page's next sign of life, at the latest"


def test_every_role_has_its_limits() -> None:
    assert set(LIMITS) == set(Role)
