"""Who cannot wait their turn: a doctor puts a patient first, or back, and sees what it costs."""

from collections.abc import Mapping

from aiohttp import web

from venterom.journal import chart
from venterom.queue import desk, triaging, view
from venterom.queue.errors import NotOnShift, UnknownVisit, WrongState
from venterom.queue.triage import GROUNDS, Ground, Triage, pushed_into_danger
from venterom.web.doctor import known, list_page
from venterom.web.forms import Errors, read
from venterom.web.identity.people import Person
from venterom.web.identity.roles import Role
from venterom.web.keys import HOURS, RECORD_KEYS
from venterom.web.pages import page, see_other
from venterom.web.session import actor, signed_in
from venterom.web.text import N_
from venterom.web.work import work

GONE = N_("Pasienten venter ikke lenger. Her ser du hvordan det står nå.")
NO_GROUND = N_("Velg hvorfor. Det blir stående i loggen.")

WORDS: Mapping[Ground, str] = {
    Ground.WORSE: N_("Blitt verre"),
    Ground.SERIOUS: N_("Kan være alvorlig"),
    Ground.FRAIL: N_("Lite barn, gravid eller svak"),
    Ground.CALM: N_("Haster likevel ikke"),
}


async def ask(request: web.Request) -> web.Response:
    """GET /doctor/visit/{visit}/priority: why, and whose promise it puts in danger."""
    who = signed_in(request, Role.DOCTOR)
    return await _page(request, who, {})


async def change(request: web.Request) -> web.Response:
    """POST /doctor/visit/{visit}/priority: put first with a ground, or back."""
    who = signed_in(request, Role.DOCTOR)
    visit = request.match_info["visit"]
    form = await read(request, "ground")
    ground = next((each for each in Ground if each == form["ground"]), None)
    if ground is None:
        return await _page(request, who, {"ground": NO_GROUND})
    to = next(each for each, grounds in GROUNDS.items() if ground in grounds)
    try:
        async with work(request.app) as unit:
            changed = await triaging.triage(
                unit.db, unit.now, visit=visit, practitioner=who.id, to=to, ground=ground
            )
            if changed.fresh:
                doctor = actor(who, Role.DOCTOR)
                await chart.triaged(unit.db, unit.now, visit=visit, doctor=doctor)
                unit.events.append(changed)
    except (UnknownVisit, WrongState):
        return await list_page(request, who, refusal=GONE)
    except NotOnShift:
        raise see_other("/doctor/shift") from None
    raise see_other("/doctor")


async def _page(request: web.Request, who: Person, errors: Errors) -> web.Response:
    visit = request.match_info["visit"]
    async with work(request.app) as unit:
        floor = await desk.floor(unit.db, unit.now)
        listing = view.for_doctor(floor, unit.now, who.id)
        if listing.shift is None:
            raise see_other("/doctor/shift")
        row = next((each for each in listing.waiting if each.visit == visit), None)
        if row is not None:
            reasons = await chart.summaries(
                unit.db,
                request.app[RECORD_KEYS],
                unit.now,
                reader=actor(who, Role.DOCTOR),
                visits=[visit],
            )
            patient = (await known(request, unit, [row]))[row.patient]
    if row is None:
        return await list_page(request, who, refusal=GONE)
    to = Triage.ORDINARY if row.urgent else Triage.URGENT
    return page(
        request,
        "doctor/priority.html",
        row=row,
        patient=patient,
        reason=reasons.get(visit, ""),
        grounds=[(ground, WORDS[ground]) for ground in GROUNDS[to]],
        endangered=len(pushed_into_danger(floor, request.app[HOURS], unit.now, visit, to)),
        errors=errors,
        here=f"/doctor/visit/{visit}/priority",
        status=422 if errors else 200,
    )
