"""A director is told once of each matter, with nothing about anybody in it."""

from datetime import timedelta

import pytest

from tests.web.rig import KARI, PER, RAGNA, Rig
from tests.web.test_notes import Down, down
from venterom.journal.epj_answer import Said
from venterom.journal.errors import EpjSaid
from venterom.journal.tables import DeliveryRow
from venterom.queue.unsigned import SIGNED_WITHIN
from venterom.server import jobs
from venterom.server.notify import alarms, feed
from venterom.server.notify.tables import MessageRow, OpenMatterRow
from venterom.web.work import look

pytestmark = pytest.mark.slow
__all__ = ["down"]  # the fixture


async def messages(rig: Rig) -> list[str]:
    """What the director has been sent, oldest first."""
    await alarms.alarm(rig.app)
    await jobs.tell(rig.app)
    async with look(rig.app) as unit:
        sent = await feed.inbox(unit.db, rig.app[jobs.POST])
    to_director = [each.text for each in reversed(sent) if "/director/" in each.text]
    return to_director


async def test_notes_that_were_stopped_are_one_matter_until_none_is(rig: Rig, down: Down) -> None:
    await rig.sign_in(RAGNA, "/director")
    assert await messages(rig) == []
    down.fault = EpjSaid(Said.OTHER_PATIENT)
    for who in (KARI, PER):
        await rig.signed(who)
        await jobs.deliver(rig.app)
        [said] = await messages(rig)
    assert said.startswith("Noe kommer ikke frem") and said.split()[-3].endswith(
        "/director/journal"
    )
    assert KARI not in said and PER not in said
    down.fault = None
    director = await rig.sign_in(RAGNA, "/director/journal")
    for row in await rig.rows(DeliveryRow):
        await director.post("/director/journal", {"visit": row.visit})
    await jobs.deliver(rig.app)
    assert len(await messages(rig)) == 1
    assert await rig.rows(OpenMatterRow) == []  # over
    down.fault = EpjSaid(Said.OTHER_PATIENT)
    await rig.signed(KARI)
    await jobs.deliver(rig.app)
    assert len(await messages(rig)) == 2  # a new matter


async def test_a_note_that_is_not_signed_in_time_is_told_once(rig: Rig) -> None:
    await rig.sign_in(RAGNA, "/director")
    _, doctor, visit = await rig.consult()
    await rig.hang_up(doctor, visit)
    rig.clock.now += SIGNED_WITHIN
    assert await messages(rig) == []
    rig.clock.now += timedelta(minutes=1)
    [said] = await messages(rig)
    assert said.startswith("Noe er ikke signert i tide.") and visit not in said
    rig.clock.now += timedelta(days=1)
    assert await messages(rig) == [said]
    assert {row.visit for row in await rig.rows(MessageRow, kind="unsigned")} == {""}
