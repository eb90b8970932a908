"""The patient's technical test: what it takes to make one, and what has come of it."""

from datetime import datetime
from typing import Any

from aiohttp import web

from venterom.queue import desk
from venterom.queue.states import OPEN
from venterom.rtc import tested
from venterom.rtc.errors import BadFigures
from venterom.web import measured
from venterom.web.forms import read_json
from venterom.web.identity import door
from venterom.web.identity.people import Person
from venterom.web.identity.roles import Role
from venterom.web.pages import as_json, render
from venterom.web.room import entrance
from venterom.web.session import signed_in
from venterom.web.work import Unit, look, work


def trial(request: web.Request, visit: str, who: Person, now: datetime) -> dict[str, Any]:
    """For technical.js: where the echo is, the ticket to it, and where the outcome is kept."""
    room = entrance(request, visit, who.id, Role.PATIENT, now, leave="")
    return {
        "ticket": room["ticket"],
        "ice": room["ice"],
        "echo": f"/visit/{visit}/echo",
        "check": f"/visit/{visit}/check",
    }


async def latest(unit: Unit, visit: str) -> measured.Check | None:
    """The latest test of this visit."""
    return (await measured.checks_of(unit.db, [visit])).get(visit)


async def keep(request: web.Request) -> web.Response:
    """PUT /visit/{visit}/check: the outcome of a test -> the verdict, and what to do, in words."""
    who = signed_in(request, Role.PATIENT)
    async with look(request.app) as unit:  # whose visit it is comes before what is said of it
        own = await door.access_visit(unit.db, unit.now, who, request.match_info["visit"])
    try:
        outcome = tested.read(await read_json(request))
    except BadFigures:
        raise web.HTTPBadRequest from None
    async with work(request.app) as unit:
        entry = await desk.entry(unit.db, own.id)
        if entry is None or entry.state not in OPEN:
            raise web.HTTPConflict  # there is no call to come
        await measured.keep_check(unit.db, unit.now, visit=own.id, tested=outcome)
        check = await latest(unit, own.id)
    html = render(request, "visit/_tested.html", {"check": check})
    return as_json({"verdict": outcome.judgement.verdict, "html": html})
