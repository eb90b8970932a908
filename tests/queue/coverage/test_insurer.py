"""The register, the count of uses, and a clerk's look-up."""

import asyncio
from dataclasses import fields, replace
from datetime import date, datetime

import pytest
from sqlalchemy import Date, delete, insert, select, update
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

import venterom.web.insurer_api.tables  # noqa: F401, its rows are of the insurer's side
from tests.queue.coverage.register import take_in
from tests.queue.coverage.test_policies import POLICY
from venterom.queue.coverage import insurer
from venterom.queue.coverage.eligibility import (
    MALFORMED,
    UNKNOWN,
    UNREACHABLE,
    Answer,
    Eligibility,
    Reason,
)
from venterom.queue.coverage.errors import BadPolicyNumber, BadProduct, RegisterUnreachable
from venterom.queue.coverage.insurer import PolicyView, Unsettled
from venterom.queue.coverage.policies import Cover, Policy
from venterom.queue.coverage.portal_tables import ChargeRow
from venterom.queue.coverage.products import products_of, put_product
from venterom.queue.coverage.tables import Base, LookUpRow, PolicyRow, UseRow, metadata
from venterom.queue.coverage.usage import Month, Uses

pytestmark = pytest.mark.adapter
DAY = date(2026, 11, 24)
BORN = POLICY.holder_birth_date
FOREIGN = replace(POLICY, number="ZZ-999999", insurer="other")


class OutOfReach:
    """A register that cannot be reached, and insists on normalised numbers."""

    async def find(self, number: str, born: date) -> Policy | None:
        assert born == BORN
        assert number == POLICY.number
        raise RegisterUnreachable


async def covered(db: AsyncSession, visit: str, number: str = POLICY.number) -> Eligibility:
    """Check a visit's policy and keep the answer."""
    answer = await insurer.check(db, DAY, number=number, holder_birth_date=BORN)
    await insurer.record_check(db, visit=visit, number=number, eligibility=answer)
    return answer


async def see(db: AsyncSession, number: str, day: date = DAY) -> PolicyView:
    return await insurer.look_up(db, day, insurer="fjord", clerk="clerk1", number=number)


async def test_a_policy_comes_back_as_it_was_taken_in(db: AsyncSession) -> None:
    await take_in(db, [POLICY, FOREIGN])
    assert await insurer.OwnRegister(db).find(POLICY.number, BORN) == POLICY
    longer = replace(POLICY, valid_until=date(2028, 1, 1))
    await take_in(db, [longer])
    assert await insurer.OwnRegister(db).find(POLICY.number, BORN) == longer
    assert await insurer.OwnRegister(db).find(FOREIGN.number, BORN) == FOREIGN


@pytest.mark.parametrize(
    ("typed", "born", "reason"),
    [
        ("AB-123456", BORN, Reason.VALID),
        (" ab-123 456", BORN, Reason.VALID),
        ("AB-123457", BORN, Reason.UNKNOWN),
        ("AB-123456", date(1990, 1, 1), Reason.UNKNOWN),
        ("my knee hurts!", BORN, Reason.MALFORMED),
    ],
)
async def test_what_was_typed_is_checked(
    db: AsyncSession, typed: str, born: date, reason: Reason
) -> None:
    await take_in(db, [POLICY])
    answer = await insurer.check(db, DAY, number=typed, holder_birth_date=born)
    assert answer.reason is reason


async def test_with_the_register_out_of_reach_the_patient_goes_on(db: AsyncSession) -> None:
    answer = await insurer.check(
        db, DAY, number="ab-123456", holder_birth_date=BORN, register=OutOfReach()
    )
    assert answer == UNREACHABLE
    await insurer.record_check(db, visit="v1", number="ab-123456", eligibility=answer)
    kept = await insurer.check_of(db, "v1")
    assert kept is not None
    assert (kept.number, kept.eligibility) == (POLICY.number, UNREACHABLE)


async def test_the_last_check_of_a_visit_counts(db: AsyncSession) -> None:
    await take_in(db, [POLICY])
    assert await insurer.check_of(db, "v1") is None
    assert await covered(db, "v1", "AB-000000") == UNKNOWN
    answer = await covered(db, "v1")
    kept = await insurer.check_of(db, "v1")
    assert kept is not None
    assert (kept.visit, kept.number, kept.eligibility) == ("v1", POLICY.number, answer)


async def test_what_is_not_a_number_is_not_kept(db: AsyncSession) -> None:
    await covered(db, "v1", "my knee hurts!")
    kept = await insurer.check_of(db, "v1")
    assert kept is not None
    assert (kept.number, kept.eligibility) == ("", MALFORMED)


async def test_a_covered_visit_is_counted_once(db: AsyncSession) -> None:
    await take_in(db, [POLICY])
    await covered(db, "v1")
    assert await insurer.record_use(db, DAY, visit="v1")
    assert not await insurer.record_use(db, DAY, visit="v1")
    seen = await see(db, POLICY.number, date(2026, 12, 1))
    assert seen.uses == (Uses(Month(2026, 11), 1),)


@pytest.mark.parametrize(
    ("used_on", "reason"),
    [
        ([], Reason.VALID),
        ([date(2026, 1, 1)], Reason.VALID),
        ([date(2026, 1, 1), date(2026, 12, 31)], Reason.USED_UP),  # the year's first and last day
        ([date(2025, 12, 31), date(2027, 1, 1), date(2026, 6, 1)], Reason.VALID),  # other years'
    ],
)
async def test_uses_are_counted_in_the_calendar_year_of_the_day(
    db: AsyncSession, used_on: list[date], reason: Reason
) -> None:
    await take_in(db, [POLICY])
    await put_product(db, insurer="fjord", product="Health", cover=Cover(uses_per_year=2))
    for day in used_on:
        await db.execute(insert(UseRow).values(number=POLICY.number, visit=f"v{day}", day=day))
    await db.execute(insert(UseRow).values(number=FOREIGN.number, visit="v", day=DAY))
    answer = await insurer.check(db, DAY, number=POLICY.number, holder_birth_date=BORN)
    assert answer.reason is reason


async def test_a_product_is_what_its_own_insurer_says(db: AsyncSession) -> None:
    await take_in(db, [POLICY])
    limits = Cover(3, 18, 66, True, 17, frozenset({"NO", "SE"}))
    await put_product(db, insurer="other", product="Health", cover=Cover(uses_per_year=9))
    found = await insurer.find_policy(db, POLICY.number)
    assert found is not None and found.cover == Cover()  # older than the list of products
    await put_product(db, insurer="fjord", product="Health", cover=Cover())
    await put_product(db, insurer="fjord", product="Health", cover=limits)  # from now on
    found = await insurer.find_policy(db, POLICY.number)
    assert found is not None and found.cover == limits
    assert await products_of(db, "fjord") == {"Health": limits}


@pytest.mark.parametrize(
    ("name", "why"),
    [
        *[(name, "1 to 80 characters") for name in ("", "x" * 81)],
        *[(name, "as in a file") for name in ("a\nb", " x", "=x", "-x")],
    ],
)
async def test_a_product_has_a_name(db: AsyncSession, name: str, why: str) -> None:
    with pytest.raises(BadProduct, match=why):
        await put_product(db, insurer="fjord", product=name, cover=Cover())


async def test_a_visit_that_could_not_be_checked_waits_until_it_is_settled(
    db: AsyncSession,
) -> None:
    await take_in(db, [POLICY])
    for visit in ("v1", "v2"):
        await insurer.record_check(db, visit=visit, number=POLICY.number, eligibility=UNREACHABLE)
    assert await insurer.unsettled(db, 9) == ()  # it is not over
    for visit, day in (("v2", DAY), ("v1", date(2026, 11, 23))):
        assert not await insurer.record_use(db, day, visit=visit)
    first = Unsettled("v1", POLICY.number, date(2026, 11, 23))
    assert await insurer.unsettled(db, 9) == (first, Unsettled("v2", POLICY.number, DAY))
    assert await insurer.unsettled(db, 1) == (first,)
    await covered(db, "v1")
    assert await insurer.record_use(db, first.day, visit="v1")
    assert await insurer.unsettled(db, 9) == (Unsettled("v2", POLICY.number, DAY),)
    await insurer.record_check(db, visit="v2", number=POLICY.number, eligibility=UNKNOWN)
    assert not await insurer.record_use(db, DAY, visit="v2")
    assert await insurer.unsettled(db, 9) == ()


@pytest.mark.parametrize("answer", [UNKNOWN, UNREACHABLE])
async def test_a_visit_that_is_not_covered_is_not_counted(
    db: AsyncSession, answer: Eligibility
) -> None:
    await insurer.record_check(db, visit="v1", number=POLICY.number, eligibility=answer)
    assert not await insurer.record_use(db, DAY, visit="v1")
    assert not await insurer.record_use(db, DAY, visit="never checked")
    assert (await db.scalars(select(UseRow.visit))).all() == []


async def test_a_clerk_sees_validity_and_the_uses_of_months_that_are_over(
    db: AsyncSession,
) -> None:
    await take_in(db, [POLICY])
    days = [date(2026, 10, 31), date(2026, 11, 1), date(2026, 11, 30), date(2026, 12, 1)]
    for day in days:
        await covered(db, f"v{day}")
        await insurer.record_use(db, day, visit=f"v{day}")
    told = (Uses(Month(2026, 11), 2), Uses(Month(2026, 10), 1))
    assert await see(db, "ab-123456", date(2026, 12, 1)) == PolicyView(
        POLICY.number, True, "Health", date(2026, 12, 31), told
    )


async def test_the_running_month_says_nothing_however_often_one_looks(db: AsyncSession) -> None:
    """Else whoever looks each day would learn on which day somebody saw a doctor."""
    await take_in(db, [POLICY])
    before = await see(db, POLICY.number)
    await covered(db, "v1")
    await insurer.record_use(db, DAY, visit="v1")
    assert await see(db, POLICY.number) == before
    assert await see(db, POLICY.number, date(2026, 11, 30)) == before


async def test_a_use_that_is_counted_is_on_the_bill_once(db: AsyncSession) -> None:
    await take_in(db, [POLICY])
    await covered(db, "v1")
    for _ in range(2):
        await insurer.record_use(db, DAY, visit="v1")
    await take_in(db, [replace(POLICY, product="Another")])  # the bill stays as it is
    await covered(db, "v2")
    await insurer.record_use(db, date(2026, 10, 31), visit="v2", settled=DAY)
    rows = (await db.execute(select(ChargeRow.__table__).order_by(ChargeRow.visit))).all()
    assert [tuple(row) for row in rows] == [
        ("v1", POLICY.insurer, "Health", "2026-11", False),
        ("v2", POLICY.insurer, "Another", "2026-11", True),  # its own month was over
    ]


async def test_an_own_policy_that_has_ended_is_shown_as_ended(db: AsyncSession) -> None:
    await take_in(db, [POLICY])
    seen = await see(db, POLICY.number, date(2027, 1, 1))
    assert (seen.valid, seen.valid_until) == (False, date(2026, 12, 31))


async def test_a_foreign_number_looks_exactly_like_an_unknown_one(db: AsyncSession) -> None:
    await take_in(db, [POLICY, FOREIGN])
    await covered(db, "v1", FOREIGN.number)
    await insurer.record_use(db, DAY, visit="v1")
    foreign, unknown = await see(db, FOREIGN.number), await see(db, "ZZ-000000")
    assert replace(foreign, number="") == replace(unknown, number="") == PolicyView("")


async def test_to_an_insurer_the_register_has_its_own_part_only(db: AsyncSession) -> None:
    await take_in(db, [POLICY, FOREIGN])
    found = [
        await insurer.OwnRegister(db, FOREIGN.insurer).find(each.number, each.holder_birth_date)
        for each in (POLICY, FOREIGN)
    ]
    assert found == [None, FOREIGN]


async def test_what_is_not_a_number_is_not_looked_up(db: AsyncSession) -> None:
    with pytest.raises(BadPolicyNumber):
        await see(db, "12345٦")
    assert (await db.scalars(select(LookUpRow.id))).all() == []


async def test_uses_and_look_ups_are_only_added_to(db: AsyncSession) -> None:
    await take_in(db, [POLICY])
    await covered(db, "v1")
    await insurer.record_use(db, DAY, visit="v1")
    await see(db, POLICY.number)
    rows: list[type[Base]] = [UseRow, LookUpRow]
    for row in rows:
        for change in (update(row).values(number="X"), delete(row)):
            with pytest.raises(DBAPIError, match="insert-only"):
                async with db.begin_nested():
                    await db.execute(change)


async def test_the_database_forbids_a_second_use_and_a_policy_that_ends_before_it_begins(
    db: AsyncSession,
) -> None:
    use = insert(UseRow).values(number="N", visit="v1", day=DAY)
    await db.execute(use)
    wrong = replace(POLICY, valid_until=date(2025, 1, 1))
    columns = [f.name for f in fields(wrong) if f.name != "cover"]
    row = insert(PolicyRow).values({name: getattr(wrong, name) for name in columns})
    for forbidden in (use, row):
        with pytest.raises(IntegrityError):
            async with db.begin_nested():
                await db.execute(forbidden)


async def test_a_check_and_a_use_sent_twice_at_once_are_stored_once(
    session_factory: async_sessionmaker[AsyncSession],
) -> None:
    async with session_factory.begin() as db:
        await take_in(db, [POLICY])

    async def use() -> bool:
        async with session_factory.begin() as db:
            await covered(db, "v1")
            return await insurer.record_use(db, DAY, visit="v1")

    assert sorted(await asyncio.gather(*(use() for _ in range(6)))) == [False] * 5 + [True]


def test_nothing_here_has_room_for_health_or_a_time_of_day() -> None:
    """X5: these are all the columns an insurer's query could ever reach."""
    columns = {c.name: c.type for table in metadata.tables.values() for c in table.columns}
    assert set(columns) == {
        *("number", "insurer", "product", "holder_birth_date", "valid_from", "valid_until"),
        *("covers_children", "visit", "answer", "reason", "day", "id", "clerk", "used_on"),
        *("uses_per_year", "youngest", "oldest", "children", "children_until", "countries"),
        *("load", "kind", "source", "taken", "changed", "unchanged", "refused", "ended"),
        *("month", "later", "kept", "promises"),
        # of the insurers' programs (web/insurer_api/tables.py)
        *("scopes", "keys", "added", "removed", "client", "jti", "until", "key", "question"),
    }
    dates = [kind for kind in columns.values() if kind.python_type in (date, datetime)]
    assert len(dates) == 7
    assert all(isinstance(kind, Date) for kind in dates)


def test_a_clerk_is_shown_these_fields_and_no_others() -> None:
    assert [f.name for f in fields(PolicyView)] == [
        *("number", "valid", "product", "valid_until", "uses")
    ]


def test_the_three_answers_are_three() -> None:
    assert set(Answer) == {Answer.COVERED, Answer.NOT_COVERED, Answer.UNCHECKED}
