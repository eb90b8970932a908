"""Jobs that run again and again for as long as the application lives."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Awaitable, Callable

import structlog
from aiohttp import web

Job = Callable[[web.Application], Awaitable[None]]
Context = Callable[[web.Application], AsyncGenerator[None]]

log = structlog.get_logger()


def every(seconds: float, job: Job) -> Context:
    """A cleanup context that runs the job every so often. A job that raises is tried again."""

    async def context(app: web.Application) -> AsyncGenerator[None]:
        task = asyncio.create_task(_repeat(app, seconds, job), name=job.__name__)
        yield
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task

    return context


async def _repeat(app: web.Application, seconds: float, job: Job) -> None:
    while True:
        try:
            await job(app)
        except Exception:
            log.exception("job_failed", job=job.__name__)
        await asyncio.sleep(seconds)
