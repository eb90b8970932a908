"""The crowd's process: one robot's trouble is one line, and it lives no longer than its parent."""

import asyncio
import subprocess
import sys
from datetime import date

import pytest
from aiohttp import web

from tests.house import free_port
from venterom.server.demo.crowd.process import Crowd
from venterom.server.demo.people import world

FAST = 3_000.0  # minutes of theirs in one minute
ENDS_WITHIN_S = 20


async def test_robots_in_trouble_say_so_in_one_line_each_and_come_back(
    capfd: pytest.CaptureFixture[str],
) -> None:
    """The service here is a stand-in that shows everybody the same empty page."""
    asked: list[str] = []

    async def empty(request: web.Request) -> web.Response:
        asked.append(request.path)
        return web.Response(text="<p></p>", content_type="text/html")

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", empty)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    people = world(date(2026, 11, 24))
    crowd = Crowd(f"http://127.0.0.1:{runner.addresses[0][1]}", people, 30, FAST)
    life = asyncio.create_task(crowd.live(some_are_here=False))
    async with asyncio.timeout(30):
        # patients at the front door, and the one who comes back; doctors, again and again
        while asked.count("/start") < 1 or asked.count("/doctor/shift") < 2 * len(people.robots):
            await asyncio.sleep(0.01)
    life.cancel()
    await asyncio.gather(life, return_exceptions=True)
    await runner.cleanup()

    lines = capfd.readouterr().err.splitlines()
    names = [doctor.who.name for doctor in people.robots]
    names += [patient.who.name for patient in people.crowd]
    assert all(
        any(line.startswith(f"crowd: {name} goes away for a while: /") for name in names)
        for line in lines
    )
    for doctor in people.robots:
        own = [line for line in lines if doctor.who.name in line]
        assert own[0].endswith("/doctor/shift: nothing asks for until, act")


@pytest.mark.slow
def test_it_ends_when_nobody_is_left_who_could_want_it() -> None:
    command = [sys.executable, "-m", "venterom.server.demo.crowd.process", "--an-hour", "30"]
    command += ["--service", f"http://127.0.0.1:{free_port()}"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        try:
            _, said = process.communicate(timeout=ENDS_WITHIN_S)
        finally:
            process.kill()
        assert (process.returncode, said) == (0, b"")
