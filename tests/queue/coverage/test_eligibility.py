"""Covered, not covered, or could not be checked."""

from dataclasses import fields, replace
from datetime import date

import pytest

from tests.queue.coverage.test_policies import POLICY
from venterom.queue.coverage.eligibility import (
    MALFORMED,
    UNKNOWN,
    UNREACHABLE,
    Answer,
    Eligibility,
    Reason,
    judge,
)
from venterom.queue.coverage.policies import Policy

BORN = POLICY.holder_birth_date
DAY = date(2026, 11, 24)
ADULTS = replace(POLICY, covers_children=False)


@pytest.mark.parametrize(
    ("policy", "born", "for_child", "day", "reason"),
    [
        (POLICY, BORN, False, DAY, Reason.VALID),
        (POLICY, BORN, True, DAY, Reason.VALID),  # the holder's child
        (ADULTS, BORN, False, DAY, Reason.VALID),
        (ADULTS, BORN, True, DAY, Reason.NO_CHILDREN),
        (POLICY, BORN, False, date(2025, 12, 31), Reason.NOT_YET),
        (POLICY, BORN, False, date(2027, 1, 1), Reason.EXPIRED),
        (ADULTS, BORN, True, date(2027, 1, 1), Reason.EXPIRED),  # the first reason counts
        (None, BORN, False, DAY, Reason.UNKNOWN),
        (POLICY, date(1980, 5, 2), False, DAY, Reason.UNKNOWN),  # somebody else's
        (POLICY, date(1980, 5, 2), False, date(2027, 1, 1), Reason.UNKNOWN),  # and nothing more
    ],
)
def test_who_is_covered(
    policy: Policy | None, born: date, for_child: bool, day: date, reason: Reason
) -> None:
    answer = judge(policy, born, for_child, day)
    assert answer.reason is reason
    assert answer.answer is (Answer.COVERED if reason is Reason.VALID else Answer.NOT_COVERED)


def test_somebody_elses_number_looks_like_one_that_does_not_exist() -> None:
    assert judge(POLICY, date(1999, 1, 1), False, DAY) == judge(None, BORN, False, DAY) == UNKNOWN
    assert (UNKNOWN.insurer, UNKNOWN.valid_until) == ("", None)


def test_a_known_policy_says_with_whom_and_until_when() -> None:
    answer = judge(POLICY, BORN, False, DAY)
    assert (answer.insurer, answer.valid_until) == ("fjord", date(2026, 12, 31))


def test_a_register_out_of_reach_is_a_third_answer() -> None:
    assert UNREACHABLE.answer is Answer.UNCHECKED
    assert MALFORMED.answer is Answer.NOT_COVERED


def test_an_answer_has_no_room_for_health() -> None:
    assert {f.name for f in fields(Eligibility)} == {"answer", "reason", "insurer", "valid_until"}
