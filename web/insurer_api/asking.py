"""What every question has in common: who asks, with which right, how often, how much is read."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

import structlog
from aiohttp import web

from venterom.web.insurer_api import clients, tokens
from venterom.web.insurer_api.errors import NotLetIn, OutOfScope, TooLarge, TooMany
from venterom.web.insurer_api.guard import NONE
from venterom.web.insurer_api.scopes import Scope
from venterom.web.insurer_api.setup import API
from venterom.web.keys import CLOCK
from venterom.web.work import Unit

T = TypeVar("T")
WHOSE = "insurer_of_client"  # in what a session knows
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Caller:
    """A program that asks, and whose it is."""

    client: str
    insurer: str
    unit: Unit


def client_of(request: web.Request, scope: Scope) -> str:
    """The client whose token this is, if it may do this now.

    Raises NotLetIn, OutOfScope, TooMany.
    """
    api, now = request.app[API], request.app[CLOCK]()
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    right = tokens.read(api.token_key, token.strip(), now) if kind.lower() == "bearer" else None
    if right is None:
        raise NotLetIn
    if scope not in right.scopes:
        raise OutOfScope
    if (wait := api.guard.wait(right.client, now)) > NONE:
        raise TooMany(wait=wait)
    return right.client


async def in_turn(request: web.Request, client: str, ask: Callable[[Caller], Awaitable[T]]) -> T:
    """What `ask` gives to this client, when its turn has come.

    Raises NotLetIn if it is registered no more, TooMany if it has missed too often by now.
    """
    api, now = request.app[API], request.app[CLOCK]()

    async def turn(unit: Unit) -> T:
        if (wait := api.guard.shut(client, now)) > NONE:
            raise TooMany(wait=wait)
        return await ask(Caller(client, await whose(unit, client), unit))

    return await api.together.do(request.app, turn)


async def whose(unit: Unit, client: str) -> str:
    """The insurer whose program this is, looked up once for all that is asked in one transaction.
    Raises NotLetIn."""
    known: dict[str, str] = unit.db.info.setdefault(WHOSE, {})
    if client not in known:
        known[client] = await clients.insurer_of(unit.db, client)
    return known[client]


def missed(request: web.Request, client: str, number: str) -> None:
    """Count a miss. When it shuts the client out, the log says so: a person should ask why."""
    guard, now = request.app[API].guard, request.app[CLOCK]()
    if guard.missed(client, number, now):
        log.warning(
            "insurer_client_shut_out", client=client, until=str(now + guard.wait(client, now))
        )


async def body_of(request: web.Request, most: int) -> bytes:
    """The body. Raises TooLarge above so many bytes."""
    if (request.content_length or 0) > most:
        raise TooLarge
    body = await request.read()
    if len(body) > most:
        raise TooLarge
    return body
