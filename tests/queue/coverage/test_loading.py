"""Taking policies in: all of a load or nothing, with what became of each line, and a history."""

import asyncio
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from tests.queue.coverage.register import take_in
from tests.queue.coverage.test_policies import POLICY
from venterom.queue.coverage import insurer, loading
from venterom.queue.coverage.errors import NotPolicies, TooManyEnd
from venterom.queue.coverage.history import Change, history_of
from venterom.queue.coverage.loads import Kind, Outcome, Refused, Report, Source, Taken, Told, Why
from venterom.queue.coverage.policies import Policy
from venterom.queue.coverage.tables import ChangeRow, LoadRow, PolicyRow
from venterom.server.db import make_engine, make_sessions
from venterom.server.tables import create_tables

pytestmark = pytest.mark.adapter
DAY = date(2026, 11, 24)
OTHER = replace(POLICY, number="AB-222222")
THIRD = replace(POLICY, number="AB-333333")
FOREIGN = replace(POLICY, number="ZZ-999999", insurer="other")


def entries(*policies: Policy | Refused) -> Iterator[Taken | Refused]:
    """Lines 2, 3, … of a file."""
    for line, each in enumerate(policies, 2):
        yield each if isinstance(each, Refused) else Taken(line, each)


async def take(
    db: AsyncSession, *policies: Policy | Refused, full: bool = False
) -> tuple[Report, tuple[Told, ...]]:
    return await loading.take_in(
        db, DAY, entries(*policies), insurer="fjord", source=Source.API, full=full
    )


async def register(db: AsyncSession) -> list[Policy]:
    """What is in force and was, by number."""
    numbers = await db.scalars(select(PolicyRow.number).order_by(PolicyRow.number))
    found = [await insurer.find_policy(db, number) for number in numbers.all()]
    return [each for each in found if each is not None]


async def test_what_is_new_is_taken_and_the_same_again_changes_nothing(db: AsyncSession) -> None:
    report, told = await take(db, POLICY, OTHER)
    assert report == Report(taken=2)
    assert told == (
        Told(2, POLICY.number, Outcome.TAKEN),
        Told(3, OTHER.number, Outcome.TAKEN),
    )
    assert await register(db) == [POLICY, OTHER]
    again, told = await take(db, OTHER, POLICY)  # in another order
    assert again == Report(unchanged=2)
    assert {line.outcome for line in told} == {Outcome.UNCHANGED}
    assert await db.scalar(select(func.count()).select_from(ChangeRow)) == 2


async def test_the_lines_of_a_large_load_lie_in_a_file_of_their_own(tmp_path: Path) -> None:
    file, engine = tmp_path / "lines.db", make_engine(f"sqlite+aiosqlite:///{tmp_path / 'care.db'}")
    async with engine.begin() as connection:
        await connection.run_sync(create_tables)
    many = [replace(POLICY, number=f"AB-{n:06}") for n in range(5_000)]
    async with make_sessions(engine)[0].begin() as db:
        await loading.set_apart(db, file)
        await loading.stage(db, entries(*many))
        report = await loading.settle(db, DAY, insurer="fjord", source=Source.FILE)
        assert report == Report(taken=len(many))
        assert len([line async for line in loading.told(db)]) == len(many)
    assert file.stat().st_size > len(many) * len(POLICY.number)
    await engine.dispose()


@pytest.mark.parametrize(
    "changed",
    [
        replace(POLICY, product="More"),
        replace(POLICY, holder_birth_date=date(1980, 5, 2)),
        replace(POLICY, valid_from=date(2026, 1, 2)),
        replace(POLICY, valid_until=date(2027, 12, 31)),
        replace(POLICY, covers_children=False),
    ],
)
async def test_a_policy_of_which_anything_is_new_is_changed(
    db: AsyncSession, changed: Policy
) -> None:
    await take(db, POLICY, OTHER)
    report, _ = await take(db, changed, OTHER)
    assert report == Report(changed=1, unchanged=1)
    assert await register(db) == [changed, OTHER]


async def test_a_number_that_stands_twice_is_taken_from_neither_line(db: AsyncSession) -> None:
    wrong = Refused(5, "valid_until", Why.DATE, THIRD.number)  # it stands twice, too
    longer = replace(POLICY, valid_until=date(2028, 1, 1))
    _, told = await take(db, POLICY, OTHER, longer, wrong, THIRD)
    twice = (Outcome.REFUSED, "number", Why.TWICE)
    assert [(line.line, line.outcome, line.column, line.why) for line in told] == [
        (2, *twice),
        (3, Outcome.TAKEN, "", None),
        (4, *twice),
        (5, Outcome.REFUSED, "valid_until", Why.DATE),
        (6, *twice),
    ]
    assert await register(db) == [OTHER]


async def test_a_number_of_another_insurer_is_refused_and_not_touched(db: AsyncSession) -> None:
    await take_in(db, [FOREIGN])
    report, told = await take(db, replace(FOREIGN, insurer="fjord"), POLICY)
    assert report == Report(taken=1, refused=1)
    assert told[0] == Told(2, FOREIGN.number, Outcome.REFUSED, "number", Why.NOT_YOURS)
    assert await register(db) == [POLICY, FOREIGN]


async def test_refused_lines_are_told_in_the_order_of_the_file(db: AsyncSession) -> None:
    refused = Refused(2, "", Why.QUOTES)
    report, told = await take(db, refused, POLICY, replace(refused, line=4))
    assert report == Report(taken=1, refused=2)
    assert [line.line for line in told] == [2, 3, 4]
    assert told[0] == Told(
        2, "", Outcome.REFUSED, "", Why.QUOTES
    )  # two without a number: not twice


async def test_what_is_missing_stays_unless_the_load_is_a_full_one(db: AsyncSession) -> None:
    await _many(db, 20)
    report, _ = await take(db, POLICY)
    assert report.ended == 0
    report, _ = await take(db, POLICY, *_numbered(19), full=True)
    assert (report.ended, report.unchanged) == (1, 20)
    gone = await insurer.find_policy(db, "AB-100019")
    assert gone is not None and gone.valid_until == DAY  # its last day
    report, _ = await take(db, POLICY, *_numbered(19), full=True)
    assert report.ended == 0  # only once
    report, _ = await take(db, POLICY, *_numbered(20), full=True)
    assert report == Report(changed=1, unchanged=20)  # it is back


async def test_a_policy_that_has_not_begun_is_taken_out_when_it_is_missing(
    db: AsyncSession,
) -> None:
    ahead = replace(POLICY, valid_from=date(2026, 12, 1))
    await _many(db, 20)
    await take(db, ahead)
    await take(db, *_numbered(20), full=True)
    assert await insurer.find_policy(db, POLICY.number) is None
    [_, change] = await history_of(db, POLICY.number)
    assert (change.kind, change.policy) == (Kind.ENDED, ahead)


async def test_others_policies_and_those_that_are_over_do_not_end(db: AsyncSession) -> None:
    over = replace(OTHER, valid_until=DAY)
    await take_in(db, [FOREIGN, over])
    report, _ = await take(db, POLICY, full=True)
    assert report == Report(taken=1)
    assert await register(db) == [POLICY, over, FOREIGN]


async def test_nothing_ends_as_long_as_a_line_is_refused(db: AsyncSession) -> None:
    await _many(db, 20)
    report, _ = await take(db, *_numbered(19), Refused(40, "number", Why.NUMBER), full=True)
    assert (report.ended, report.refused) == (0, 1)


async def test_more_than_a_tenth_ends_only_when_somebody_says_so(db: AsyncSession) -> None:
    await _many(db, 20)
    with pytest.raises(TooManyEnd) as refused:
        async with db.begin_nested():
            await take(db, *_numbered(17), full=True)
    assert (refused.value.ended, refused.value.in_force) == (3, 20)
    assert len({policy.valid_until for policy in await register(db)}) == 1
    await loading.stage(db, entries(*_numbered(17)))
    report = await loading.settle(
        db, DAY, insurer="fjord", source=Source.FILE, full=True, many_may_end=True
    )
    assert report.ended == 3
    await loading.unstage(db)


async def test_a_dry_run_says_the_same_and_does_nothing(db: AsyncSession) -> None:
    await _many(db, 20)
    before = await register(db)
    longer = replace(_numbered(1)[0], valid_until=date(2028, 1, 1))
    await loading.stage(db, entries(POLICY, longer, *_numbered(19)[1:]))
    report = await loading.settle(
        db, DAY, insurer="fjord", source=Source.FILE, full=True, dry_run=True
    )
    assert report == Report(taken=1, changed=1, unchanged=18, ended=1)
    await loading.unstage(db)
    assert await register(db) == before
    assert await db.scalar(select(func.count()).select_from(LoadRow)) == 1


async def test_the_history_says_what_became_of_a_policy_and_by_which_load(
    db: AsyncSession,
) -> None:
    await _many(db, 20)
    longer = replace(POLICY, valid_until=date(2028, 1, 1))
    await take(db, POLICY)
    await take(db, longer)
    await take(db, longer)  # says nothing new
    await take(db, *_numbered(20), full=True)
    assert await history_of(db, POLICY.number) == (
        Change(Kind.TAKEN, DAY, 2, Source.API, POLICY),
        Change(Kind.CHANGED, DAY, 3, Source.API, longer),
        Change(Kind.ENDED, DAY, 5, Source.API, longer),  # as it was before
    )
    [last] = await db.execute(select(LoadRow.__table__).where(LoadRow.id == 5))
    assert (last.insurer, last.day, last.source) == ("fjord", DAY, "api")
    assert (last.taken, last.changed, last.unchanged, last.refused, last.ended) == (0, 0, 20, 0, 1)


async def test_loads_and_changes_are_only_added_to(db: AsyncSession) -> None:
    await take(db, POLICY)
    for change in (
        update(LoadRow).values(taken=9),
        delete(LoadRow),
        update(ChangeRow).values(product="X"),
        delete(ChangeRow),
    ):
        with pytest.raises(DBAPIError, match="insert-only"):
            async with db.begin_nested():
                await db.execute(change)


async def test_a_file_that_turns_out_to_be_cut_off_leaves_nothing_behind(
    session_factory: async_sessionmaker[AsyncSession],
) -> None:
    def cut_off() -> Iterable[Taken | Refused]:
        yield from entries(*_numbered(loading.BATCH + 1))
        raise NotPolicies("cut off")

    with pytest.raises(NotPolicies):
        async with session_factory.begin() as db:
            await loading.take_in(db, DAY, cut_off(), insurer="fjord", source=Source.FILE)
    async with session_factory.begin() as db:
        assert await register(db) == []
        assert (await take(db, POLICY))[0] == Report(taken=1)  # and nothing is in the way


async def test_two_loads_at_once_do_not_see_each_others_lines(
    session_factory: async_sessionmaker[AsyncSession],
) -> None:
    async with session_factory() as one, session_factory() as two:
        for db, policies in ((one, (POLICY, OTHER)), (two, (THIRD,))):
            async with db.begin():
                assert (await take(db, *policies))[0] == Report(taken=len(policies))
    async with session_factory.begin() as db:
        assert await register(db) == [POLICY, OTHER, THIRD]


async def test_of_two_insurers_who_send_a_number_at_once_one_gets_it(
    session_factory: async_sessionmaker[AsyncSession],
) -> None:
    async def send(whose: str) -> Report:
        policy = replace(POLICY, insurer=whose)
        async with session_factory.begin() as db:
            report, _ = await loading.take_in(
                db, DAY, entries(policy), insurer=whose, source=Source.API
            )
        return report

    reports = await asyncio.gather(*(send(f"insurer {n}") for n in range(4)))
    assert sorted(report.taken for report in reports) == [0, 0, 0, 1]
    assert sorted(report.refused for report in reports) == [0, 1, 1, 1]
    [winner] = [f"insurer {n}" for n, report in enumerate(reports) if report.taken]
    async with session_factory.begin() as db:
        [policy] = await register(db)
        [change] = await history_of(db, POLICY.number)
    assert policy.insurer == change.policy.insurer == winner


async def test_a_load_of_several_batches_is_one_load(db: AsyncSession) -> None:
    many = _numbered(2 * loading.BATCH + 1)
    report, told = await take(db, *many)
    assert report == Report(taken=len(many))
    assert [line.number for line in told] == [policy.number for policy in many]
    report, _ = await take(db, *many)
    assert report == Report(unchanged=len(many))


def _numbered(count: int) -> list[Policy]:
    return [replace(POLICY, number=f"AB-{100_000 + n}") for n in range(count)]


async def _many(db: AsyncSession, count: int) -> None:
    await take(db, *_numbered(count))


async def test_the_database_knows_only_loads_that_came_on_a_way_of_ours(db: AsyncSession) -> None:
    counts = dict.fromkeys(Report.__slots__, 0)
    row = insert(LoadRow).values(insurer="fjord", day=DAY, source="post", **counts)
    with pytest.raises(IntegrityError):
        async with db.begin_nested():
            await db.execute(row)
