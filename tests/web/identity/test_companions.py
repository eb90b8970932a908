"""A patient who decides is asked before a parent or a relative comes into the call."""

from datetime import date

import pytest

from venterom.journal.minors import Decider
from venterom.web.identity.companions import ASKED, KIN, GuestKind, is_asked, may_come

TODAY = date(2026, 11, 24)


def born(years: int) -> date:
    return TODAY.replace(year=TODAY.year - years)


@pytest.mark.parametrize(
    ("years", "alone", "asked"),
    [
        (0, False, False),
        (11, False, False),
        (11, True, False),  # nobody of this age comes alone: the consent is the parents'
        (12, False, False),  # brought by a parent, who decides after hearing the child
        (12, True, True),
        (15, False, False),
        (15, True, True),
        (16, False, True),  # also when a parent has brought the young person
        (16, True, True),
        (17, False, True),
        (18, True, True),
        (41, True, True),
    ],
)
def test_who_is_asked(years: int, alone: bool, asked: bool) -> None:
    assert is_asked(born(years), TODAY, alone=alone) is asked


def test_whoever_is_of_unknown_age_is_asked() -> None:
    assert is_asked(None, TODAY, alone=False)


def test_of_everybody_who_can_decide_it_is_known() -> None:
    assert set(ASKED) == set(Decider)


@pytest.mark.parametrize("kind", GuestKind)
@pytest.mark.parametrize("asked", [True, False])
@pytest.mark.parametrize("own_yes", [True, False])
def test_who_may_come(kind: GuestKind, asked: bool, own_yes: bool) -> None:
    is_kept_out = kind in KIN and asked and not own_yes
    assert may_come(kind, asked=asked, own_yes=own_yes) is not is_kept_out
