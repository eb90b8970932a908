"""Covered, not covered, or could not be checked."""

from dataclasses import fields, replace
from datetime import date
from typing import Any

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
from venterom.queue.coverage.policies import Cover, Policy

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


CHILD = date(2016, 11, 25)  # 9 years old for one day more
LIMITS = Cover(uses_per_year=2, youngest=18, oldest=66, children_until=9)
LIMITED = replace(POLICY, cover=LIMITS)
NO_CHILD = replace(POLICY, cover=Cover(children=False))
NORDIC = replace(POLICY, cover=Cover(countries=frozenset({"NO", "SE"})))


@pytest.mark.parametrize(
    ("policy", "asked", "reason"),
    [
        (LIMITED, {}, Reason.VALID),
        (LIMITED, {"used": 1}, Reason.VALID),
        (LIMITED, {"used": 2}, Reason.USED_UP),
        (LIMITED, {"used": 3}, Reason.USED_UP),  # two visits that began at the same time
        (POLICY, {"used": 1_000}, Reason.VALID),  # no limit
        (LIMITED, {"child": CHILD}, Reason.VALID),
        (LIMITED, {"child": date(2016, 11, 24)}, Reason.CHILD_TOO_OLD),  # ten today
        (LIMITED, {"child": CHILD, "used": 2}, Reason.USED_UP),  # uses are the family's
        (NO_CHILD, {"child": CHILD}, Reason.NO_CHILDREN),  # whatever the policy says
        (NO_CHILD, {}, Reason.VALID),
        (POLICY, {"child": date(1990, 1, 1)}, Reason.VALID),  # no limit
        (LIMITED, {"born": date(2008, 11, 24)}, Reason.VALID),  # eighteen today
        (LIMITED, {"born": date(2008, 11, 25)}, Reason.TOO_YOUNG),
        (LIMITED, {"born": date(1959, 11, 25)}, Reason.VALID),  # 66 for one day more
        (LIMITED, {"born": date(1959, 11, 24)}, Reason.TOO_OLD),
        (NORDIC, {}, Reason.VALID),  # at home, where nothing else is said
        (NORDIC, {"country": "SE"}, Reason.VALID),
        (NORDIC, {"country": "ES"}, Reason.ELSEWHERE),
        (POLICY, {"country": "ES"}, Reason.VALID),  # anywhere
        # the first reason counts, and what can be helped comes last
        (LIMITED, {"day": date(2027, 1, 1), "used": 9}, Reason.EXPIRED),
        (LIMITED, {"born": date(1950, 1, 1), "used": 9}, Reason.TOO_OLD),
    ],
)
def test_a_product_says_what_is_covered(
    policy: Policy, asked: dict[str, Any], reason: Reason
) -> None:
    born = asked.get("born", BORN)
    child = asked.get("child")
    answer = judge(
        replace(policy, holder_birth_date=born),
        born,
        child is not None,
        asked.get("day", DAY),
        child_birth_date=child,
        used=asked.get("used", 0),
        country=asked.get("country", "NO"),
    )
    assert answer.reason is reason
    assert answer.answer is (Answer.COVERED if reason is Reason.VALID else Answer.NOT_COVERED)


@pytest.mark.parametrize("policy", [LIMITED, NORDIC, NO_CHILD])
def test_nobody_is_told_what_somebody_elses_policy_covers_or_how_it_was_used(
    policy: Policy,
) -> None:
    stranger = date(1999, 1, 1)
    told = judge(policy, stranger, True, DAY, child_birth_date=BORN, used=9, country="ES")
    assert told == UNKNOWN


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
