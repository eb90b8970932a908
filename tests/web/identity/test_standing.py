"""Who comes to whose record, as what, and what they may do there: whole tables."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from venterom.journal.access import Basis
from venterom.web.identity import standing
from venterom.web.identity.standing import Right, Standing, Ties

NOW = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)
LATER, BEFORE = NOW + timedelta(seconds=1), NOW


@pytest.mark.parametrize(
    ("ties", "as_what"),
    [
        (Ties(46), None),  # a stranger
        (Ties(46, is_self=True), Standing.SELF),
        (Ties(8, is_self=True), Standing.SELF),
        (Ties(0, is_parent=True), Standing.PARENT),
        (Ties(11, is_parent=True), Standing.PARENT),
        (Ties(12, is_parent=True), Standing.PARENT),
        (Ties(15, is_parent=True), Standing.PARENT),  # 16 tomorrow
        (Ties(16, is_parent=True), None),
        (Ties(16, is_parent=True, in_register=True), None),
        (Ties(46, proxy_until=LATER), Standing.PROXY),
        (Ties(46, proxy_until=BEFORE), None),  # it ends now
        (Ties(18, proxy_until=LATER), Standing.PROXY),
        (Ties(17, proxy_until=LATER), None),  # nobody under 18 gives one
    ],
)
def test_who_comes_as_what(ties: Ties, as_what: Standing | None) -> None:
    assert standing.standing(ties, NOW) is as_what


READS = {Right.READ, Right.SEE_THE_LOG, Right.TAKE_OUT}
MAY = {
    Standing.SELF: set(Right),
    Standing.PARENT: READS | {Right.BLOCK, Right.ASK, Right.CONSENTS},
    Standing.PROXY: READS,
}


@pytest.mark.parametrize(("as_what", "right"), [*product(Standing, Right)])
def test_who_may_do_what(as_what: Standing, right: Right) -> None:
    assert standing.may(as_what, right, 46) is (right in MAY[as_what])


def test_nobody_under_age_gives_a_proxy() -> None:
    assert standing.may(Standing.SELF, Right.GIVE_PROXY, 18)
    assert not standing.may(Standing.SELF, Right.GIVE_PROXY, 17)


@pytest.mark.parametrize(
    ("as_what", "in_register", "basis"),
    [
        (Standing.SELF, False, Basis.NONE),
        (Standing.PARENT, False, Basis.NONE),  # says so: reads what she came with
        (Standing.PARENT, True, Basis.PARENT),
        (Standing.PROXY, False, Basis.PROXY),
    ],
)
def test_what_the_record_is_told(as_what: Standing, in_register: bool, basis: Basis) -> None:
    assert standing.basis(as_what, in_register) is basis


def test_no_proxy_lasts_longer_than_a_year() -> None:
    assert max(standing.LENGTHS.values()) == timedelta(days=365)
