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


def every(*jobs: tuple[float, Job]) -> Context:
    """A cleanup context that runs each job every so many seconds. One that raises is tried again.

    At the end all have the same moment for their last round: a shutdown is not given long.
    """

    async def context(app: web.Application) -> AsyncGenerator[None]:
        over = asyncio.Event()
        tasks = [
            asyncio.create_task(_repeat(app, seconds, job, over), name=job.__name__)
            for seconds, job in jobs
        ]
        yield
        over.set()
        await asyncio.wait(tasks, timeout=LAST_ROUND_S)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    return context


async def _repeat(app: web.Application, seconds: float, job: Job, over: asyncio.Event) -> None:
    while not over.is_set():
        try:
            await job(app)
        except Exception:
            log.exception("job_failed", job=job.__name__)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(over.wait(), seconds)
