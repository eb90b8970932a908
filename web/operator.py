"""The operator's one page: whether the machinery runs. Nothing on it is about anybody."""

from aiohttp import web

from venterom.journal import delivery, epj_line
from venterom.web.identity import authorisations
from venterom.web.identity.roles import Role
from venterom.web.keys import HPR, POPULATION
from venterom.web.pages import page
from venterom.web.session import signed_in
from venterom.web.work import look


async def show(request: web.Request) -> web.Response:
    """GET /operator"""
    signed_in(request, Role.OPERATOR)
    async with look(request.app) as unit:
        waiting = await delivery.pending(unit.db)
        line = await epj_line.load(unit.db)
        answered = await authorisations.last_answered(unit.db)
    return page(
        request,
        "operator/machinery.html",
        waiting=len(waiting),
        oldest=min((each.signed_at for each in waiting), default=None),
        line_lost=line.since,
        answered=answered,
        registers={"hpr": HPR in request.app, "population": POPULATION in request.app},
    )
