"""Whom the doctor has before her: she says so at the start of the call, with one press."""

from aiohttp import web

from venterom.journal import chart, identification
from venterom.queue.states import State
from venterom.web.forms import read
from venterom.web.identity.roles import Role
from venterom.web.pages import see_other
from venterom.web.room import met
from venterom.web.session import actor, signed_in
from venterom.web.work import work

MET = frozenset({State.IN_CALL, State.WRAP})  # before the call nobody was seen; after it she knows


async def identify(request: web.Request) -> web.Response:
    """POST /doctor/visit/{visit}/identity: the patient, the parent alone, or somebody else."""
    who = signed_in(request, Role.DOCTOR)
    visit = request.match_info["visit"]
    seen = (await read(request, "seen"))["seen"]
    async with work(request.app) as unit:
        own, _ = await met(unit, who, visit, MET)
        if seen not in identification.choices(for_child=own.opened_by != own.patient):
            raise web.HTTPBadRequest
        said = await chart.identify(
            unit.db,
            unit.now,
            visit=visit,
            doctor=actor(who, Role.DOCTOR),
            seen=identification.Seen(seen),
        )
        unit.events.append(said)
    raise see_other(f"/doctor/visit/{visit}")
