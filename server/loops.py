"""Jobs that run again and again for as long as the application lives."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Awaitable, Callable

import structlog
from aiohttp import web

Job = Callable[[web.Application], Awaitable[None]]
Context = Callable[[web.Application], AsyncGenerator[None]]

# Seconds for a round that is under way at shutdown: a round that is broken off in the middle of a
# statement leaves its connection in no known state.
LAST_ROUND_S = 2.0

log = structlog.get_logger()


def every(seconds: float, job: Job) -> Context:
    """A cleanup context that runs the job every so often. A job that raises is tried again."""

    async def context(app: web.Application) -> AsyncGenerator[None]:
        over = asyncio.Event()
        task = asyncio.create_task(_repeat(app, seconds, job, over), name=job.__name__)
        yield
        over.set()
        await asyncio.wait({task}, timeout=LAST_ROUND_S)
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task

    return context


async def _repeat(app: web.Application, seconds: float, job: Job, over: asyncio.Event) -> None:
    while not over.is_set():
        try:
            await job(app)
        except Exception:
            log.exception("job_failed", job=job.__name__)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(over.wait(), seconds)
