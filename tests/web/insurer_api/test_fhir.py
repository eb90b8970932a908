"""The question and the answer as FHIR, held against somebody else's models of it."""

import json
from datetime import date
from typing import Any

import pytest
from fhir.resources.R4B.coverageeligibilityrequest import CoverageEligibilityRequest
from fhir.resources.R4B.coverageeligibilityresponse import CoverageEligibilityResponse
from fhir.resources.R4B.operationoutcome import OperationOutcome

from tests.web.insurer_api.program import fhir as as_fhir
from venterom.queue.coverage.eligibility import Answer, Reason
from venterom.web.insurer_api import errors, fhir
from venterom.web.insurer_api.models import Question, Told

DAY = date(2026, 11, 24)
OWN = {"number": "FJP-107919", "holder_birth_date": "1988-02-03"}


def request(**other: Any) -> dict[str, Any]:
    """A good request; `other` replaces fields, None takes them away."""
    changed = as_fhir(OWN) | other
    return {name: value for name, value in changed.items() if value is not None}


def coverage(**other: Any) -> dict[str, Any]:
    """A good request whose policy differs in this."""
    sent = as_fhir(OWN)
    sent["contained"][-1] = {
        name: value for name, value in (sent["contained"][-1] | other).items() if value is not None
    }
    return sent


def read(sent: dict[str, Any]) -> Question:
    return fhir.read(json.dumps(sent).encode())


@pytest.mark.parametrize("for_child", [False, True])
def test_a_request_that_others_find_right_is_read(for_child: bool) -> None:
    sent = as_fhir(OWN | {"for_child": for_child})
    CoverageEligibilityRequest.model_validate(sent)
    assert read(sent) == Question(
        number="FJP-107919", holder_birth_date=date(1988, 2, 3), for_child=for_child
    )


def test_without_a_relationship_it_is_about_the_holder() -> None:
    assert read(coverage(relationship=None)).for_child is False


@pytest.mark.parametrize(
    ("answer", "reason", "until"),
    [
        (Answer.COVERED, Reason.VALID, date(2027, 1, 1)),
        (Answer.NOT_COVERED, Reason.EXPIRED, date(2026, 11, 1)),
        (Answer.NOT_COVERED, Reason.UNKNOWN, None),
        (Answer.UNCHECKED, Reason.UNREACHABLE, None),
    ],
)
def test_every_answer_is_one_that_others_find_right(
    answer: Answer, reason: Reason, until: date | None
) -> None:
    told = Told(answer=answer, reason=reason, valid_until=until)
    written = fhir.write(Question.model_validate_json(json.dumps(OWN)), told, "Fjellprøve", DAY)
    said = written.model_dump_json(exclude_none=True)
    seen = CoverageEligibilityResponse.model_validate_json(said)
    assert seen.insurance is not None
    [insurance] = seen.insurance
    if answer is Answer.UNCHECKED:
        assert insurance.inforce is None and seen.outcome == "error" and seen.error
    else:
        assert insurance.inforce is (answer is Answer.COVERED) and seen.outcome == "complete"
    period = insurance.benefitPeriod
    assert (period.end if period else None) == until
    assert seen.disposition == reason and seen.created == DAY  # a day, nothing finer


def test_a_refusal_is_one_that_others_find_right() -> None:
    said = fhir.outcome(errors.NotUnderstood("patient")).model_dump_json(exclude_none=True)
    [issue] = OperationOutcome.model_validate_json(said).issue
    assert (issue.code, issue.severity, issue.expression) == ("invalid", "error", ["patient"])


KIND = {"system": fhir.KINDS_OF_ID, "code": "FPN"}
SPOUSE = {"coding": [{"system": fhir.SUBSCRIBER, "code": "spouse"}]}
CHILD = {"coding": [{"system": fhir.SUBSCRIBER, "code": "child"}]}


@pytest.mark.parametrize(
    "sent",
    [
        request(resourceType="CoverageEligibilityResponse"),
        request(status="draft"),
        request(purpose=["benefits"]),
        request(purpose=["validation", "benefits"]),
        request(patient={"reference": "Patient/1"}),
        request(patient={"reference": "#policy"}),  # a policy is no person
        request(patient={"reference": "#nobody"}),
        request(created=None),
        request(created="yesterday"),
        request(insurance=[]),
        request(insurance=[{"coverage": {"reference": "#holder"}}]),
        request(insurance=[{"coverage": {"reference": "#policy"}, "focal": True}] * 2),
        request(contained=[]),
        request(contained=as_fhir(OWN)["contained"] + [{"resourceType": "Condition", "id": "c"}]),
        request(contained=as_fhir(OWN)["contained"] + as_fhir(OWN)["contained"][:1]),  # twice
        # nobody here wants to know
        request(item=[{"diagnosis": [{"diagnosisCodeableConcept": {"text": "kanari"}}]}]),
        request(supportingInfo=[{"sequence": 1, "information": {"reference": "#x"}}]),
        request(text={"status": "generated", "div": "<div>kanari</div>"}),
        request(servicedDate="2026-11-24"),
        request(modifierExtension=[{"url": "urn:x", "valueBoolean": False}]),
        request(facility={"display": "x"}),
        coverage(identifier=[]),
        coverage(identifier=[{"type": {"coding": [KIND | {"code": "FNR"}]}, "value": "FJP-1079"}]),
        coverage(identifier=[{"type": {"coding": [KIND]}, "value": "<script>"}]),
        coverage(identifier=[{"type": {"coding": [KIND]}, "value": "FJP-١٠٧٩١٩"}]),
        coverage(relationship=SPOUSE),
        coverage(beneficiary={"reference": "#other"}),
        coverage(policyHolder={"reference": "#policy"}),
        coverage(policyHolder={"reference": "#nobody"}),
        coverage(status="cancelled"),
        as_fhir(OWN | {"holder_birth_date": None}),
        as_fhir(OWN | {"holder_birth_date": "1988-02-30"}),
    ],
)
def test_what_is_not_taken_is_refused(sent: dict[str, Any]) -> None:
    read(request())  # else the refusal proves nothing
    with pytest.raises(errors.NotUnderstood) as refused:
        read(sent)
    assert "kanari" not in str(refused.value.fields)


def test_a_child_that_is_said_to_be_the_holder_is_refused() -> None:
    sent = as_fhir(OWN | {"for_child": True})
    sent["contained"][-1]["relationship"]["coding"][0]["code"] = "self"
    with pytest.raises(errors.NotUnderstood):
        read(sent)


def test_the_relationship_decides_whether_it_is_a_child() -> None:
    assert read(coverage(relationship=CHILD)).for_child
