"""The links that lead to a visit, in the hands of its patient: a new one, or none any more."""

from aiohttp import web

from venterom.journal.chart import Visit
from venterom.web.forms import read
from venterom.web.identity import door, links
from venterom.web.identity.errors import NotYours
from venterom.web.identity.links import LinkAskedFor
from venterom.web.identity.roles import Role
from venterom.web.pages import page, see_other
from venterom.web.session import signed_in
from venterom.web.work import Unit, look, work

AGAIN, CLOSE = "again", "close"


async def show(request: web.Request) -> web.Response:
    """GET /visit/{visit}/links"""
    async with look(request.app) as unit:
        own = await _own(request, unit)
        leading = await links.of_visit(unit.db, unit.now, own.id)
    return page(request, "visit/links.html", visit=own.id, links=leading)


async def change(request: web.Request) -> web.Response:
    """POST /visit/{visit}/links: `what` is `again`, for a message with a new link, or `close`."""
    what = (await read(request, "what"))["what"]
    async with work(request.app) as unit:
        own = await _own(request, unit)
        if what == AGAIN:
            unit.events.append(LinkAskedFor(own.id))
        elif what == CLOSE:
            await links.close_for_visit(unit.db, own.id)
        else:
            raise web.HTTPBadRequest
    raise see_other(f"/visit/{own.id}/links")


async def _own(request: web.Request, unit: Unit) -> Visit:
    """The patient's own visit, while it is going on: afterwards links lead nowhere. Messages go to
    whoever opened it, so that one gets them who asks for them."""
    who = signed_in(request, Role.PATIENT)
    own = await door.access_visit(unit.db, unit.now, who, request.match_info["visit"])
    if own.closed_at is not None or own.opened_by != who.id:
        raise NotYours
    return own
