"""The same question and answer as FHIR R4: CoverageEligibilityRequest and -Response."""

from datetime import date

from venterom.queue.coverage.eligibility import Answer
from venterom.web.insurer_api.errors import ApiError, NotUnderstood
from venterom.web.insurer_api.models import Question, Told
from venterom.web.insurer_api.reading import understood
from venterom.web.insurer_api.resources import (
    Answered,
    Coding,
    Concept,
    Coverage,
    CoverageEligibilityRequest,
    CoverageEligibilityResponse,
    Display,
    Fault,
    Identifier,
    Issue,
    OperationOutcome,
    Patient,
    Period,
    Policy,
)

KINDS_OF_ID = "urn:oid:2.16.578.1.12.4.1.1.8116"  # Volven 8116; FPN is a policy number
SUBSCRIBER = "http://terminology.hl7.org/CodeSystem/subscriber-relationship"
REASON = "urn:venterom:eligibility-reason"


def read(body: bytes) -> Question:
    """The question. Raises NotReadable, NotUnderstood."""
    asked = understood(CoverageEligibilityRequest, body)
    covers = {each.id: each for each in asked.contained if isinstance(each, Coverage)}
    people = {each.id: each for each in asked.contained if isinstance(each, Patient)}
    coverage = covers.get(asked.insurance[0].coverage.reference[1:])
    if coverage is None or len(covers) + len(people) < len(asked.contained):
        raise NotUnderstood("insurance.coverage")
    number, relation = coverage.identifier[0], coverage.relationship
    holder = people.get(coverage.policy_holder.reference[1:])
    if holder is None or holder.birth_date is None:
        raise NotUnderstood("contained.policyHolder")
    if coverage.beneficiary != asked.patient or asked.patient.reference[1:] not in people:
        raise NotUnderstood("patient")
    if number.type.coding[0] != Coding(system=KINDS_OF_ID, code="FPN"):
        raise NotUnderstood("contained.identifier")
    for_child = relation is not None and relation.coding[0] == _relation("child")
    if relation is not None and not for_child and relation.coding[0] != _relation("self"):
        raise NotUnderstood("contained.relationship")
    if not for_child and asked.patient != coverage.policy_holder:
        raise NotUnderstood("contained.relationship")
    return Question(number=number.value, holder_birth_date=holder.birth_date, for_child=for_child)


def _relation(code: str) -> Coding:
    return Coding(system=SUBSCRIBER, code=code)


def write(question: Question, answer: Told, insurer: str, day: date) -> CoverageEligibilityResponse:
    """The answer."""
    checked = answer.answer is not Answer.UNCHECKED
    until = answer.valid_until
    fault = Fault(code=_concept(REASON, answer.reason.value))
    return CoverageEligibilityResponse(
        resource_type="CoverageEligibilityResponse",
        status="active",
        purpose=["validation"],
        patient=Display(display="the person asked about"),
        created=day,
        request=Display(display="the request that this answers"),
        outcome="complete" if checked else "error",
        disposition=answer.reason.value,
        insurer=Display(display=insurer),
        insurance=[
            Answered(
                coverage=Policy(
                    identifier=Identifier(type=_concept(KINDS_OF_ID, "FPN"), value=question.number)
                ),
                inforce=answer.answer is Answer.COVERED if checked else None,
                benefit_period=Period(end=until) if until else None,
            )
        ],
        error=None if checked else [fault],
    )


def _concept(system: str, code: str) -> Concept:
    return Concept(coding=[Coding(system=system, code=code)])


def outcome(error: ApiError) -> OperationOutcome:
    """A refusal."""
    return OperationOutcome(
        resource_type="OperationOutcome",
        issue=[
            Issue(
                severity="error",
                code=error.issue,
                diagnostics=str(error),
                expression=list(error.fields) or None,
            )
        ],
    )
