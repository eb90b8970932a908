"""The floor at this moment, for the director: who works, which promises wait, and what comes.

Nothing here says who a patient is, or why somebody came: a director has no business with health.
"""

from dataclasses import dataclass
from typing import Any

from aiohttp import web

from venterom.queue import desk, ladder, promise, staffing
from venterom.queue.hours import start_of_day
from venterom.queue.outlook import Outlook
from venterom.queue.overview import overview
from venterom.web import plots
from venterom.web.identity import people
from venterom.web.identity.roles import Role
from venterom.web.keys import HOURS, IDENTITY_KEYS
from venterom.web.live import FLOOR, sign_in_topic, stream
from venterom.web.pages import page, render
from venterom.web.session import SESSION, is_signed_in, signed_in
from venterom.web.work import look


@dataclass(slots=True)
class Foreseen:
    """The latest outlook; a job makes a new one every few minutes."""

    latest: Outlook | None = None


FORESEEN = web.AppKey[Foreseen]("FORESEEN")


async def now(request: web.Request) -> web.Response:
    """GET /director/now"""
    signed_in(request, Role.DIRECTOR)
    return page(request, "director/now.html", **await _shown(request), here="/director/now")


async def live(request: web.Request) -> web.WebSocketResponse:
    """The same, kept up to date."""
    signed_in(request, Role.DIRECTOR)

    async def part() -> dict[str, str]:
        html = render(request, "director/_now.html", await _shown(request))
        return {"view": "now", "html": html}

    topics = (FLOOR, sign_in_topic(request[SESSION].id))
    return await stream(request, topics, part, beat=lambda: is_signed_in(request))


async def _shown(request: web.Request) -> dict[str, Any]:
    hours, outlook = request.app[HOURS], request.app[FORESEEN].latest
    async with look(request.app) as unit:
        floor = await desk.floor(unit.db, unit.now)
        steps = await ladder.taken_since(unit.db, start_of_day(unit.now))
        staff = await people.staff(unit.db, request.app[IDENTITY_KEYS], Role.DOCTOR)
    chances = promise.chances(floor, hours, unit.now)
    return {
        "floor": overview(floor, chances, steps, unit.now),
        "now": unit.now,
        "names": {doctor.id: doctor.name for doctor in staff},
        "outlook": outlook,
        "plots": drawn(outlook) if outlook else {},
        "target": staffing.TARGET,
    }


def drawn(outlook: Outlook) -> dict[str, plots.Columns | plots.Dots]:
    """The plots of an outlook."""
    return {
        "floor": plots.patients_and_doctors(outlook.hours),
        "promised": plots.promised_ahead(outlook.hours),
    }
