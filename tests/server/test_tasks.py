"""Work beside a conversation: in order by name, faults logged, ended together."""

import asyncio
from functools import partial

from structlog.testing import capture_logs

from venterom.server.tasks import Tasks


async def settle() -> None:
    """Let everything go on that can."""
    for _ in range(10):
        await asyncio.sleep(0)


class Desk:
    """Does pieces of work when it is told to, and remembers in which order they began."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.go_on = {name: asyncio.Event() for name in "abc"}

    async def work(self, name: str) -> None:
        self.begun.append(name)
        await self.go_on[name].wait()


async def test_under_one_name_each_piece_waits_for_the_one_before() -> None:
    tasks, desk = Tasks(), Desk()
    for name in "ab":
        tasks.queue("room 1", partial(desk.work, name))
    tasks.queue("room 2", partial(desk.work, "c"))
    await settle()
    assert desk.begun == ["a", "c"]
    desk.go_on["a"].set()
    await settle()
    assert desk.begun == ["a", "c", "b"]
    await tasks.cancel()


async def test_a_piece_that_fails_is_logged_and_does_not_hold_up_the_next() -> None:
    tasks, desk = Tasks(), Desk()

    async def fail() -> None:
        raise RuntimeError

    with capture_logs() as logs:
        tasks.queue("room 1", fail)
        tasks.queue("room 1", partial(desk.work, "a"))
        await settle()
    assert [each["event"] for each in logs] == ["task_failed"]
    assert desk.begun == ["a"]
    await tasks.cancel()


async def test_what_is_still_going_on_is_ended_and_waited_for() -> None:
    tasks = Tasks()
    ended: list[str] = []

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("work")

    tasks.start(work)
    tasks.queue("room 1", work)
    tasks.queue("room 1", work)  # has not begun, and never does
    await settle()
    await tasks.cancel()
    assert ended == ["work", "work"]
