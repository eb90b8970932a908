"""The parts of FHIR R4 (4.0.1) that are read and written: what is not here is not taken.

A person is a contained Patient with a birth date and nothing more. A request that holds items, a
diagnosis or supporting information is refused: nobody here wants to know.
"""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from venterom.web.insurer_api.models import Number
from venterom.web.insurer_api.reading import Fhir, Said

ID = r"^[A-Za-z0-9.-]{1,64}$"  # FHIR's id
INSIDE = r"^#[A-Za-z0-9.-]{1,64}$"
DATE_TIME = (
    r"^[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"(T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2}))?$"
)
URI = r"^[!-~]{1,200}$"
WORDS = r"^[ -~À-ÿ]{1,120}$"

Name = Annotated[str, Field(pattern=WORDS)]


class Coding(Fhir):
    """A code of a system."""

    system: Annotated[str, Field(pattern=URI)]
    code: Annotated[str, Field(pattern=ID)]


class Concept(Fhir):
    """A CodeableConcept of one code."""

    coding: Annotated[list[Coding], Field(min_length=1, max_length=1)]


class Identifier(Fhir):
    """A policy number, type FPN of Volven 8116."""

    type: Concept
    value: Number


class Inside(Fhir):
    """A reference to a contained resource."""

    reference: Annotated[str, Field(pattern=INSIDE)]


class Named(Fhir):
    """A reference to an organisation, in words. Who asks is known from the access token."""

    display: Name


class Patient(Fhir):
    """The policy's holder, or the child of one."""

    resource_type: Literal["Patient"]
    id: Annotated[str, Field(pattern=ID)]
    birth_date: date | None = None


class Coverage(Fhir):
    """The policy: its number, its holder, and for whom it is asked."""

    resource_type: Literal["Coverage"]
    id: Annotated[str, Field(pattern=ID)]
    identifier: Annotated[list[Identifier], Field(min_length=1, max_length=1)]
    status: Literal["active"]
    policy_holder: Inside
    beneficiary: Inside
    relationship: Concept | None = None
    payor: Annotated[list[Named], Field(min_length=1, max_length=1)]


class Insurance(Fhir):
    """The one policy that it is about."""

    coverage: Inside


class CoverageEligibilityRequest(Fhir):
    """«validation» of one policy, today."""

    resource_type: Literal["CoverageEligibilityRequest"]
    id: Annotated[str, Field(pattern=ID)] | None = None
    contained: Annotated[
        list[Annotated[Patient | Coverage, Field(discriminator="resource_type")]],
        Field(min_length=2, max_length=3),
    ]
    status: Literal["active"]
    purpose: Annotated[list[Literal["validation"]], Field(min_length=1, max_length=1)]
    patient: Inside
    created: Annotated[str, Field(pattern=DATE_TIME)]
    insurer: Named
    insurance: Annotated[list[Insurance], Field(min_length=1, max_length=1)]


class Display(Said):
    """A reference in words alone."""

    display: str


class Period(Said):
    """Until which day."""

    end: date


class Policy(Said):
    """A reference to a policy by its number."""

    identifier: Identifier


class Answered(Said):
    """What is said of the policy. Without `inforce` it could not be checked."""

    coverage: Policy
    inforce: bool | None = None
    benefit_period: Period | None = None


class Fault(Said):
    """Why, as a code of `Reason`."""

    code: Concept


class CoverageEligibilityResponse(Said):
    """The answer. `created` is a day: nothing finer is said or kept."""

    resource_type: Literal["CoverageEligibilityResponse"]
    status: Literal["active"]
    purpose: list[Literal["validation"]]
    patient: Display
    created: date
    request: Display
    outcome: Literal["complete", "error"]
    disposition: str
    insurer: Display
    insurance: list[Answered]
    error: list[Fault] | None = None


class Issue(Said):
    """One thing that is wrong."""

    severity: Literal["error"]
    code: str
    diagnostics: str
    expression: list[str] | None = None


class OperationOutcome(Said):
    """Why something was refused."""

    resource_type: Literal["OperationOutcome"]
    issue: list[Issue]
