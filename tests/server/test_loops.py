"""A job is done again and again; one that fails is tried again; all end with the application."""

import asyncio

import pytest
from aiohttp import web
from structlog.testing import capture_logs

from venterom.server.loops import Job, every


async def run(job: Job, until: asyncio.Event) -> None:
    """An application with this job in it, from start to shutdown."""
    app = web.Application()
    app.cleanup_ctx.append(every(0, job))
    runner = web.AppRunner(app)
    await runner.setup()
    await asyncio.wait_for(until.wait(), 30)
    await runner.cleanup()


async def test_a_job_that_fails_is_logged_and_tried_again() -> None:
    tried: list[web.Application] = []
    enough = asyncio.Event()

    async def job(app: web.Application) -> None:
        tried.append(app)
        if len(tried) < 3:
            raise RuntimeError("not yet")
        enough.set()

    with capture_logs() as logs:
        await run(job, enough)
    assert [(log["event"], log["job"], log["log_level"]) for log in logs] == [
        ("job_failed", "job", "error")
    ] * 2
    assert len(tried) >= 3


async def test_shutdown_ends_a_job_and_waits_for_its_end() -> None:
    begun = asyncio.Event()
    ended: list[str] = []

    async def job(app: web.Application) -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)  # a transaction is rolled back
            ended.append("job")

    await run(job, begun)
    assert ended == ["job"]


async def test_a_job_that_never_ends_is_not_begun_twice() -> None:
    begun = asyncio.Event()
    count = 0

    async def job(app: web.Application) -> None:
        nonlocal count
        count += 1
        begun.set()
        await asyncio.Event().wait()

    await run(job, begun)
    assert count == 1


@pytest.mark.parametrize("name", ["watch_promises", "deliver"])
async def test_the_log_names_the_job(name: str) -> None:
    done = asyncio.Event()

    async def job(app: web.Application) -> None:
        done.set()
        raise RuntimeError

    job.__name__ = name
    with capture_logs() as logs:
        await run(job, done)
    assert logs[0]["job"] == name
