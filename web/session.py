"""Who is asking: the sign-in behind a request, and the token that its forms carry.

A browser may hold one sign-in for each door at once, so that somebody who is both doctor and
patient is never taken for the other. The address says which door a page lies behind.
"""

import re

from aiohttp import web
from aiohttp.typedefs import Handler
from yarl import URL

from venterom.journal.access import Actor, Practitioner
from venterom.web.forms import posted
from venterom.web.identity import csrf, people, sessions
from venterom.web.identity.browser import Cookie, session_cookie
from venterom.web.identity.devices import device
from venterom.web.identity.lives import TOUCH, TOUCH_OPEN, Session, is_due
from venterom.web.identity.people import Person
from venterom.web.identity.roles import ROLE_AT, Door, Role
from venterom.web.keys import CLOCK, CSRF_KEY, IDENTITY_KEYS, PUBLIC_URL
from venterom.web.text import today
from venterom.web.work import Unit, look, work

SESSION = web.RequestKey[Session]("SESSION")
ME = web.RequestKey[Person]("ME")
SAFE_METHODS = frozenset({"GET", "HEAD"})  # they change nothing that matters
CSRF_HEADER = "X-CSRF-Token"
STAFF_DOORS = "|".join(door for door in Door if door is not Door.PATIENT)
BEHIND = re.compile(f"(?:/live|/sign-in)?/({STAFF_DOORS})(?:/|$)")
# Where other programs post to, and show in what they send who they are: no cookie of a browser has
# a say there, so no page of another site can use one.
BY_PROGRAMS = re.compile(r"/sign-in/[a-z]+/logout|/insurer/v1/.+")
# Where one sees one's own sign-ins, at each door.
SIGN_INS = {door: "/sign-ins" if door is Door.PATIENT else f"/{door}/sign-ins" for door in Door}
NOBODY = ""  # the session that forms of people who are not signed in are bound to


def door_of(path: str) -> Door:
    """The door that an address lies behind: /doctor/…, /insurer/…, and all else is patients'."""
    behind = BEHIND.match(path)
    return Door(behind[1]) if behind else Door.PATIENT


def cookie_of(request: web.Request, door: Door) -> Cookie:
    """The cookie of one door's sign-in."""
    return session_cookie(request.app[PUBLIC_URL], door)


def me(request: web.Request) -> Person | None:
    """Whoever is signed in at this page's door."""
    return request.get(ME)


def signed_in(request: web.Request, role: Role) -> Person:
    """The same, in this role; whoever is not is sent to sign in, and comes back here."""
    session = request.get(SESSION)
    if session is None or session.role is not role:
        door = next(door for door, opens in ROLE_AT.items() if opens is role)
        back = request.path if request.method in SAFE_METHODS else "/"
        raise web.HTTPSeeOther(URL(f"/sign-in/{door}").with_query(to=back))
    return request[ME]


async def is_signed_in(request: web.Request) -> bool:
    """The sign of life of an open page: whether whoever opened it is signed in still."""
    async with look(request.app) as unit:
        session = await _find(request, unit)
    if session is not None:
        request[SESSION] = session
        await _touch(request, session)
    return session is not None


def actor(who: Person, role: Role) -> Actor:
    """Somebody who acts on the record."""
    return Actor(who.id, role, who.name)


def practitioner(request: web.Request, who: Person) -> Practitioner:
    """A doctor who writes and signs. The sign-in shows the doctor's will."""
    return Practitioner(who.id, who.name, who.hpr_number or "", request[SESSION].id)


def sign_out_path(request: web.Request) -> str:
    """Where this page's sign-in is ended."""
    door = door_of(request.path)
    return "/sign-out" if door is Door.PATIENT else f"/{door}/sign-out"


def sign_ins_path(request: web.Request) -> str:
    """Where whoever is signed in at this page's door sees where else."""
    return SIGN_INS[door_of(request.path)]


def csrf_token(request: web.Request) -> str:
    """What a form of this reader must carry."""
    session = request.get(SESSION)
    return csrf.token(request.app[CSRF_KEY], session.id if session else NOBODY)


def drawer_token(request: web.Request, path: str) -> str:
    """Under which whoever is signed in keeps what was typed on the page at this path."""
    day = today(request.app[CLOCK]())
    return csrf.drawer_token(request.app[CSRF_KEY], request[ME].id, path, day)


@web.middleware
async def sessions_middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Find the sign-in, and refuse a form that another site made. A program has none of both."""
    if BY_PROGRAMS.fullmatch(request.path):
        return await handler(request)
    if _secret(request):
        await _recognise(request)
    if request.method not in SAFE_METHODS:
        await _check_form(request)
    return await handler(request)


async def _recognise(request: web.Request) -> None:
    async with look(request.app) as unit:
        session = await _find(request, unit)
        if session is None:
            return
        request[SESSION] = session
        request[ME] = await people.person(unit.db, request.app[IDENTITY_KEYS], session.person)
    await _touch(request, session)


async def _find(request: web.Request, unit: Unit) -> Session | None:
    """The sign-in of the browser's cookie. In another kind of browser, or on another kind of
    machine, than it was made for, a cookie has been carried there, and opens nothing."""
    session = await sessions.find(unit.db, unit.now, _secret(request))
    here = device(request.headers.get("User-Agent", ""))
    return session if session is not None and session.device == here else None


def _secret(request: web.Request) -> str:
    return request.cookies.get(cookie_of(request, door_of(request.path)).name, "")


async def _touch(request: web.Request, session: Session) -> None:
    """Write down that the sign-in is in use, for the time limits; an open page counts as use."""
    every = TOUCH_OPEN if "Upgrade" in request.headers else TOUCH
    if is_due(session, request.app[CLOCK](), every):
        async with work(request.app) as unit:
            await sessions.touch(unit.db, unit.now, session)


async def _check_form(request: web.Request) -> None:
    shown = request.headers.get(CSRF_HEADER)
    if shown is None:
        shown = str((await posted(request)).get("csrf", ""))
    session = request.get(SESSION)
    if not csrf.fits(request.app[CSRF_KEY], session.id if session else NOBODY, shown):
        raise web.HTTPForbidden
