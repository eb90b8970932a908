"""Policies that insurers tell us of over HTTP: into the register, and what became of each."""

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Protocol

from pydantic import JsonValue, ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from venterom.queue.coverage import loading
from venterom.queue.coverage.loads import Outcome, Refused, Source, Taken, Told, Why
from venterom.queue.coverage.policies import Policy
from venterom.queue.coverage.policy_file import Known, read_cells
from venterom.queue.coverage.products import products_of
from venterom.web.insurer_api import models
from venterom.web.insurer_api.models import Line, PolicyLine
from venterom.web.insurer_api.reading import faulty

TWICE = "twice"


class Intake(Protocol):
    """Where policies go. What came of each, in their order; one that is refused changes nothing."""

    async def __call__(
        self, db: AsyncSession, day: date, insurer: str, policies: Sequence[Policy]
    ) -> Sequence[Told]:
        """`policies` are all of `insurer`, each number once."""


async def into_register(
    db: AsyncSession, day: date, insurer: str, policies: Sequence[Policy]
) -> Sequence[Told]:
    """Into our own register, judged as the lines of a file are, and with a history."""
    known = Known(insurer, await products_of(db, insurer), day)
    entries = [_entry(n, each, known) for n, each in enumerate(policies, start=1)]
    _report, lines = await loading.take_in(db, day, entries, insurer=insurer, source=Source.API)
    return lines


def _entry(line: int, policy: Policy, known: Known) -> Taken | Refused:
    cells = {
        "number": policy.number,
        "product": policy.product,
        "holder_birth_date": policy.holder_birth_date.isoformat(),
        "valid_from": policy.valid_from.isoformat(),
        "valid_until": policy.valid_until.isoformat(),
        "covers_children": "yes" if policy.covers_children else "no",
    }
    return read_cells(line, cells, known)


async def take(
    db: AsyncSession, day: date, intake: Intake, insurer: str, said: Sequence[JsonValue]
) -> Sequence[Line]:
    """Take a bundle, and say what became of each line. A faulty one keeps no other out."""
    judged = list(read(insurer, said))
    policies = [each for each in judged if isinstance(each, Policy)]
    told = iter(await intake(db, day, insurer, policies) if policies else ())
    return [
        line(n, next(told))
        if isinstance(each, Policy)
        else Line(line=n, outcome=Outcome.REFUSED, why=list(each))
        for n, each in enumerate(judged, start=1)
    ]


def line(number: int, told: Told) -> Line:
    """What became of one, as we say it: by the name of the faulty field where there is one."""
    faulty_one = told.why if told.why is Why.NOT_YOURS else told.column
    why = [] if told.why is None else [faulty_one]
    return Line(line=number, outcome=told.outcome, why=why)


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
