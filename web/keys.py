"""What an application is made of, by typed name. `server/app.py` puts the parts in."""

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Any, Protocol

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from venterom.journal.keys import Keys as RecordKeys
from venterom.journal.papers.paper import Kind
from venterom.journal.papers.sheet import Sender
from venterom.queue.coverage.outside import Outward
from venterom.queue.hours import Hours
from venterom.web.address import Proxies
from venterom.web.identity.oidc import RelyingParty
from venterom.web.identity.registers import Hpr, Population
from venterom.web.identity.roles import Door
from venterom.web.identity.sealed import Keys as IdentityKeys


class Rooms(Protocol):
    """What a page may ask of the video rooms."""

    async def close_room(self, visit: str, reason: str) -> None:
        """Everybody is told, and sound and picture end."""

    def let_in(self, visit: str) -> None:
        """The guest at the door sees and hears the others from now on."""

    def show_out(self, visit: str) -> None:
        """The guest is told, and neither sees nor hears anybody any more."""

    def sign_out(self, ended: Collection[str]) -> None:
        """Whoever sits somewhere by one of these sign-ins is told, and sound and picture end."""


# For one seat of one visit, in the form that browsers want: (visit, role, now).
IceServers = Callable[[str, str, datetime], Sequence[dict[str, Any]]]

CLOCK = web.AppKey[Callable[[], datetime]]("CLOCK")
SESSIONS = web.AppKey[async_sessionmaker[AsyncSession]]("SESSIONS")
READING = web.AppKey[async_sessionmaker[AsyncSession]]("READING")
LINE = web.AppKey[AbstractAsyncContextManager[None]](
    "LINE"
)  # where those who write wait their turn
MESSAGES = web.AppKey[bool]("MESSAGES")  # whether what we send reaches people's telephones
DEMONSTRATION = web.AppKey[bool]("DEMONSTRATION")
PROXIES = web.AppKey[Proxies]("PROXIES")  # whose word is taken for where somebody calls from
PUBLIC_URL = web.AppKey[str]("PUBLIC_URL")
OUTWARD = web.AppKey[Outward]("OUTWARD")  # registers that insurers keep themselves
HOURS = web.AppKey[Hours]("HOURS")
RECORD_KEYS = web.AppKey[RecordKeys]("RECORD_KEYS")
IDENTITY_KEYS = web.AppKey[IdentityKeys]("IDENTITY_KEYS")
SENDER = web.AppKey[Sender]("SENDER")  # who papers are from
ELECTRONIC = web.AppKey[frozenset[Kind]]("ELECTRONIC")  # which kinds of papers are sent
CSRF_KEY = web.AppKey[bytes]("CSRF_KEY")
LINK_KEY = web.AppKey[bytes]("LINK_KEY")
TICKET_KEY = web.AppKey[bytes]("TICKET_KEY")
RELYING_PARTIES = web.AppKey[Mapping[Door, RelyingParty]]("RELYING_PARTIES")
HPR = web.AppKey[Hpr]("HPR")  # missing, as the next one: nobody answers
POPULATION = web.AppKey[Population]("POPULATION")
ROOMS = web.AppKey[Rooms]("ROOMS")
ICE = web.AppKey[IceServers]("ICE")
