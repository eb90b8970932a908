"""Notes that are not signed in time, for the director: whose, and since when. Nothing of what is in
them, or of whom they are about: a director has no business with health."""

from aiohttp import web

from venterom.queue import desk, unsigned
from venterom.web.identity import people
from venterom.web.identity.roles import Role
from venterom.web.keys import IDENTITY_KEYS
from venterom.web.pages import page
from venterom.web.session import signed_in
from venterom.web.work import look


async def show(request: web.Request) -> web.Response:
    """GET /director/unsigned"""
    signed_in(request, Role.DIRECTOR)
    async with look(request.app) as unit:
        notes = unsigned.unsigned(await desk.floor(unit.db, unit.now))
        staff = await people.staff(unit.db, request.app[IDENTITY_KEYS], Role.DOCTOR)
        late = unsigned.overdue(notes, unit.now)
    return page(
        request,
        "director/unsigned.html",
        late=late,
        in_time=len(notes) - sum(len(each.since) for each in late),
        hours=int(unsigned.SIGNED_WITHIN.total_seconds()) // 3600,
        names={each.id: each.name for each in staff},
        now=unit.now,
        here="/director/unsigned",
    )
