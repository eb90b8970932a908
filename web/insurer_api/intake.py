"""Policies that insurers tell us of over HTTP: into the register, and what became of each."""

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

from pydantic import JsonValue, ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from venterom.queue.coverage import insurer as coverage
from venterom.queue.coverage.policies import Policy
from venterom.web.insurer_api import models
from venterom.web.insurer_api.models import Line, Outcome, PolicyLine
from venterom.web.insurer_api.reading import faulty

TWICE, NOT_YOURS = "twice", "not_yours"


class Intake(Protocol):
    """Where policies go. What came of each, in their order; one that is refused changes nothing."""

    async def __call__(
        self, db: AsyncSession, insurer: str, policies: Sequence[Policy]
    ) -> Sequence[Outcome]:
        """`policies` are all of `insurer`, each number once."""


async def into_register(
    db: AsyncSession, insurer: str, policies: Sequence[Policy]
) -> Sequence[Outcome]:
    """Into our own register. A number that another insurer has told us of is refused."""
    register = coverage.OwnRegister(db)
    outcomes = [judge(await register.find(each.number), each) for each in policies]
    news = (Outcome.TAKEN, Outcome.CHANGED)
    fresh = [each for each, came in zip(policies, outcomes, strict=True) if came in news]
    await coverage.take_in(db, fresh)
    return outcomes


def judge(held: Policy | None, told: Policy) -> Outcome:
    """What becomes of a policy, by what is held under its number."""
    if held is None:
        return Outcome.TAKEN
    if held.insurer != told.insurer:
        return Outcome.REFUSED
    return Outcome.UNCHANGED if held == told else Outcome.CHANGED


async def take(
    db: AsyncSession, intake: Intake, insurer: str, said: Sequence[JsonValue]
) -> Sequence[Line]:
    """Take a bundle, and say what became of each line. A faulty one keeps no other out."""
    judged = list(read(insurer, said))
    policies = [each for each in judged if isinstance(each, Policy)]
    outcomes = iter(await intake(db, insurer, policies))
    return list(_lines(judged, outcomes))


def read(insurer: str, said: Iterable[JsonValue]) -> Iterator[Policy | Sequence[str]]:
    """Each line as a policy, or why it is none. The second of a number is «twice»."""
    seen = set[str]()
    for each in said:
        try:
            line = PolicyLine.model_validate_json(json.dumps(each))
        except ValidationError as fault:
            yield faulty(fault)
            continue
        policy = models.policy(insurer, line.number, line)
        yield [TWICE] if policy.number in seen else policy
        seen.add(policy.number)


def _lines(judged: Iterable[Policy | Sequence[str]], outcomes: Iterator[Outcome]) -> Iterator[Line]:
    for n, each in enumerate(judged, start=1):
        if not isinstance(each, Policy):
            yield Line(line=n, outcome=Outcome.REFUSED, why=list(each))
            continue
        outcome = next(outcomes)
        why = [NOT_YOURS] if outcome is Outcome.REFUSED else []
        yield Line(line=n, outcome=outcome, why=why)
