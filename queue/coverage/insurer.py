"""The insurer's register: is this person covered, what was used, and what a clerk may look up.

An insurer gets a yes or no and a count: never a name, a reason, or a time finer than a month that
is over.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from functools import cache
from typing import Any, Protocol, cast

from sqlalchemy import Select, Table, and_, bindparam, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from venterom.queue.coverage import charges
from venterom.queue.coverage.eligibility import (
    MALFORMED,
    UNREACHABLE,
    Answer,
    Eligibility,
    Reason,
    judge,
)
from venterom.queue.coverage.errors import BadPolicyNumber, RegisterUnreachable
from venterom.queue.coverage.policies import HOME, NO_LIMITS, Cover, Policy, normalise
from venterom.queue.coverage.products import cover_of
from venterom.queue.coverage.tables import (
    CheckRow,
    LookUpRow,
    PolicyRow,
    ProductRow,
    UseRow,
    insert_once,
    put,
)
from venterom.queue.coverage.usage import Month, Uses, to_be_told

_COVER = tuple(getattr(ProductRow, name) for name in Cover.__slots__)
_FACTS = tuple(PolicyRow.__table__.columns.keys())
_LOOK_UP = insert(cast(Table, LookUpRow.__table__)).inline()  # nobody asks for its id


class Register(Protocol):
    """Where policies are asked for."""

    async def find(self, number: str, born: date) -> Policy | None:
        """The policy with this normalised number, if it is this person's. Raises
        RegisterUnreachable."""


@dataclass(frozen=True, slots=True)
class OwnRegister:
    """The register that insurers have sent us, in our own database; to one of them, its part."""

    db: AsyncSession
    insurer: str = ""  # "" for us, who ask about all

    async def find(self, number: str, born: date) -> Policy | None:
        """The policy with this normalised number, if it is this person's."""
        return await find_policy(self.db, number, born, self.insurer)


@dataclass(frozen=True, slots=True)
class Check:
    """What the last check of a visit's policy said. `number` is empty if it was not well-formed."""

    visit: str
    number: str
    eligibility: Eligibility


@dataclass(frozen=True, slots=True)
class Unsettled:
    """A visit of a day whose policy has still to be checked."""

    visit: str
    number: str
    day: date


@dataclass(frozen=True, slots=True)
class PolicyView:
    """What a clerk sees. A foreign number looks exactly like one that does not exist."""

    number: str
    valid: bool = False
    product: str = ""
    valid_until: date | None = None
    uses: tuple[Uses, ...] = ()  # months without are left out, as is the one that is not over


async def find_policy(
    db: AsyncSession, number: str, born: date | None = None, insurer: str = ""
) -> Policy | None:
    """The policy with this normalised number, whoever's it is, with what its product covers. With
    `born` only if that is the holder's birth date, and with `insurer` only if it is theirs: the
    database compares, so that what is another's takes no longer than a number that nobody has
    (bench/eligibility_timing.py)."""
    asked: dict[str, object] = {"number": number}
    if born is not None:
        asked["holder_birth_date"] = born
    if insurer:
        asked["insurer"] = insurer
    row = (await db.execute(_policy_by(*asked), asked)).first()
    if row is None:
        return None
    terms = {name: getattr(row, name) for name in _FACTS}
    # A policy may be older than the list of products.
    return Policy(**terms, cover=NO_LIMITS if row.youngest is None else cover_of(row))


@cache
def _policy_by(*names: str) -> Select[tuple[Any, ...]]:
    """Built once: putting it together is a large part of what a check costs."""
    product = and_(ProductRow.insurer == PolicyRow.insurer, ProductRow.product == PolicyRow.product)
    query = select(PolicyRow.__table__, *_COVER).join(ProductRow, product, isouter=True)
    columns = [PolicyRow.__table__.c[name] for name in names]
    return query.where(*(each == bindparam(each.name, type_=each.type) for each in columns))


async def check(
    db: AsyncSession,
    day: date,
    *,
    number: str,
    holder_birth_date: date,
    for_child: bool = False,
    child_birth_date: date | None = None,
    country: str = HOME,
    register: Register | None = None,
) -> Eligibility:
    """Whether the holder, or the holder's child, is covered on `day`. Never raises for the patient.

    `number` is what was typed. A register out of reach means UNCHECKED.
    """
    try:
        policy = await (register or OwnRegister(db)).find(normalise(number), holder_birth_date)
    except BadPolicyNumber:
        return MALFORMED
    except RegisterUnreachable:
        return UNREACHABLE
    return judge(
        policy,
        holder_birth_date,
        for_child,
        day,
        child_birth_date=child_birth_date,
        used=await _used(db, policy, day),
        country=country,
    )


async def _used(db: AsyncSession, policy: Policy | None, day: date) -> int:
    """How often in the calendar year of `day`; where nothing depends on it, it is not counted."""
    if policy is None or policy.cover.uses_per_year is None:
        return 0
    year = date(day.year, 1, 1), date(day.year, 12, 31)
    count = select(func.count()).select_from(UseRow).where(UseRow.number == policy.number)
    return await db.scalar(count.where(UseRow.day.between(*year))) or 0


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


async def record_use(
    db: AsyncSession, day: date, *, visit: str, settled: date | None = None
) -> bool:
    """Count a covered visit of this day on its policy and on the insurer's bill, once; says whether
    it was counted now.

    One that could not be checked is remembered, and counted when it has been settled: on the day
    `settled`, in whose month it is billed, as that of the visit may be over.
    """
    checked = await check_of(db, visit)
    if checked is None:
        return False
    answer = checked.eligibility.answer
    open_since = day if answer is Answer.UNCHECKED else None
    await db.execute(
        update(CheckRow)
        .where(CheckRow.visit == visit)
        .values(used_on=open_since)
        .execution_options(synchronize_session=False)
    )
    if answer is not Answer.COVERED:
        return False
    if not await insert_once(db, UseRow, number=checked.number, visit=visit, day=day):
        return False
    await charges.charge(
        db,
        visit=visit,
        insurer=checked.eligibility.insurer,
        number=checked.number,
        month=Month.of(settled or day),
        later=settled is not None,
    )
    return True


async def unsettled(db: AsyncSession, most: int) -> tuple[Unsettled, ...]:
    """Visits that are over and whose policy could not be checked yet, oldest first."""
    query = select(CheckRow.visit, CheckRow.number, CheckRow.used_on)
    query = query.where(CheckRow.used_on.is_not(None))
    rows = await db.execute(query.order_by(CheckRow.used_on, CheckRow.visit).limit(most))
    return tuple(Unsettled(visit, number, day) for visit, number, day in rows if day)


async def look_up(
    db: AsyncSession, day: date, *, insurer: str, clerk: str, number: str
) -> PolicyView:
    """What a clerk of `insurer` sees of a number. Raises BadPolicyNumber. The look-up is logged."""
    number = normalise(number)
    await record_look_up(db, day, insurer=insurer, clerk=clerk, number=number)
    policy = await find_policy(db, number, insurer=insurer)
    if policy is None:
        return PolicyView(number)
    uses = to_be_told(await _days_of_use(db, number), day)
    return PolicyView(number, policy.is_valid(day), policy.product, policy.valid_until, uses)


async def record_look_up(
    db: AsyncSession, day: date, *, insurer: str, clerk: str, number: str
) -> None:
    """Keep for the patient to see that a clerk, or a program, of `insurer` has asked."""
    asked = {"insurer": insurer, "clerk": clerk, "number": number, "day": day}
    await db.execute(_LOOK_UP, asked)


async def _days_of_use(db: AsyncSession, number: str) -> Sequence[date]:
    return (await db.scalars(select(UseRow.day).where(UseRow.number == number))).all()
