"""A web socket that we can end in bounded time, whatever the page at its other end does."""

import asyncio
import contextlib

from aiohttp import web
from aiohttp.abc import AbstractStreamWriter

PART_WITHIN = 5.0  # seconds for the last words and the page's answer; then the wire is cut


class Socket(web.WebSocketResponse):
    """A web socket without compression: a small message must not unpack into a large one."""

    def __init__(
        self,
        *,
        max_bytes: int,
        heartbeat: float | None = None,
        autoping: bool = True,
        part_within: float = PART_WITHIN,
    ) -> None:
        super().__init__(
            compress=False, max_msg_size=max_bytes, heartbeat=heartbeat, autoping=autoping
        )
        self._part_within = part_within
        self._request: web.BaseRequest | None = None

    async def prepare(self, request: web.BaseRequest) -> AbstractStreamWriter:
        """Accept the page."""
        self._request = request
        writer = await super().prepare(request)
        self.headers.clear()  # they have been sent, and a page stays for an hour
        return writer

    @property
    def _exception(self) -> BaseException | None:
        """By what the wire broke. It is not kept: it knows the frames that it went through, and
        they know us, so a page whose network is gone would wait for the collector."""
        return None

    @_exception.setter
    def _exception(self, _: BaseException | None) -> None:
        pass

    async def part(self, code: int) -> None:
        """Close with this code. A page that does not read what it was sent cannot hold us up: the
        wire is cut after a while, with all that still waits on it."""
        asyncio.get_running_loop().call_later(self._part_within, self._cut)
        with contextlib.suppress(ConnectionError):
            await self.close(code=code, drain=False)

    def _cut(self) -> None:
        wire = self._request.transport if self._request is not None else None
        if wire is not None:  # it is none when the page has gone
            wire.abort()
