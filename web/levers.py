"""The director's levers: what the service does so that more can be promised, and what it costs."""

from aiohttp import web

from venterom.queue import choices
from venterom.queue.levers import Levers
from venterom.web.forms import read
from venterom.web.identity import people
from venterom.web.identity.roles import Role
from venterom.web.keys import IDENTITY_KEYS
from venterom.web.pages import page, see_other
from venterom.web.session import signed_in
from venterom.web.work import look, work


async def show(request: web.Request) -> web.Response:
    """GET /director/levers: what is on, and who chose it."""
    signed_in(request, Role.DIRECTOR)
    async with look(request.app) as unit:
        choice = await choices.current(unit.db)
        staff = await people.staff(unit.db, request.app[IDENTITY_KEYS], Role.DIRECTOR)
    names = {each.id: each.name for each in staff}
    return page(
        request,
        "director/levers.html",
        choice=choice,
        by=names.get(choice.by, ""),
        here="/director/levers",
    )


async def choose(request: web.Request) -> web.Response:
    """POST /director/levers: from the next decision on."""
    who = signed_in(request, Role.DIRECTOR)
    form = await read(request, "defers", "plans", "leans")
    levers = Levers(
        defers=bool(form["defers"]), plans=bool(form["plans"]), leans=bool(form["leans"])
    )
    async with work(request.app) as unit:
        chosen = await choices.choose(unit.db, unit.now, levers, by=who.id)
        unit.events.extend([chosen] if chosen.fresh else [])
    raise see_other("/director/levers")
