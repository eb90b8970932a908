"""Work that goes on beside a conversation: each piece by itself, or one after the other by name."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial

import structlog

log = structlog.get_logger()

Work = Callable[[], Awaitable[None]]


class Tasks:
    """What is going on. A piece that fails is logged, and hurts nothing else."""

    def __init__(self) -> None:
        self._all: set[asyncio.Task[None]] = set()
        self._last: dict[str, asyncio.Task[None]] = {}

    def start(self, work: Work) -> None:
        """Do it now."""
        self._begin(work, None)

    def queue(self, name: str, work: Work) -> None:
        """Do it when everything that was queued under this name before has been done."""
        task = self._begin(work, self._last.get(name))
        self._last[name] = task
        task.add_done_callback(partial(self._forget, name))

    async def cancel(self) -> None:
        """End everything, and return when it has ended."""
        for task in [*self._all]:
            task.cancel()
        await asyncio.gather(*self._all, return_exceptions=True)

    def _begin(self, work: Work, before: "asyncio.Task[None] | None") -> "asyncio.Task[None]":
        task = asyncio.create_task(_do(work, before))
        self._all.add(task)
        task.add_done_callback(self._all.discard)
        return task

    def _forget(self, name: str, task: "asyncio.Task[None]") -> None:
        if self._last.get(name) is task:
            del self._last[name]


async def _do(work: Work, before: "asyncio.Task[None] | None") -> None:
    if before is not None:
        await asyncio.wait({before})
    try:
        await work()
    except Exception:
        log.exception("task_failed")
