"""What certificates, referrals and «needs physical examination» must say."""

from dataclasses import replace
from typing import Any

import pytest

from tests.journal.papers.make import CERTIFICATE, EXAMINATION, REFERRAL, TODAY
from venterom.journal.papers import paper
from venterom.journal.papers.letters import Soon, Where
from venterom.journal.papers.paper import Body
from venterom.journal.papers.problem import MAX_LINE, Problem


@pytest.mark.parametrize(
    "written",
    [
        CERTIFICATE,
        replace(CERTIFICATE, limited=False, limits=""),
        replace(CERTIFICATE, for_insurer=True, taken_up=True),
        REFERRAL,
        EXAMINATION,
        replace(EXAMINATION, why="Čáhci ≥ 38 °C → «β-blokker» – 5 µg/ml"),
        replace(EXAMINATION, where=Where.HOSPITAL, soon=Soon.NOW),
        replace(EXAMINATION, where=Where.GP, soon=Soon.DAYS),
    ],
)
def test_a_whole_letter_may_be_issued(written: Body) -> None:
    assert paper.problems(written, TODAY) == {}


@pytest.mark.parametrize(
    ("written", "changes", "field", "problem"),
    [
        (CERTIFICATE, {"limited": None}, "limited", Problem.NOT_CHOSEN),
        (CERTIFICATE, {"limits": ""}, "limits", Problem.EMPTY),
        (CERTIFICATE, {"for_insurer": True}, "taken_up", Problem.TAKE_UP),
        (CERTIFICATE, {"to": ""}, "to", Problem.EMPTY),
        (CERTIFICATE, {"purpose": ""}, "purpose", Problem.EMPTY),
        (CERTIFICATE, {"text": ""}, "text", Problem.EMPTY),
        (REFERRAL, {"to": ""}, "to", Problem.EMPTY),
        (REFERRAL, {"to": "x" * (MAX_LINE + 1)}, "to", Problem.TOO_LONG),
        (REFERRAL, {"question": ""}, "question", Problem.EMPTY),
        (REFERRAL, {"history": ""}, "history", Problem.EMPTY),
        (REFERRAL, {"assessment": ""}, "assessment", Problem.EMPTY),
        (REFERRAL, {"urgency": None}, "urgency", Problem.NOT_CHOSEN),
        (CERTIFICATE, {"text": "Frisk 🙂"}, "text", Problem.UNPRINTABLE),
        (REFERRAL, {"history": "漢"}, "history", Problem.UNPRINTABLE),
        (EXAMINATION, {"why": "a\u202eb"}, "why", Problem.UNPRINTABLE),
        (EXAMINATION, {"why": ""}, "why", Problem.EMPTY),
        (EXAMINATION, {"where": None}, "where", Problem.NOT_CHOSEN),
        (EXAMINATION, {"soon": None}, "soon", Problem.NOT_CHOSEN),
        (EXAMINATION, {"where": Where.GP, "soon": Soon.NOW}, "where", Problem.GP_IS_TOO_SLOW),
        (
            EXAMINATION,
            {"where": Where.HOSPITAL, "soon": Soon.DAYS},
            "soon",
            Problem.HOSPITAL_IS_TODAY,
        ),
    ],
)
def test_what_the_law_or_good_care_asks_for_is_asked_for(
    written: Any, changes: dict[str, Any], field: str, problem: Problem
) -> None:
    assert paper.problems(replace(written, **changes), TODAY) == {field: problem}
