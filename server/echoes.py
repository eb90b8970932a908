"""The door of the echoes: who has a ticket to a visit's room may try the network before the call.

In the manner of WHIP (RFC 9725): an offer is posted with the ticket as bearer token, the answer
comes back; deleting it ends the echo and says what has arrived.
"""

from collections.abc import Awaitable, Callable
from dataclasses import asdict
from datetime import datetime

from aiohttp import web

from venterom.rtc import ticket
from venterom.rtc.errors import (
    BadOffer,
    MediaUnavailable,
    NotAdmitted,
    RoomsFull,
    RtcError,
    TicketError,
    TooFast,
)
from venterom.rtc.offer import MAX_CHARACTERS
from venterom.rtc.seat import Welcome
from venterom.rtc.ticket import Ticket
from venterom.server.media import Media

BEARER = "Bearer "
STATUS: dict[type[RtcError], int] = {
    BadOffer: 400,
    NotAdmitted: 403,
    TooFast: 429,
    RoomsFull: 503,
    MediaUnavailable: 503,
}


class Echoes:
    """Both handlers of /visit/{visit}/echo."""

    def __init__(
        self,
        *,
        media: Media,
        ticket_key: bytes,
        clock: Callable[[], datetime],
        may_enter: Callable[[Ticket], Awaitable[Welcome | None]],
    ) -> None:
        self._media = media
        self._key = ticket_key
        self._clock = clock
        self._may_enter = may_enter

    async def begin(self, request: web.Request) -> web.Response:
        """POST: an offer -> 201 and the answer."""
        try:
            name = await self._admitted(request)
            sdp = await self._media.echo(name, await _offer(request))
        except RtcError as error:
            return _refused(error)
        return web.Response(status=201, text=sdp, content_type="application/sdp")

    async def end(self, request: web.Request) -> web.Response:
        """DELETE: the echo is over -> what has arrived, `{}` when nobody knows."""
        try:
            arrived = await self._media.end_echo(await self._admitted(request))
        except RtcError as error:
            return _refused(error)
        return web.json_response(asdict(arrived) if arrived else {})

    async def _admitted(self, request: web.Request) -> str:
        """The name of this person's echo. Raises TicketError, NotAdmitted."""
        shown = request.headers.get("Authorization", "").removeprefix(BEARER)
        visit = request.match_info["visit"]
        right = ticket.read(shown, self._key, visit=visit, now=self._clock())
        if await self._may_enter(right) is None:
            raise NotAdmitted
        return f"{right.visit}-{right.role}"


async def _offer(request: web.Request) -> str:
    content = await request.read()
    if len(content) > MAX_CHARACTERS or not content.isascii():
        raise BadOffer
    return content.decode("ascii")


def _refused(error: RtcError) -> web.Response:
    status = 403 if isinstance(error, TicketError) else STATUS.get(type(error), 503)
    return web.json_response({"code": error.code}, status=status)
