"""The patient blocks a doctor or all, and lifts it; a doctor who must read it breaks the glass."""

from typing import Any

from aiohttp import web

from venterom.journal import blocks, chart, mine
from venterom.journal.access import Purpose
from venterom.journal.blocking import ALL, SHORTEST_REASON, Blocked
from venterom.journal.errors import BadReason, MayNotRead, NothingBlocked
from venterom.web import versions
from venterom.web.forms import Errors, read
from venterom.web.identity import door, people
from venterom.web.identity.errors import NotYours
from venterom.web.identity.people import Person
from venterom.web.identity.roles import Role
from venterom.web.identity.standing import Right
from venterom.web.keys import IDENTITY_KEYS, RECORD_KEYS
from venterom.web.mine import enter, names
from venterom.web.pages import page, see_other
from venterom.web.session import actor, signed_in
from venterom.web.text import N_
from venterom.web.work import Unit, look, work

CHOOSE = N_("Velg hvem du vil sperre for.")
SAY_WHY = N_("Skriv hvorfor du må lese dette nå, med minst 15 tegn.")
MOST_SHOWN = 100  # broken glass on the director's page: months of it
EVERYBODY = "all"  # what the form says for a block on all


async def show(request: web.Request) -> web.Response:
    """GET /mine/{patient}/blocks"""
    return await _page(request, {})


async def block(request: web.Request) -> web.Response:
    """POST /mine/{patient}/blocks: one doctor, or all."""
    chosen = (await read(request, "against"))["against"]
    async with work(request.app) as unit:
        reader = await enter(request, unit, Right.BLOCK)
        doctors = await _doctors(request, unit)
        is_known = chosen == EVERYBODY or chosen in doctors
        if is_known:
            await blocks.block(
                unit.db,
                unit.now,
                patient=reader.patient.id,
                against=ALL if chosen == EVERYBODY else chosen,
                by=reader.actor,
            )
    if not is_known:
        return await _page(request, {"against": CHOOSE})
    raise see_other(f"/mine/{reader.patient.id}/blocks")


async def lift(request: web.Request) -> web.Response:
    """POST /mine/{patient}/blocks/{block}/lift"""
    async with work(request.app) as unit:
        reader = await enter(request, unit, Right.BLOCK)
        block_id, patient = request.match_info["block"], reader.patient.id
        await blocks.lift(unit.db, unit.now, patient=patient, block_id=block_id, by=reader.actor)
    raise see_other(f"/mine/{patient}/blocks")


async def _page(request: web.Request, errors: Errors) -> web.Response:
    async with look(request.app) as unit:
        reader = await enter(request, unit, Right.BLOCK)
        standing = await blocks.standing(unit.db, reader.patient.id)
        doctors = await _doctors(request, unit)
        known = await names(request, unit, {each.against for each in standing})
    taken = {each.against for each in standing}
    return page(
        request,
        "mine/blocks.html",
        **reader.frame,
        blocks=[
            {
                "id": each.id,
                "name": known[each.against].name if each.against in known else "",
                "set_at": each.set_at,
            }
            for each in standing
        ],
        all_blocked=ALL in taken,
        doctors=[(id_, name) for id_, name in doctors.items() if id_ not in taken],
        errors=errors,
        status=422 if errors else 200,
    )


async def _doctors(request: web.Request, unit: Unit) -> dict[str, str]:
    staff = await people.staff(unit.db, request.app[IDENTITY_KEYS], Role.DOCTOR)
    return {doctor.id: doctor.name for doctor in staff}


async def earlier(request: web.Request) -> web.Response:
    """GET /doctor/visit/{visit}/earlier: this patient's earlier notes, or that they are blocked."""
    return await _earlier_page(request, signed_in(request, Role.DOCTOR), "", {})


async def break_glass(request: web.Request) -> web.Response:
    """POST /doctor/visit/{visit}/glass: four hours, for a reason that the patient reads."""
    who, visit = signed_in(request, Role.DOCTOR), request.match_info["visit"]
    reason = (await read(request, "reason"))["reason"]
    try:
        async with work(request.app) as unit:
            await door.access_visit(unit.db, unit.now, who, visit)
            doctor, keys = actor(who, Role.DOCTOR), request.app[RECORD_KEYS]
            await blocks.break_glass(
                unit.db, keys, unit.now, visit=visit, doctor=doctor, reason=reason
            )
    except BadReason:
        return await _earlier_page(request, who, reason, {"reason": SAY_WHY})
    except NothingBlocked:
        pass  # the patient has lifted it meanwhile
    except MayNotRead:
        raise NotYours from None
    raise see_other(f"/doctor/visit/{visit}/earlier")


async def _earlier_page(
    request: web.Request, who: Person, reason: str, errors: Errors
) -> web.Response:
    visit = request.match_info["visit"]
    async with work(request.app) as unit:
        own = await door.access_visit(unit.db, unit.now, who, visit)
        patient = own.patient or ""
        how = await blocks.how_blocked(unit.db, patient, who.id)
        glass = await blocks.is_broken(unit.db, unit.now, patient, who.id)
        read_, kept_back = await _read_all(request, unit, who, patient, visit)
    return page(
        request,
        "doctor/earlier.html",
        visit=visit,
        notes=read_,
        kept_back=kept_back,
        blocked=how is not Blocked.NOT,
        until=glass.until if glass else None,
        shortest=SHORTEST_REASON,
        form={"reason": reason},
        errors=errors,
        status=422 if errors else 200,
        here=f"/doctor/visit/{visit}/earlier",
    )


async def _read_all(
    request: web.Request, unit: Unit, who: Person, patient: str, visit: str
) -> tuple[list[dict[str, Any]], int]:
    """The earlier notes that may be read, newest first, each with a line in the log; and how many
    the patient has blocked."""
    found: list[dict[str, Any]] = []
    kept_back = 0
    for kept in await mine.signed_of(unit.db, patient):
        try:
            written = await chart.read_note(
                unit.db,
                request.app[RECORD_KEYS],
                unit.now,
                reader=actor(who, Role.DOCTOR),
                visit=kept.visit,
                purpose=Purpose.TREATMENT,
            )
        except MayNotRead as refusal:
            kept_back += refusal.detail == "blocked"
            continue
        if kept.visit != visit:
            found.append({"kept": kept, **versions.shown(written)})
    return found, kept_back


async def broken(request: web.Request) -> web.Response:
    """GET /director/glass: who has read what was blocked, and why (pjl § 22)."""
    who = signed_in(request, Role.DIRECTOR)
    async with work(request.app) as unit:
        director, keys = actor(who, Role.DIRECTOR), request.app[RECORD_KEYS]
        found = await blocks.all_broken(unit.db, keys, unit.now, director=director, most=MOST_SHOWN)
        known = await names(request, unit, {glass.doctor for glass, _ in found})
    rows = [
        {
            "doctor": known[glass.doctor].name if glass.doctor in known else "",
            "at": glass.at,
            "until": glass.until,
            "why": why,
        }
        for glass, why in found
    ]
    return page(request, "director/glass.html", rows=rows)
