"""Signing in and out at each of the doors, and the link in a message."""

import structlog
from aiohttp import web

from venterom.journal import jws
from venterom.web import hpr, limits
from venterom.web.forms import read
from venterom.web.identity import ended, links, people, sessions
from venterom.web.identity.browser import Cookie, link_cookie, safe_path, sign_in_cookie
from venterom.web.identity.claims import SignedIn
from venterom.web.identity.devices import device
from venterom.web.identity.errors import IdentityError, LinkForOther, SignInRefused
from venterom.web.identity.oidc import RelyingParty
from venterom.web.identity.people import Person
from venterom.web.identity.roles import ROLE_AT, Door, Role
from venterom.web.keys import (
    CLOCK,
    IDENTITY_KEYS,
    LINK_KEY,
    PUBLIC_URL,
    RELYING_PARTIES,
    SESSIONS,
)
from venterom.web.live import HUB, sign_in_topic
from venterom.web.pages import drop_cookie, page, see_other, set_cookie
from venterom.web.session import SESSION, cookie_of, door_of, signed_in
from venterom.web.work import Unit, work

FRONT = {door: "/" if door is Door.PATIENT else f"/{door}" for door in Door}
LINK_MINUTES = 10

log = structlog.get_logger()


async def start(request: web.Request) -> web.Response:
    """GET /sign-in/{door}: off to the identity provider of this door; with `fresh`, to prove anew
    who one is, though the provider knows it still."""
    door, party = _door(request)
    cookie = sign_in_cookie(request.app[PUBLIC_URL])
    started = await party.start(
        request.app[SESSIONS],
        request.app[CLOCK](),
        return_to=safe_path(request.query.get("to", FRONT[door])),
        fresh="fresh" in request.query,
        browser=request.cookies.get(cookie.name, ""),
    )
    response = see_other(started.url)
    set_cookie(response, cookie, started.browser)
    raise response


async def finish(request: web.Request) -> web.Response:
    """GET /sign-in/{door}/back: what the identity provider says, judged."""
    door, party = _door(request)
    sign_in = sign_in_cookie(request.app[PUBLIC_URL])
    try:
        arrival = await party.finish(
            request.app[SESSIONS],
            request.app[CLOCK](),
            answer=dict(request.query),
            browser=request.cookies.get(sign_in.name, ""),
        )
    except SignInRefused as refused:
        log.warning("sign_in_refused", door=door, reason=refused.reason)
        raise
    await hpr.before_sign_in(request.app, door, arrival.signed_in)
    own = cookie_of(request, door)
    async with work(request.app) as unit:
        person = await _person(request, unit, door, arrival.signed_in)
        session, secret = await sessions.open_session(
            unit.db,
            unit.now,
            person=person.id,
            role=ROLE_AT[door],
            replaces=request.cookies.get(own.name, ""),
            device=device(request.headers.get("User-Agent", "")),
            proved=arrival.signed_in.proved,
        )
        keys = request.app[IDENTITY_KEYS]
        await ended.remember(unit.db, keys, party.provider, session, arrival.signed_in)
    response = see_other(FRONT[door] if arrival.return_to == "/" else arrival.return_to)
    set_cookie(response, own, secret)
    drop_cookie(response, sign_in)
    raise response


async def our_keys(request: web.Request) -> web.Response:
    """GET /sign-in/keys.json: the public key by which identity providers know us."""
    known = {each.provider.kid: each.provider.key for each in request.app[RELYING_PARTIES].values()}
    jwks = {"keys": [jws.public_jwk(key.public_key()) for key in known.values()]}
    return web.json_response(jwks)


async def sign_out(request: web.Request) -> web.Response:
    """POST …/sign-out: here, and at the identity provider where it offers that."""
    session, to = request.get(SESSION), "/"
    if session is not None:
        async with work(request.app) as unit:
            await sessions.revoke(unit.db, unit.now, session.id)
        request.app[HUB].publish([sign_in_topic(session.id)])  # its open pages are sent away
        to = await _leaving(request) or to
    response = see_other(to)
    drop_cookie(response, cookie_of(request, door_of(request.path)))
    raise response


async def logged_out(request: web.Request) -> web.Response:
    """POST /sign-in/{door}/logout: the identity provider itself says that somebody is signed out
    there. Whatever is wrong with that, it hears the same, and nothing about anybody."""
    door, party = _door(request)
    token = (await read(request, "logout_token"))["logout_token"]
    try:
        order = await party.logged_out(token, request.app[CLOCK]())
        async with work(request.app) as unit:
            keys = request.app[IDENTITY_KEYS]
            over = await ended.end(unit.db, keys, party.provider, order, unit.now)
    except IdentityError as refused:
        reason = refused.reason if isinstance(refused, SignInRefused) else type(refused).__name__
        log.warning("logout_refused", door=door, reason=reason)
        return web.json_response({"error": "invalid_request"}, status=400)
    request.app[HUB].publish(map(sign_in_topic, over))  # their open pages are sent away
    log.info("logged_out", door=door, sessions=len(over))
    return web.Response()


async def link_page(request: web.Request) -> web.Response:
    """GET /j: the secret is in the fragment, so nothing of it has come here. Changes nothing."""
    return page(request, "link_open.html")


async def open_link(request: web.Request) -> web.Response:
    """POST /j: keep the secret in this browser, and see to it that its owner is signed in."""
    form = await read(request, "secret")
    response = see_other("/j/open")
    set_cookie(response, _link_cookie(request), form["secret"][:64], max_age=LINK_MINUTES * 60)
    raise response


async def follow_link(request: web.Request) -> web.Response:
    """GET /j/open: on to the visit, for the one person the link was made for."""
    signed_in(request, Role.PATIENT)
    cookie = _link_cookie(request)
    key, token = request.app[LINK_KEY], request.cookies.get(cookie.name, "")
    try:
        async with work(request.app) as unit:
            visit = await links.redeem(
                unit.db, unit.now, key, token=token, session=request[SESSION]
            )
    except LinkForOther:
        async with work(request.app) as unit:
            tried = await links.tried_by_other(unit.db, unit.now, key, token=token)
            unit.events.extend([tried] if tried else [])
        raise
    limits.was_right(request)
    response = see_other(f"/visit/{visit}")
    drop_cookie(response, cookie)
    raise response


async def _leaving(request: web.Request) -> str:
    """Where the provider of this door signs people out; "" when it does not."""
    party = request.app[RELYING_PARTIES].get(door_of(request.path))
    home = f"{request.app[PUBLIC_URL].rstrip('/')}/"
    return await party.leaving(request.app[CLOCK](), home) if party else ""


def _door(request: web.Request) -> tuple[Door, RelyingParty]:
    """The door, and ourselves at its identity provider; an installation need not have them all."""
    for door, party in request.app[RELYING_PARTIES].items():
        if door == request.match_info["door"]:
            return door, party
    raise web.HTTPNotFound


async def _person(request: web.Request, unit: Unit, door: Door, said: SignedIn) -> Person:
    keys = request.app[IDENTITY_KEYS]
    if door is Door.PATIENT:
        return await people.find_or_make_patient(unit.db, keys, unit.now, said)
    return await people.staff_for(unit.db, keys, unit.now, said)


def _link_cookie(request: web.Request) -> Cookie:
    return link_cookie(request.app[PUBLIC_URL])
