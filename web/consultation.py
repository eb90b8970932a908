"""The doctor's room: the patient's story, the call, and the note until it is signed."""

from typing import Any

from aiohttp import web

from venterom.journal import chart, delivery, icpc2, minors, note
from venterom.journal.access import Purpose
from venterom.journal.errors import AlreadySigned, BadNote, StaleDraft
from venterom.journal.note import NoteFields, Problem
from venterom.queue import desk, view
from venterom.queue.coverage import insurer
from venterom.queue.floor import Entry
from venterom.queue.states import State
from venterom.web.doctor import sign_of_life
from venterom.web.forms import EMPTY, Errors, read
from venterom.web.identity import door, people
from venterom.web.identity.people import Person
from venterom.web.identity.roles import Role
from venterom.web.keys import IDENTITY_KEYS, RECORD_KEYS, ROOMS
from venterom.web.live import FLOOR, stream, visit_topic
from venterom.web.pages import as_json, page, render, see_other
from venterom.web.room import entrance
from venterom.web.session import actor, practitioner, signed_in
from venterom.web.text import LANGUAGES, N_, seconds, today
from venterom.web.work import Unit, look, work

Context = dict[str, Any]

FIELDS = ("reason", "history", "findings", "assessment", "plan", "icpc2")
PHASES = {
    State.CLAIMED: "calling",
    State.IN_CALL: "in_call",
    State.WRAP: "wrap",
    State.DONE: "signed",
}
PROBLEMS = {
    Problem.EMPTY: EMPTY,
    Problem.TOO_LONG: N_("Dette ble for langt. Kort det ned til 10 000 tegn."),
    Problem.NOT_A_CODE: N_("En kode har en bokstav og to siffer, for eksempel R74."),
}
HANG_UP_FIRST = N_("Legg på før du signerer. Notatet er lagret.")
CHANGED_ELSEWHERE = N_("Notatet er endret i et annet vindu. Se over det før du signerer.")


async def room(request: web.Request) -> web.Response:
    """GET /doctor/visit/{visit}"""
    who = signed_in(request, Role.DOCTOR)
    return await _room_page(request, who, None, {})


async def live(request: web.Request) -> web.WebSocketResponse:
    """The state of the visit and its note; an open room is the doctor's sign of life."""
    who = signed_in(request, Role.DOCTOR)
    visit = request.match_info["visit"]

    async def part() -> dict[str, str]:
        async with look(request.app) as unit:
            entry = await desk.entry(unit.db, visit)
            if entry is None or entry.claimed_by != who.id:
                return {"view": "lost", "html": ""}  # the page loads itself anew, and is sent on
            context = {"visit": visit, "now": unit.now, "care": await _status(unit, entry)}
        html = render(request, "doctor/_delivery.html", context)
        return {"view": "doctor-room", "html": html}

    async with look(request.app) as unit:
        await door.access_visit(unit.db, unit.now, who, visit)
    topics = (FLOOR, visit_topic(visit))
    return await stream(request, topics, part, beat=lambda: sign_of_life(request, who))


async def save_note(request: web.Request) -> web.Response:
    """PUT /doctor/visit/{visit}/note: the draft, over the version that the page has seen."""
    who = signed_in(request, Role.DOCTOR)
    visit = request.match_info["visit"]
    sent = await request.json()
    fields = NoteFields(**{name: str(sent["fields"].get(name, "")) for name in FIELDS})
    try:
        async with work(request.app) as unit:
            await door.access_visit(unit.db, unit.now, who, visit)
            version = await _save(request, unit, who, visit, fields, int(sent["version"]))
    except (StaleDraft, AlreadySigned):
        return as_json({"code": "conflict"}, status=409)
    return as_json({"version": version, "saved_at": seconds(unit.now)})


async def hang_up(request: web.Request) -> web.Response:
    """POST /doctor/visit/{visit}/hang-up: the call ends; the note is still to be signed."""
    who = signed_in(request, Role.DOCTOR)
    visit = request.match_info["visit"]
    async with work(request.app) as unit:
        over = await desk.hang_up(unit.db, unit.now, visit=visit, practitioner=who.id)
        unit.events.append(over)
    await request.app[ROOMS].close_room(visit, "finished")
    raise see_other(f"/doctor/visit/{visit}")


async def no_answer(request: web.Request) -> web.Response:
    """POST /doctor/visit/{visit}/no-answer: the doctor is free, and it is tried again later."""
    who = signed_in(request, Role.DOCTOR)
    visit = request.match_info["visit"]
    async with work(request.app) as unit:
        tried = await desk.no_answer(unit.db, unit.now, visit=visit, practitioner=who.id)
        unit.events.append(tried)
        if tried.again_at is None:
            await chart.close(unit.db, unit.now, visit=visit)
    await request.app[ROOMS].close_room(visit, "no_answer")
    raise see_other("/doctor")


async def sign(request: web.Request) -> web.Response:
    """POST /doctor/visit/{visit}/sign: final, sealed, chained, counted and due to the EPJ."""
    who = signed_in(request, Role.DOCTOR)
    visit = request.match_info["visit"]
    form = await read(request, *FIELDS, "version")
    fields = note.clean(NoteFields(**{name: form[name] for name in FIELDS}))
    try:
        async with work(request.app) as unit:
            await door.access_visit(unit.db, unit.now, who, visit)
            await _save(request, unit, who, visit, fields, int(form["version"] or 0))
            entry = await desk.entry(unit.db, visit)
            if entry is not None and entry.state in {State.CLAIMED, State.IN_CALL}:
                errors: Errors = {"sign": HANG_UP_FIRST}
            else:
                await _sign(request, unit, who, visit)
                errors = {}
    except BadNote as bad:
        errors = {name: PROBLEMS[Problem(problem)] for name, problem in bad.problems.items()}
    except StaleDraft:
        errors = {"sign": CHANGED_ELSEWHERE}
    except AlreadySigned:
        errors = {}
    if errors:
        return await _room_page(request, who, fields, errors)
    raise see_other(f"/doctor/visit/{visit}")


async def _sign(request: web.Request, unit: Unit, who: Person, visit: str) -> None:
    """Note, visit, links and the count of uses end together, or not at all."""
    keys = request.app[RECORD_KEYS]
    author = practitioner(request, who)
    signed = await chart.sign(unit.db, keys, unit.now, visit=visit, author=author)
    finished = await desk.finish(unit.db, unit.now, visit=visit, practitioner=who.id)
    await insurer.record_use(unit.db, today(unit.now), visit=visit)
    await chart.close(unit.db, unit.now, visit=visit)
    unit.events.extend([signed, finished])


async def _save(
    request: web.Request, unit: Unit, who: Person, visit: str, fields: NoteFields, version: int
) -> int:
    return await chart.save_draft(
        unit.db,
        request.app[RECORD_KEYS],
        unit.now,
        visit=visit,
        author=practitioner(request, who),
        fields=fields,
        version=version,
    )


async def _room_page(
    request: web.Request, who: Person, typed: NoteFields | None, errors: Errors
) -> web.Response:
    visit = request.match_info["visit"]
    async with work(request.app) as unit:
        entry = await desk.entry(unit.db, visit)
        if entry is None or entry.claimed_by != who.id:
            raise see_other("/doctor")
        own = await door.access_visit(unit.db, unit.now, who, visit)
        context = await _room(request, unit, who, own, entry)
    if typed is not None:
        context["fields"] = typed
    return page(
        request, "doctor/room.html", **context, errors=errors, status=422 if errors else 200
    )


async def _room(
    request: web.Request, unit: Unit, who: Person, own: chart.Visit, entry: Entry
) -> Context:
    reader, keys = actor(who, Role.DOCTOR), request.app[RECORD_KEYS]
    written = await chart.read_note(
        unit.db, keys, unit.now, reader=reader, visit=own.id, purpose=Purpose.TREATMENT
    )
    known = await people.persons(
        unit.db, request.app[IDENTITY_KEYS], [entry.patient, own.opened_by]
    )
    patient = known[entry.patient]
    page_url = f"/doctor/visit/{own.id}"
    age = minors.age(patient.birth_date, today(unit.now)) if patient.birth_date else 0
    return {
        "visit": own.id,
        "now": unit.now,
        "patient": {"name": patient.name, "age": age},
        "companion": known[own.opened_by].name if own.opened_by != entry.patient else "",
        "story": await _story(request, unit, who, own, entry),
        "fields": written.fields,
        "version": written.version,
        "saved_at": written.saved_at,
        "codes": sorted(icpc2.COMMON.items()),
        "room": {
            **entrance(request, own.id, who.id, Role.DOCTOR, unit.now, leave=page_url),
            "hang_up": f"{page_url}/hang-up",
        },
        "care": await _status(unit, entry),
    }


async def _story(
    request: web.Request, unit: Unit, who: Person, own: chart.Visit, entry: Entry
) -> Context:
    told = await chart.read_story(
        unit.db,
        request.app[RECORD_KEYS],
        unit.now,
        reader=actor(who, Role.DOCTOR),
        visit=own.id,
        purpose=Purpose.TREATMENT,
    )
    check = await insurer.check_of(unit.db, own.id)
    return {
        "reason": told.reason,
        "policy": check.eligibility.answer if check else "unchecked",
        "insurer": check.eligibility.insurer if check else "",
        "consent_at": own.consent_at,
        "language": LANGUAGES.get(own.language, own.language),
        "asked_at": entry.created_at,
        "deadline": entry.deadline,
    }


async def _status(unit: Unit, entry: Entry) -> Context:
    floor = await desk.floor(unit.db, unit.now)
    others = view.for_doctor(floor, unit.now, entry.claimed_by or "")
    sent = await delivery.status(unit.db, entry.visit)
    return {
        "phase": PHASES[entry.state],
        "connected_at": entry.connected_at,
        "signed_at": sent.signed_at if sent else None,
        "delivery": sent.state if sent else "",
        "delivered_at": sent.delivered_at if sent else None,
        "waiting": len(others.waiting),
        "at_risk": others.at_risk,
    }
