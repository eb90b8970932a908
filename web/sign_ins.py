"""One's own sign-ins: where one is signed in, since when and with what; one or all others end."""

from aiohttp import web

from venterom.web.forms import read
from venterom.web.identity import sessions
from venterom.web.identity.people import Person
from venterom.web.identity.roles import ROLE_AT
from venterom.web.live import HUB, sign_in_topic
from venterom.web.pages import page, see_other
from venterom.web.session import SESSION, door_of, sign_ins_path, signed_in
from venterom.web.work import look, work

OTHERS = "others"  # what the form says for all but the one that it is sent from


async def show(request: web.Request) -> web.Response:
    """GET …/sign-ins"""
    who = _who(request)
    async with look(request.app) as unit:
        living = await sessions.of_person(unit.db, unit.now, who.id)
    return page(
        request,
        "sign_ins.html",
        sign_ins=living,
        this=request[SESSION].id,
        door=door_of(request.path),
    )


async def end(request: web.Request) -> web.Response:
    """POST …/sign-ins: `which` is a sign-in of one's own, or `others`. Their open pages are sent
    away; one that is over already, or somebody else's, is nothing."""
    who = _who(request)
    which = (await read(request, "which"))["which"]
    async with work(request.app) as unit:
        living = {each.id for each in await sessions.of_person(unit.db, unit.now, who.id)}
        meant = living - {request[SESSION].id} if which == OTHERS else living & {which}
        for session in meant:
            await sessions.revoke(unit.db, unit.now, session)
    request.app[HUB].publish(map(sign_in_topic, meant))
    raise see_other(sign_ins_path(request))


def _who(request: web.Request) -> Person:
    return signed_in(request, ROLE_AT[door_of(request.path)])
