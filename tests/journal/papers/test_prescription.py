"""When a prescription may be written, and how long it is valid."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from tests.journal.papers.make import (
    ANTIBIOTIC,
    BY_HOSPITAL,
    ISOTRETINOIN,
    MEDICINE,
    PILL,
    PRESCRIPTION,
    SEDATIVE,
    TODAY,
    H,
)
from venterom.journal.papers.prescription import (
    MOST_PACKAGES,
    MOST_REIT,
    Cause,
    Paragraph,
    Prescription,
    Scheme,
    problems,
    valid_until,
)
from venterom.journal.papers.problem import MAX_LINE, Problem

BLUE = replace(PRESCRIPTION, scheme=Scheme.BLUE, paragraph=Paragraph.P2, refund_code="K86")
GROUND = "Positiv strep-test i går"


@pytest.mark.parametrize(
    "written",
    [
        PRESCRIPTION,
        replace(PRESCRIPTION, cause=Cause.RENEWAL, locked=True, substitution=False),
        H,
        replace(H, refund_code="G35"),
        replace(H, refund_code="K50"),  # of ICPC-2, too: here it is ICD-10
        replace(PRESCRIPTION, medicine=BY_HOSPITAL),  # she may pay for it herself
        replace(PRESCRIPTION, medicine=replace(MEDICINE, group="CF")),
        replace(PRESCRIPTION, medicine=replace(MEDICINE, group="F")),
        replace(PRESCRIPTION, medicine=ANTIBIOTIC, ground=GROUND),
        replace(PRESCRIPTION, medicine=ISOTRETINOIN, to_woman=True, reit=0),
        replace(PRESCRIPTION, medicine=ISOTRETINOIN, to_woman=False, reit=3),
        BLUE,
        replace(BLUE, refund_code="I10"),
        replace(BLUE, refund_code="M05.3"),
        *(replace(BLUE, paragraph=each, refund_code="") for each in list(Paragraph)[1:]),
        replace(BLUE, paragraph=Paragraph.P3, medicine=replace(MEDICINE, reimbursed=False)),
        replace(PRESCRIPTION, packages=MOST_PACKAGES, reit=MOST_REIT),
    ],
)
def test_a_whole_prescription_may_be_issued(written: Prescription) -> None:
    assert problems(written) == {}


@pytest.mark.parametrize(
    ("changes", "field", "problem"),
    [
        ({"medicine": None}, "medicine", Problem.NO_MEDICINE),
        ({"medicine": SEDATIVE}, "medicine", Problem.ADDICTIVE),
        ({"medicine": replace(MEDICINE, group="A")}, "medicine", Problem.ADDICTIVE),
        ({"medicine": replace(MEDICINE, group="X")}, "medicine", Problem.UNKNOWN_GROUP),
        ({"medicine": replace(MEDICINE, group="")}, "medicine", Problem.UNKNOWN_GROUP),
        ({"medicine": ANTIBIOTIC}, "ground", Problem.NO_GROUND),
        ({"medicine": ANTIBIOTIC, "ground": "hals"}, "ground", Problem.NO_GROUND),
        ({"medicine": ISOTRETINOIN}, "to_woman", Problem.ASK_WHETHER_WOMAN),
        ({"medicine": ISOTRETINOIN, "to_woman": True, "reit": 1}, "reit", Problem.NO_REIT),
        ({"scheme": Scheme.BLUE}, "paragraph", Problem.NO_PARAGRAPH),
        ({"paragraph": Paragraph.P2}, "paragraph", Problem.NOT_BLUE),
        ({"dosage": ""}, "dosage", Problem.EMPTY),
        ({"use": ""}, "use", Problem.EMPTY),
        ({"use": "x" * (MAX_LINE + 1)}, "use", Problem.TOO_LONG),
        ({"ground": "x" * (MAX_LINE + 1)}, "ground", Problem.TOO_LONG),
        ({"packages": 0}, "packages", Problem.NOT_A_NUMBER),
        ({"packages": MOST_PACKAGES + 1}, "packages", Problem.NOT_A_NUMBER),
        ({"packages": None}, "packages", Problem.NOT_A_NUMBER),
        ({"reit": -1}, "reit", Problem.NOT_A_NUMBER),
        ({"reit": MOST_REIT + 1}, "reit", Problem.NOT_A_NUMBER),
        ({"reit": None}, "reit", Problem.NOT_A_NUMBER),
    ],
)
def test_what_is_missing_or_not_allowed_is_said_at_its_field(
    changes: dict[str, Any], field: str, problem: Problem
) -> None:
    assert problems(replace(PRESCRIPTION, **changes)) == {field: problem}


@pytest.mark.parametrize(
    ("changes", "field", "problem"),
    [
        ({"refund_code": ""}, "refund_code", Problem.NO_REFUND_CODE),
        ({"refund_code": "blodtrykk"}, "refund_code", Problem.NO_REFUND_CODE),
        ({"paragraph": Paragraph.P3, "refund_code": "?"}, "refund_code", Problem.NO_REFUND_CODE),
        ({"medicine": replace(MEDICINE, reimbursed=False)}, "paragraph", Problem.NOT_REFUNDED),
    ],
)
def test_a_blue_one_needs_its_ground(changes: dict[str, Any], field: str, problem: Problem) -> None:
    assert problems(replace(BLUE, **changes)) == {field: problem}


@pytest.mark.parametrize(
    ("changes", "field", "problem"),
    [
        ({"may_bill_hospital": False}, "may_bill_hospital", Problem.NO_HOSPITAL_RIGHT),
        ({"refund_code": ""}, "refund_code", Problem.NO_DIAGNOSIS),
        ({"refund_code": "leddgikt"}, "refund_code", Problem.NO_DIAGNOSIS),
        ({"paragraph": Paragraph.P3}, "paragraph", Problem.NOT_BLUE),
        ({"medicine": MEDICINE}, "scheme", Problem.NOT_BY_HOSPITAL),
        ({"medicine": replace(BY_HOSPITAL, group="B")}, "medicine", Problem.ADDICTIVE),
        *(
            ({"scheme": Scheme.BLUE, "paragraph": each}, "scheme", Problem.BY_HOSPITAL)
            for each in Paragraph
        ),
    ],
)
def test_a_health_trust_pays_for_what_is_its_own_to_pay_and_by_whom_it_lets_in(
    changes: dict[str, Any], field: str, problem: Problem
) -> None:
    assert problems(replace(H, **changes)) == {field: problem}


@pytest.mark.parametrize(
    ("written", "rule", "is_of_icpc2"),
    [
        (PRESCRIPTION, "", False),
        (BLUE, "200", True),
        (replace(BLUE, paragraph=Paragraph.P3B, refund_code="M05.3"), "302", False),
        (H, "950", False),
        (replace(H, refund_code="K50"), "950", False),
    ],
)
def test_who_pays_and_which_list_the_code_is_of_follow_from_the_scheme(
    written: Prescription, rule: str, is_of_icpc2: bool
) -> None:
    assert (written.rule, written.is_of_icpc2) == (rule, is_of_icpc2)


@pytest.mark.parametrize(
    ("medicine", "to_woman", "today", "until"),
    [
        (MEDICINE, None, TODAY, date(2027, 11, 23)),
        (MEDICINE, None, date(2028, 2, 29), date(2029, 2, 28)),
        (MEDICINE, None, date(2027, 3, 1), date(2028, 2, 29)),
        (PILL, None, TODAY, date(2029, 11, 23)),
        (replace(PILL, atc="G02BB99"), None, TODAY, date(2029, 11, 23)),
        (replace(PILL, atc="G03CA99"), None, TODAY, date(2027, 11, 23)),  # hormones, no pill
        (ISOTRETINOIN, True, TODAY, date(2026, 12, 7)),
        (ISOTRETINOIN, False, TODAY, date(2027, 11, 23)),
        (replace(ISOTRETINOIN, atc="D10AD04"), True, TODAY, date(2027, 11, 23)),  # a cream
        (None, None, TODAY, date(2027, 11, 23)),
    ],
)
def test_it_is_valid_for_a_year_a_pill_for_three_isotretinoin_to_a_woman_for_two_weeks(
    medicine: Any, to_woman: bool | None, today: date, until: date
) -> None:
    written = replace(PRESCRIPTION, medicine=medicine, to_woman=to_woman)
    assert valid_until(written, today) == until
