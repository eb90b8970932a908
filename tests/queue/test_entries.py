"""An entry moves only from where it was when it was read."""

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from tests.queue.make import NOON, after, at_work, entry, put
from venterom.queue import desk, entries
from venterom.queue.errors import WrongState
from venterom.queue.states import Act, State

pytestmark = pytest.mark.adapter


async def test_who_read_an_older_state_changes_nothing(db: AsyncSession) -> None:
    await put(db, entry("v1"))
    await at_work(db, "d1")
    before = await entries.hold(db, "v1")
    await desk.claim(db, NOON, practitioner="d1")
    with pytest.raises(WrongState):
        await entries.move(db, before, Act.LEAVE, ended_at=NOON)
    with pytest.raises(WrongState):
        await entries.note(db, before, triage=1)
    now = await entries.hold(db, "v1")
    assert (now.state, now.ended_at, now.triage) == (State.CLAIMED, None, 0)


async def test_who_held_an_older_lease_changes_nothing(db: AsyncSession) -> None:
    """The same state and the same doctor, but taken a second time in between."""
    await put(db, entry("v1"))
    await at_work(db, "d1")
    await desk.claim(db, NOON, practitioner="d1")
    before = await entries.hold(db, "v1")
    await desk.reap(db, after(1))
    await desk.claim(db, after(1), practitioner="d1")
    with pytest.raises(WrongState):
        await entries.move(db, before, Act.CONNECT)
    assert (await entries.hold(db, "v1")).state is State.CLAIMED


async def test_what_the_table_does_not_know_changes_nothing(db: AsyncSession) -> None:
    await put(db, entry("v1"))
    before = await entries.hold(db, "v1")
    with pytest.raises(WrongState):
        await entries.move(db, before, Act.FINISH)
    assert await entries.hold(db, "v1") == before
