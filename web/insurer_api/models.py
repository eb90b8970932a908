"""What is said in our own JSON. A field more is a line more in `tests/guards.py`, and a question to
ask: may an insurer know it, or tell it to us?"""

from collections.abc import Sequence
from datetime import date
from typing import Annotated

from pydantic import Field, JsonValue, model_validator

from venterom.queue.coverage.eligibility import Answer, Eligibility, Reason
from venterom.queue.coverage.loads import Outcome
from venterom.queue.coverage.policies import Policy, normalise
from venterom.web.insurer_api.reading import Own

NUMBER = r"^[A-Za-z0-9-]{6,20}$"  # policies.NUMBER, in either case
# Begins with a letter or a digit: what insurers see in a spreadsheet must be no formula.
PRODUCT = r"^[A-Za-z0-9À-ÖØ-öø-ÿ][A-Za-z0-9À-ÖØ-öø-ÿ .,:;&+/()'–-]{0,79}$"
MOST = 1_000  # policies in one request: a quarter of a megabyte, half a second of writing

Number = Annotated[str, Field(pattern=NUMBER, description="The policy's number.")]


class Question(Own):
    """Is the holder of this policy covered today, or a child of the holder?"""

    number: Number
    holder_birth_date: date = Field(description="The holder's: proves that the number is known.")
    for_child: bool = Field(default=False, description="Whether it is about a child of the holder.")


class Told(Own):
    """The answer. «unchecked»: it could not be checked just now; treat it as neither."""

    answer: Answer
    reason: Reason = Field(
        description="Why. «unknown»: no such policy of yours and this birth date."
    )
    valid_until: date | None = Field(description="The policy's last day, where it is yours.")


class PolicyData(Own):
    """A policy, but for its number."""

    product: Annotated[str, Field(pattern=PRODUCT, description="What it is called.")]
    holder_birth_date: date
    valid_from: date = Field(description="The first day.")
    valid_until: date = Field(description="The last day, not before the first.")
    covers_children: bool

    @model_validator(mode="after")
    def ends_after_it_begins(self) -> "PolicyData":
        """Raises ValueError otherwise."""
        if self.valid_until < self.valid_from:
            raise ValueError("days")
        return self


class PolicyLine(PolicyData):
    """A policy."""

    number: Number


class Bundle(Own):
    """Policies, one a line. Each line is judged by itself: a bad one keeps no other out."""

    policies: list[JsonValue] = Field(
        min_length=1,
        max_length=MOST,
        json_schema_extra={"items": {"$ref": "#/components/schemas/PolicyLine"}},
    )


class Line(Own):
    """What became of one line, counted from 1."""

    line: int
    outcome: Outcome
    why: list[str] = Field(description="Names of faulty fields, «twice», «not_yours» or «days».")


class Report(Own):
    """What became of a bundle, in numbers and line by line."""

    taken: int
    changed: int
    unchanged: int
    refused: int
    lines: list[Line]


def told(insurer: str, found: Eligibility) -> Told:
    """What this insurer hears. About another's policy, the same as about none."""
    if found.answer is not Answer.UNCHECKED and found.insurer != insurer:
        return Told(answer=Answer.NOT_COVERED, reason=Reason.UNKNOWN, valid_until=None)
    return Told(answer=found.answer, reason=found.reason, valid_until=found.valid_until)


def policy(insurer: str, number: str, data: PolicyData) -> Policy:
    """The policy, as this insurer's. Raises BadPolicyNumber."""
    return Policy(
        number=normalise(number),
        insurer=insurer,
        product=data.product,
        holder_birth_date=data.holder_birth_date,
        valid_from=data.valid_from,
        valid_until=data.valid_until,
        covers_children=data.covers_children,
    )


def report(lines: Sequence[Line]) -> Report:
    """The lines with their sums."""
    sums = {kind.value: sum(line.outcome is kind for line in lines) for kind in Outcome}
    return Report(**sums, lines=list(lines))
