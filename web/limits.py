"""How often somebody may try: by address while we do not know who it is, by person once we do.

Limits are wide for people and narrow for machines that try out numbers or secrets. They are kept
in memory: a restart forgives, which changes nothing for secrets of 256 bits.
"""

from collections import Counter
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler

from venterom.web.address import FORWARDED
from venterom.web.keys import CLOCK, PROXIES
from venterom.web.session import SAFE_METHODS, SESSION, me
from venterom.web.throttle import Throttle

Route = tuple[str, str]  # a method, and an address as `web/routes.py` writes it

MOST = 10_000  # addresses or people that each limit remembers
SOCKETS_EACH = 24  # open web sockets of one sign-in, or of one address without: tabs and devices


@dataclass(frozen=True, slots=True)
class Limit:
    """So many at once, and then one more each time."""

    name: str
    burst: int
    every: timedelta


# A whole office, or a mobile operator's customers, may call from one address.
KNOCKS = Limit("knocks", 120, timedelta(milliseconds=500))
SECRETS = Limit("secrets", 20, timedelta(seconds=3))  # wrong ones; a right one is given back
# A note is saved at each pause in typing.
CHANGES = Limit("changes", 240, timedelta(milliseconds=250))
NUMBERS = Limit("numbers", 40, timedelta(seconds=30))  # where an answer tells whether one exists
CUSTOMERS = Limit("customers", 60, timedelta(seconds=5))  # the same, for a clerk whose work it is
DEAR = Limit("dear", 5, timedelta(minutes=1))  # what takes us seconds to make
MESSAGES = Limit("messages", 3, timedelta(minutes=5))  # what makes a telephone ring

BY_ADDRESS: Mapping[Route, Limit] = {
    ("GET", "/sign-in/{door}"): KNOCKS,
    ("GET", "/sign-in/{door}/back"): KNOCKS,
    ("POST", "/sign-out"): KNOCKS,
    ("POST", "/doctor/sign-out"): KNOCKS,
    ("POST", "/insurer/sign-out"): KNOCKS,
    ("POST", "/director/sign-out"): KNOCKS,
    ("POST", "/operator/sign-out"): KNOCKS,
    ("POST", "/sign-in/{door}/logout"): KNOCKS,
    ("GET", "/guest"): KNOCKS,
    ("GET", "/visit/{visit}/signal"): KNOCKS,
    ("POST", "/visit/{visit}/echo"): KNOCKS,
    ("DELETE", "/visit/{visit}/echo"): KNOCKS,
    ("POST", "/j"): KNOCKS,  # keeps what was brought, and looks at nothing
    ("GET", "/j/open"): SECRETS,
    ("POST", "/g"): SECRETS,
    ("POST", "/paper"): SECRETS,
}
BY_PERSON: Mapping[Route, Limit] = {
    ("POST", "/start/policy"): NUMBERS,
    ("POST", "/mine/{patient}/proxies"): NUMBERS,
    ("POST", "/mine/{patient}/take-out"): DEAR,
    ("POST", "/visit/{visit}/links"): MESSAGES,
    ("POST", "/insurer"): CUSTOMERS,
    ("POST", "/insurer/clerks"): NUMBERS,
}
LIMITS: frozenset[Limit] = frozenset({*BY_ADDRESS.values(), *BY_PERSON.values(), CHANGES})

TRIES = web.AppKey[Mapping[Limit, Throttle]]("TRIES")
SOCKETS = web.AppKey[Counter[str]]("SOCKETS")
TOLD = web.AppKey[set[str]]("TOLD")  # of what the operator is told once
UNNAMED = (
    "Requests come with X-Forwarded-For, and [http] trusted_proxies names no proxy. If one stands"
    " in front, name it: now all callers count as one, and whoever tries too often locks out all."
)

log = structlog.get_logger()


def tries() -> Mapping[Limit, Throttle]:
    """For the application: nobody has tried anything yet."""
    return {limit: Throttle(limit.burst, limit.every, most=MOST) for limit in LIMITS}


def caller(request: web.Request) -> str:
    """The address that somebody calls from; "" for a proxy that does not say for whom it calls."""
    forwarded, proxies = request.headers.getall(FORWARDED, []), request.app[PROXIES]
    if forwarded and not proxies.networks and UNNAMED not in request.app[TOLD]:
        request.app[TOLD].add(UNNAMED)  # once: anybody may write such a line
        log.warning("proxy_not_named", text=UNNAMED)
    return proxies.caller(request.remote or "", forwarded)


def was_right(request: web.Request) -> None:
    """The secret that was tried is one: that is no guess, and counts no more. Whoever knows one is
    given back that try and no other, so it buys no guesses."""
    limit, who = BY_ADDRESS[route(request)], caller(request)
    request.app[TRIES][limit].give_back(who, request.app[CLOCK]())


@web.middleware
async def by_address(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse whoever tries too often from one address."""
    count(request, BY_ADDRESS.get(route(request)), caller(request))
    return await handler(request)


@web.middleware
async def by_person(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse whoever tries too often, or has too many sockets open, wherever it is from."""
    who, session = me(request), request.get(SESSION)
    changes = None if request.method in SAFE_METHODS else CHANGES
    count(request, BY_PERSON.get(route(request), changes), who.id if who else "")
    with _one_socket_more(request, session.id if session else caller(request)):
        return await handler(request)


def count(request: web.Request, limit: Limit | None, who: str) -> None:
    """Count a try. Raises HTTPTooManyRequests."""
    if limit is None or not who:
        return
    throttle, now = request.app[TRIES][limit], request.app[CLOCK]()
    if not throttle.allows(who, now):
        seconds = max(1, round(throttle.wait(who, now).total_seconds()))
        raise web.HTTPTooManyRequests(headers={"Retry-After": str(seconds)})


@contextmanager
def _one_socket_more(request: web.Request, who: str) -> Generator[None]:
    if not who or "Upgrade" not in request.headers:
        yield
        return
    opened = request.app[SOCKETS]
    if opened[who] >= SOCKETS_EACH:
        raise web.HTTPTooManyRequests(headers={"Retry-After": "10"})
    opened[who] += 1
    try:
        yield
    finally:
        opened[who] -= 1
        if not opened[who]:
            del opened[who]


def route(request: web.Request) -> Route:
    """Which address of ours is asked, and how; HEAD is asked like GET, and counts as it does."""
    resource = request.match_info.route.resource
    method = "GET" if request.method == "HEAD" else request.method
    return method, resource.canonical if resource else ""
