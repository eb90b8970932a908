"""How the promises go, for the director: shares, plots and causes; nothing about a person."""

from datetime import time

from aiohttp import web

from venterom.queue import learning, ledger
from venterom.queue.hours import DAY, at, wall
from venterom.queue.promise import Decision
from venterom.queue.report import calibration, report
from venterom.web import plots
from venterom.web.identity.roles import Role
from venterom.web.pages import page
from venterom.web.session import signed_in
from venterom.web.work import look

DAYS = (1, 7, 30)  # what may be looked at; today alone is too few to judge by, and what people ask
USUAL = 7


async def truth(request: web.Request) -> web.Response:
    """GET /director/truth?days=7"""
    signed_in(request, Role.DIRECTOR)
    days = chosen(request.query.get("days", ""))
    async with look(request.app) as unit:
        first = at(wall(unit.now).date() - (days - 1) * DAY, time.min)
        asked = await ledger.asked(unit.db, first, unit.now)
        known = await learning.in_force(unit.db)
    told, bins = report(asked), calibration(asked)
    return page(
        request,
        "director/truth.html",
        days=days,
        choices=DAYS,
        report=told,
        foretold=bins,
        target=plots.TARGET,
        known=known,
        plots={
            "kept": plots.kept_by_hour(told.by_hour, plots.TARGET),
            "foretold": plots.foretold(bins),
            "offered": plots.counted(told.offered, tuple(Decision)),
        },
    )


def chosen(text: str) -> int:
    """How many days were asked for; a week, if that is none of the choices."""
    return next((days for days in DAYS if str(days) == text), USUAL)
