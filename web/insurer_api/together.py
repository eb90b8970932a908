"""Questions that come while others are being written are answered in one transaction, in turn.

Each look-up is on disk before it is answered, and that costs more than the look-up itself. And
since one is done after the other, a miss counts before the next question is asked.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from aiohttp import web

from venterom.web.insurer_api.errors import ApiError
from venterom.web.work import Unit, work

MOST = 50  # in one transaction: tens of milliseconds, in which nobody else writes
T = TypeVar("T")
Turn = Callable[[Unit], Awaitable[T]]


@dataclass(slots=True)
class Together:
    """Those who wait for their turn."""

    _waiting: list[tuple[Turn[Any], asyncio.Future[Any]]] = field(default_factory=list)
    _running: asyncio.Task[None] | None = None

    async def do(self, app: web.Application, turn: Turn[T]) -> T:
        """What `turn` gives, when it is on disk. It may refuse (ApiError) before it writes."""
        result: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._waiting.append((turn, result))
        if self._running is None or self._running.done():
            self._running = asyncio.create_task(self._run(app))
        return await result

    async def _run(self, app: web.Application) -> None:
        while self._waiting:
            now, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
            await _write(app, now)


async def _write(
    app: web.Application, turns: Sequence[tuple[Turn[Any], asyncio.Future[Any]]]
) -> None:
    """One transaction. If it fails, each has one of its own: nobody fails for another's fault."""
    try:
        async with work(app) as unit:
            given = [await _refused_or_done(turn, unit) for turn, _ in turns]
    except Exception as fault:
        if len(turns) > 1:
            for each in turns:
                await _write(app, [each])
            return
        given = [fault]
    for (_, result), came in zip(turns, given, strict=True):
        if result.cancelled():
            continue
        if isinstance(came, Exception):
            result.set_exception(came)
        else:
            result.set_result(came)


async def _refused_or_done(turn: Turn[Any], unit: Unit) -> Any:
    try:
        return await turn(unit)
    except ApiError as refused:
        return refused
