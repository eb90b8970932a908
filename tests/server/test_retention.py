"""Every table has a rule; what may go goes, and the record and its log never."""

from datetime import timedelta

import pytest
from aiohttp import web
from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import DeclarativeBase

from tests.conftest import FakeClock
from tests.journal.make import DOCTOR, KARI, KEYS, OLA, consented, signed, told
from tests.server.make import Sessions, parts
from venterom.journal import chart
from venterom.journal.tables import EntryRow, ReasonRow, VisitRow
from venterom.rtc.quality import Verdict
from venterom.rtc.tested import Microphone, Speaker, Way
from venterom.server import retention
from venterom.server.notify.tables import MessageRow
from venterom.server.tables import METADATA
from venterom.web.identity.tables import LinkRow, LinkState, LogoutRow, VouchedRow
from venterom.web.measured import CheckRow
from venterom.web.work import look, work

pytestmark = pytest.mark.adapter
MONTH = timedelta(days=30)


def test_every_table_has_a_rule_and_no_rule_is_left_over() -> None:
    tables = {table.name for part in METADATA for table in part.sorted_tables}
    assert set(retention.RULES) == tables


def test_every_rule_has_a_source_or_says_that_it_is_a_judgement() -> None:
    for table, rule in retention.RULES.items():
        assert "§" in rule.why or "udgement" in rule.why, table


@pytest.mark.parametrize("table", ["record_entry", "record_audit", "record_consent", "note_draft"])
def test_the_record_never_goes_by_itself(table: str) -> None:
    assert retention.RULES[table].kept is None


async def count(app: web.Application, kind: type[DeclarativeBase]) -> int:
    """How many rows there are."""
    async with look(app) as unit:
        return await unit.db.scalar(select(func.count()).select_from(kind)) or 0


async def test_a_reason_goes_when_nobody_was_treated_and_the_log_says_so(
    session_factory: Sessions, clock: FakeClock
) -> None:
    app = parts(session_factory, clock)
    async with work(app) as unit:
        given_up = await consented(unit.db, now=clock.now)
        await chart.close(unit.db, clock.now, visit=given_up)
        await told(unit.db, by=OLA, now=clock.now)  # never sent
    clock.now += MONTH
    await retention.remove_what_may_go(app)
    assert await count(app, ReasonRow) == 2  # the last moment
    clock.tick(milliseconds=1)
    await retention.remove_what_may_go(app)
    assert await count(app, ReasonRow) == 0 and await count(app, VisitRow) == 2
    async with look(app) as unit:
        lines = await chart.access_log(unit.db, given_up)
        assert (await chart.verify(unit.db, KEYS)).ok
    assert (lines[-1].actor, lines[-1].action) == ("system", "reason.removed")
    await retention.remove_what_may_go(app)
    async with look(app) as unit:
        assert await chart.access_log(unit.db, given_up) == lines


async def test_a_reason_stays_when_a_doctor_came_or_the_patient_still_waits(
    session_factory: Sessions, clock: FakeClock
) -> None:
    app = parts(session_factory, clock)
    async with work(app) as unit:
        treated = (await signed(unit.db, now=clock.now)).visit
        await chart.close(unit.db, clock.now, visit=treated)
        await consented(unit.db, by=OLA, now=clock.now)  # open still
    clock.now += 10 * 12 * MONTH
    await retention.remove_what_may_go(app)
    assert await count(app, ReasonRow) == 2 and await count(app, EntryRow) == 1
    async with look(app) as unit:
        story = await chart.read_story(
            unit.db,
            KEYS,
            clock.now,
            reader=KARI,
            visit=treated,
            purpose=chart.Purpose.PATIENT_REQUEST,
        )
    assert story.reason and DOCTOR.person


async def test_technical_tests_go_after_three_months(
    session_factory: Sessions, clock: FakeClock
) -> None:
    app = parts(session_factory, clock)
    async with work(app) as unit:
        tested = {
            "visit": "v1",
            "at": clock.now,
            "verdict": [*Verdict][0],
            "camera": True,
            "microphone": [*Microphone][0],
            "speaker": [*Speaker][0],
            "way": [*Way][0],
        }
        await unit.db.execute(insert(CheckRow).values(tested))
    clock.now += 3 * MONTH
    await retention.remove_what_may_go(app)
    assert await count(app, CheckRow) == 1
    clock.tick(milliseconds=1)
    await retention.remove_what_may_go(app)
    assert await count(app, CheckRow) == 0


async def test_a_message_that_is_due_is_never_removed(
    session_factory: Sessions, clock: FakeClock
) -> None:
    app = parts(session_factory, clock)
    said = {"visit": "v1", "person": "p1", "kind": "k", "channel": "sms", "body": b"sealed"}
    async with work(app) as unit:
        for n, state in enumerate(("due", "sent", "failed")):
            row = {"id": f"m{n}", "event_seq": n, "state": state, "due_at": clock.now, **said}
            await unit.db.execute(insert(MessageRow).values(row))
    clock.tick(days=91)
    await retention.remove_what_may_go(app)
    async with look(app) as unit:
        assert list(await unit.db.scalars(select(MessageRow.state))) == ["due"]


async def test_a_link_goes_a_month_after_it_was_of_use(
    session_factory: Sessions, clock: FakeClock
) -> None:
    app = parts(session_factory, clock)
    link = {"token": "t", "visit": "v1", "person": "p1", "state": LinkState.ISSUED}
    async with work(app) as unit:
        times = {"issued": clock.now, "expires": clock.now}
        await unit.db.execute(insert(LinkRow).values({**link, **times}))
        await unit.db.execute(update(LinkRow).values(expires=clock.now + MONTH))
    clock.now += 2 * MONTH
    await retention.remove_what_may_go(app)
    async with look(app) as unit:
        assert await unit.db.scalar(select(LinkRow.token)) == "t"
    clock.tick(milliseconds=1)
    await retention.remove_what_may_go(app)
    async with look(app) as unit:
        assert await unit.db.scalar(select(LinkRow.token)) is None


async def test_what_ends_sign_ins_goes_when_there_is_nothing_left_to_end(
    session_factory: Sessions, clock: FakeClock
) -> None:
    app = parts(session_factory, clock)
    async with work(app) as unit:
        taken = {"token": "t", "kept_until": clock.now}
        await unit.db.execute(insert(LogoutRow).values(taken))
        vouched = {"session": "s", "subject": "x", "sid": None, "expires": clock.now}
        await unit.db.execute(insert(VouchedRow).values(vouched))
    await retention.remove_what_may_go(app)
    assert (await count(app, LogoutRow), await count(app, VouchedRow)) == (1, 1)
    clock.tick(milliseconds=1)
    await retention.remove_what_may_go(app)
    assert (await count(app, LogoutRow), await count(app, VouchedRow)) == (0, 1)
    clock.tick(days=1)
    await retention.remove_what_may_go(app)
    assert await count(app, VouchedRow) == 0
