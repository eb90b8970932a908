"""The insurer's register: is this person covered, what was used, and what a clerk may look up.

An insurer gets a yes or no and a count: never a name, a reason, or a time finer than a month.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Protocol

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from venterom.queue.coverage.eligibility import (
    MALFORMED,
    UNREACHABLE,
    Answer,
    Eligibility,
    Reason,
    judge,
)
from venterom.queue.coverage.errors import BadPolicyNumber, RegisterUnreachable
from venterom.queue.coverage.policies import Policy, normalise
from venterom.queue.coverage.tables import (
    CheckRow,
    LookUpRow,
    PolicyRow,
    UseRow,
    insert_once,
    put,
)
from venterom.queue.coverage.usage import Month, monthly


class Register(Protocol):
    """Where policies are asked for."""

    async def find(self, number: str) -> Policy | None:
        """The policy with this normalised number. Raises RegisterUnreachable."""


@dataclass(frozen=True, slots=True)
class OwnRegister:
    """The register that insurers have sent us, in our own database."""

    db: AsyncSession

    async def find(self, number: str) -> Policy | None:
        """The policy with this normalised number."""
        table = PolicyRow.__table__
        row = (await self.db.execute(select(table).where(PolicyRow.number == number))).first()
        return None if row is None else Policy(**row._mapping)


@dataclass(frozen=True, slots=True)
class Check:
    """What the last check of a visit's policy said. `number` is empty if it was not well-formed."""

    visit: str
    number: str
    eligibility: Eligibility


@dataclass(frozen=True, slots=True)
class PolicyView:
    """What a clerk sees. A foreign number looks exactly like one that does not exist."""

    number: str
    valid: bool = False
    product: str = ""
    valid_until: date | None = None
    uses_this_month: int = 0


@dataclass(frozen=True, slots=True)
class LookUp:
    """One look-up by a clerk, for the patient to see."""

    insurer: str
    clerk: str
    day: date


async def take_in(db: AsyncSession, policies: Iterable[Policy]) -> None:
    """Load policies; one that is here already is replaced."""
    for policy in policies:
        await put(db, PolicyRow, "number", **asdict(policy))


async def check(
    db: AsyncSession,
    day: date,
    *,
    number: str,
    holder_birth_date: date,
    for_child: bool = False,
    register: Register | None = None,
) -> Eligibility:
    """Whether the holder, or the holder's child, is covered on `day`. Never raises for the patient.

    `number` is what was typed. A register out of reach means UNCHECKED.
    """
    try:
        policy = await (register or OwnRegister(db)).find(normalise(number))
    except BadPolicyNumber:
        return MALFORMED
    except RegisterUnreachable:
        return UNREACHABLE
    return judge(policy, holder_birth_date, for_child, day)


async def record_check(
    db: AsyncSession, *, visit: str, number: str, eligibility: Eligibility
) -> None:
    """Keep what was answered for a visit; a later check replaces an earlier one."""
    answer = asdict(eligibility)
    await put(db, CheckRow, "visit", visit=visit, number=_well_formed(number), **answer)


def _well_formed(number: str) -> str:
    """The number, or nothing: what was typed by mistake may be anything, and is not kept."""
    try:
        return normalise(number)
    except BadPolicyNumber:
        return ""


async def check_of(db: AsyncSession, visit: str) -> Check | None:
    """The last check of a visit, if there was one."""
    row = (await db.execute(select(CheckRow.__table__).where(CheckRow.visit == visit))).first()
    if row is None:
        return None
    answer = Eligibility(row.answer, Reason(row.reason), row.insurer, row.valid_until)
    return Check(visit, row.number, answer)


async def record_use(db: AsyncSession, day: date, *, visit: str) -> bool:
    """Count a covered visit on its policy, once; says whether it was counted now."""
    checked = await check_of(db, visit)
    if checked is None or checked.eligibility.answer is not Answer.COVERED:
        return False
    return await insert_once(db, UseRow, number=checked.number, visit=visit, day=day)


async def look_up(
    db: AsyncSession, day: date, *, insurer: str, clerk: str, number: str
) -> PolicyView:
    """What a clerk of `insurer` sees of a number. Raises BadPolicyNumber. The look-up is logged."""
    number = normalise(number)
    await record_look_up(db, day, insurer=insurer, clerk=clerk, number=number)
    policy = await OwnRegister(db).find(number)
    # Counted for a foreign number too, so that it takes as long as an own one.
    uses = monthly(await _days_of_use(db, number)).get(Month.of(day), 0)
    if policy is None or policy.insurer != insurer:
        return PolicyView(number)
    return PolicyView(number, policy.is_valid(day), policy.product, policy.valid_until, uses)


async def record_look_up(
    db: AsyncSession, day: date, *, insurer: str, clerk: str, number: str
) -> None:
    """Keep for the patient to see that a clerk, or a program, of `insurer` has asked."""
    await db.execute(insert(LookUpRow).values(insurer=insurer, clerk=clerk, number=number, day=day))


async def _days_of_use(db: AsyncSession, number: str) -> Sequence[date]:
    return (await db.scalars(select(UseRow.day).where(UseRow.number == number))).all()


async def look_ups_of(db: AsyncSession, number: str) -> tuple[LookUp, ...]:
    """Who has looked this number up, oldest first: also those who were told nothing."""
    rows = await db.execute(
        select(LookUpRow.insurer, LookUpRow.clerk, LookUpRow.day)
        .where(LookUpRow.number == number)
        .order_by(LookUpRow.id)
    )
    return tuple(LookUp(*row) for row in rows)
