"""A job is done again and again; one that fails is tried again; all end with the application, and a
round that is under way is let finish."""

import asyncio

import pytest
from aiohttp import web
from structlog.testing import capture_logs

from venterom.server import loops
from venterom.server.loops import Job, every


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loops, "LAST_ROUND_S", 0.05)


async def run(job: Job, until: asyncio.Event, *others: Job) -> None:
    """An application with these jobs in it, from start to shutdown."""
    app = web.Application()
    app.cleanup_ctx.append(every(*((0, each) for each in (job, *others))))
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


async def test_shutdown_lets_a_round_that_is_under_way_finish() -> None:
    begun = asyncio.Event()
    said: list[str] = []

    async def job(app: web.Application) -> None:
        begun.set()
        try:
            await asyncio.sleep(0.001)  # a statement
            said.append("done")
        except asyncio.CancelledError:
            said.append("broken off")
            raise

    await run(job, begun)
    assert set(said) == {"done"}


async def test_all_are_told_of_the_end_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who waits until another one has been given up is not given up with it."""
    monkeypatch.setattr(loops, "LAST_ROUND_S", 30)
    begun, given_up = asyncio.Event(), asyncio.Event()

    async def first(app: web.Application) -> None:
        begun.set()
        await given_up.wait()

    async def second(app: web.Application) -> None:
        await begun.wait()
        await asyncio.sleep(0.01)
        given_up.set()

    await asyncio.wait_for(run(first, begun, second), 20)


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
