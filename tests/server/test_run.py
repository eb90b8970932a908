"""The service runs until it is told to stop, and its memory is settled before it answers."""

import gc
import os
import signal
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from venterom.server import run
from venterom.server.config import Settings


def test_what_the_service_has_loaded_is_looked_at_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    @asynccontextmanager
    async def listening(*_: object) -> AsyncGenerator[None]:
        os.kill(os.getpid(), signal.SIGTERM)
        yield
        assert gc.get_freeze_count() > 0

    monkeypatch.setattr(run, "listening", listening)
    assert gc.get_freeze_count() == 0
    try:
        run.run(web.Application(), Settings())
    finally:
        gc.unfreeze()
