"""Somebody more in the call: the doctor asks, the guest opens a link, the doctor opens the door."""

from datetime import datetime

from aiohttp import web

from venterom.journal.chart import Visit
from venterom.queue import desk
from venterom.queue.states import OPEN
from venterom.rtc import ticket
from venterom.web import limits
from venterom.web.forms import read
from venterom.web.identity import companions, invitations, people
from venterom.web.identity.browser import guest_cookie
from venterom.web.identity.companions import GuestKind
from venterom.web.identity.errors import BadName, InvitationOver
from venterom.web.identity.invitations import Invitation
from venterom.web.identity.roles import Role
from venterom.web.keys import IDENTITY_KEYS, LINK_KEY, PUBLIC_URL, ROOMS
from venterom.web.pages import page, see_other, set_cookie
from venterom.web.room import entrance, in_the_room, met
from venterom.web.session import signed_in
from venterom.web.text import today
from venterom.web.work import Unit, look, work


async def invite(request: web.Request) -> web.Response:
    """POST /doctor/visit/{visit}/guest: `kind`, `name` and `own_yes` -> 201 and `{"link": …}`.

    The link is shown once and stored nowhere; 422 for a name that is none, 409 when the patient has
    to be asked first.
    """
    who, visit = signed_in(request, Role.DOCTOR), request.match_info["visit"]
    form = await read(request, "kind", "name", "own_yes")
    own_yes = bool(form["own_yes"])
    async with work(request.app) as unit:
        own, _ = await met(unit, who, visit)
        asked = patient_is_asked(own, unit.now)
        try:
            kind = GuestKind(form["kind"])
            if not companions.may_come(kind, asked=asked, own_yes=own_yes):
                raise web.HTTPConflict
            token = await invitations.invite(
                unit.db,
                request.app[IDENTITY_KEYS],
                request.app[LINK_KEY],
                unit.now,
                visit=visit,
                by=who.id,
                kind=kind,
                name=form["name"],
                own_yes=own_yes,
            )
        except (BadName, ValueError):
            return web.Response(status=422)
    request.app[ROOMS].show_out(visit)
    return web.json_response({"link": f"{request.app[PUBLIC_URL]}/g#{token}"}, status=201)


async def let_in(request: web.Request) -> web.Response:
    """POST /doctor/visit/{visit}/guest/let-in: whoever is at the door comes in."""
    who, visit = signed_in(request, Role.DOCTOR), request.match_info["visit"]
    async with work(request.app) as unit:
        own, _ = await met(unit, who, visit)
        keys, asked = request.app[IDENTITY_KEYS], patient_is_asked(own, unit.now)
        guest = await invitations.at_the_door(unit.db, keys, unit.now, visit=visit)
        if not companions.may_come(guest.kind, asked=asked, own_yes=guest.own_yes):
            raise web.HTTPConflict
        await invitations.let_in(unit.db, unit.now, visit=visit)
    request.app[ROOMS].let_in(visit)
    return web.Response(status=204)


async def show_out(request: web.Request) -> web.Response:
    """POST /doctor/visit/{visit}/guest/out: the guest goes, and cannot come back by this link."""
    who, visit = signed_in(request, Role.DOCTOR), request.match_info["visit"]
    async with work(request.app) as unit:
        await in_the_room(unit, who, visit)
        await invitations.end(unit.db, unit.now, visit=visit)
    request.app[ROOMS].show_out(visit)
    return web.Response(status=204)


async def link_page(request: web.Request) -> web.Response:
    """GET /g: the secret is in the fragment, so nothing of it has come here. Changes nothing."""
    return page(request, "guest/link.html")


async def open_link(request: web.Request) -> web.Response:
    """POST /g: the link belongs to this browser from now on."""
    form = await read(request, "secret")
    cookie = guest_cookie(request.app[PUBLIC_URL])
    async with work(request.app) as unit:
        kept = await invitations.redeem(
            unit.db,
            request.app[LINK_KEY],
            unit.now,
            token=form["secret"],
            browser=request.cookies.get(cookie.name, ""),
        )
    limits.was_right(request)
    response = see_other("/guest")
    set_cookie(response, cookie, kept)
    raise response


async def room(request: web.Request) -> web.Response:
    """GET /guest: camera and sound, then the door. Nothing of the patient is on this page."""
    async with look(request.app) as unit:
        guest = await _guest(request, unit)
        entry = await desk.entry(unit.db, guest.visit)
        if entry is None or entry.state not in OPEN:
            raise InvitationOver
        doctor = await people.person(unit.db, request.app[IDENTITY_KEYS], guest.invited_by)
        now = unit.now
    return page(
        request,
        "guest/room.html",
        doctor=doctor.name,
        guest={"name": guest.name, "kind": guest.kind},
        room=entrance(request, guest.visit, guest.id, ticket.Role.GUEST, now, leave="/guest"),
    )


def patient_is_asked(own: Visit, now: datetime) -> bool:
    """Whether the patient decides who of the family is in this call."""
    alone = own.opened_by == own.patient
    return companions.is_asked(own.birth_date, today(now), alone=alone)


async def _guest(request: web.Request, unit: Unit) -> Invitation:
    kept = request.cookies.get(guest_cookie(request.app[PUBLIC_URL]).name, "")
    keys, link_key = request.app[IDENTITY_KEYS], request.app[LINK_KEY]
    return await invitations.of_browser(unit.db, keys, link_key, unit.now, browser=kept)
