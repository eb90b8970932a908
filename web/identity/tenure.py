"""For how long somebody has a role, and who decides that it goes on (pjf § 13: access is limited in
time, and looked at again)."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

# A judgement: the law says «limited in time» and names none. Whoever has a role for longer is
# looked at again once a year at least.
LENGTHS: Mapping[str, timedelta] = MappingProxyType(
    {"month": timedelta(days=30), "half": timedelta(days=182), "year": timedelta(days=365)}
)
LONGEST = LENGTHS["year"]
SOON = timedelta(days=30)  # before the end the director is told: a holiday lies in between

TOLD_FOR = timedelta(days=30)  # that somebody lost the role by the register's answer


class Ending(StrEnum):
    """Why a role is no longer somebody's."""

    WITHDRAWN = "withdrawn"
    RENEWED = "renewed"  # and goes on under a new row
    OVER = "over"  # its time has come
    NOT_IN_HPR = "not_in_hpr"  # not authorised any more


def ends_soon(ends: datetime, now: datetime) -> bool:
    """Whether it is time to look whether the role is still needed."""
    return ends - now <= SOON


def may_decide(by: str, about: str) -> bool:
    """Whether somebody may give, renew or withdraw a role of this person; both by number index.

    Nobody looks at their own role again: that would be no look.
    """
    return by != about
