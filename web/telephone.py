"""The telephone instead of video: the doctor says so, and the patient reads that it will ring."""

from aiohttp import web

from venterom.journal import chart
from venterom.queue import desk
from venterom.queue.states import State
from venterom.web.forms import read
from venterom.web.identity.roles import Role
from venterom.web.pages import see_other
from venterom.web.room import in_the_room
from venterom.web.session import actor, signed_in
from venterom.web.work import work


async def ring(request: web.Request) -> web.Response:
    """POST /doctor/visit/{visit}/telephone: the doctor rings, and why."""
    who = signed_in(request, Role.DOCTOR)
    visit = request.match_info["visit"]
    why = (await read(request, "why"))["why"]
    async with work(request.app) as unit:
        entry = await in_the_room(unit, who, visit)
        if why not in set(chart.Why):
            raise web.HTTPBadRequest
        rang = await chart.telephone(
            unit.db,
            unit.now,
            visit=visit,
            doctor=actor(who, Role.DOCTOR),
            why=chart.Why(why),
            after_video=entry.state is State.IN_CALL,
        )
        unit.events.append(rang)
    raise see_other(f"/doctor/visit/{visit}")


async def answered(request: web.Request) -> web.Response:
    """POST /doctor/visit/{visit}/telephone/answered: they talk, though nobody came to the room."""
    who = signed_in(request, Role.DOCTOR)
    visit = request.match_info["visit"]
    async with work(request.app) as unit:
        await in_the_room(unit, who, visit)
        if await chart.telephone_of(unit.db, visit) is not None:
            begun = await desk.connect(unit.db, unit.now, visit=visit)
            unit.events.extend([begun] if begun else [])
    raise see_other(f"/doctor/visit/{visit}")
