"""The doctor's room: the patient's story, the call, and what is to be written of it."""

from typing import Any

from aiohttp import web

from venterom.journal import chart, coding, delivery, minors
from venterom.journal.access import Purpose
from venterom.journal.errors import MayNotRead
from venterom.journal.note import NEEDED, NoteFields
from venterom.journal.papers import issuing
from venterom.queue import deferrals, desk, view
from venterom.queue.coverage import insurer
from venterom.queue.errors import NotYours
from venterom.queue.floor import Entry
from venterom.queue.order import try_again_after
from venterom.queue.states import State
from venterom.rtc import figures
from venterom.web import kin, measured, phrases
from venterom.web.doctor import list_page, sign_of_life
from venterom.web.forms import Errors
from venterom.web.guest import patient_is_asked
from venterom.web.identity import door, links, people
from venterom.web.identity import errors as identity
from venterom.web.identity.people import Person
from venterom.web.identity.roles import Role
from venterom.web.keys import IDENTITY_KEYS, RECORD_KEYS, ROOMS
from venterom.web.live import FLOOR, RELOAD, sign_in_topic, stream, visit_topic
from venterom.web.pages import page, render, see_other
from venterom.web.room import entrance
from venterom.web.session import SESSION, actor, signed_in
from venterom.web.text import LANGUAGES, N_, today
from venterom.web.work import Unit, look, work

Context = dict[str, Any]

PHASES = {
    State.CLAIMED: "calling",
    State.IN_CALL: "in_call",
    State.WRAP: "wrap",
    State.DONE: "signed",
}
TAKEN_OVER = N_("Pasienten er ikke hos deg lenger. En annen lege har tatt over.")
NOT_WITH_YOU = {
    State.WAITING: N_("Pasienten er ikke hos deg lenger. Plassen i køen og tiden er de samme."),
    State.CLAIMED: TAKEN_OVER,
    State.IN_CALL: TAKEN_OVER,
    State.WRAP: TAKEN_OVER,
    State.DONE: TAKEN_OVER,
    State.CANCELLED: N_("Pasienten er ikke hos deg lenger. Timen er avbrutt."),
    State.NO_ANSWER: N_("Pasienten er ikke hos deg lenger. Ingen svarte da vi prøvde sist."),
    State.UNSERVED: N_("Pasienten er ikke hos deg lenger. Vi stengte før en lege ble ledig."),
}


async def room(request: web.Request) -> web.Response:
    """GET /doctor/visit/{visit}"""
    who = signed_in(request, Role.DOCTOR)
    return await room_page(request, who, None, {})


async def live(request: web.Request) -> web.WebSocketResponse:
    """The state of the visit and its note; an open room is the doctor's sign of life."""
    who = signed_in(request, Role.DOCTOR)
    visit = request.match_info["visit"]

    async def part() -> dict[str, str]:
        async with look(request.app) as unit:
            entry = await desk.entry(unit.db, visit)
            if entry is None or not _is_with(who, entry):
                return RELOAD
            care = await _status(unit, entry, *await _who_comes(request, unit, entry))
            context = {"visit": visit, "now": unit.now, "care": care}
        html = render(request, "doctor/_delivery.html", context)
        return {"view": "doctor-room", "html": html}

    async with look(request.app) as unit:
        await door.access_visit(unit.db, unit.now, who, visit)
    topics = (FLOOR, visit_topic(visit), sign_in_topic(request[SESSION].id))
    return await stream(request, topics, part, beat=lambda: sign_of_life(request, who))


async def hang_up(request: web.Request) -> web.Response:
    """POST /doctor/visit/{visit}/hang-up: the call ends; the note is still to be signed."""
    who = signed_in(request, Role.DOCTOR)
    visit = request.match_info["visit"]
    try:
        async with work(request.app) as unit:
            await door.access_visit(unit.db, unit.now, who, visit)
            over = await desk.hang_up(unit.db, unit.now, visit=visit, practitioner=who.id)
            unit.events.append(over)
    except NotYours:
        return await room_page(request, who, None, {})
    await request.app[ROOMS].close_room(visit, "finished")
    raise see_other(f"/doctor/visit/{visit}")


async def no_answer(request: web.Request) -> web.Response:
    """POST /doctor/visit/{visit}/no-answer: the doctor is free, and it is tried again later."""
    who = signed_in(request, Role.DOCTOR)
    visit = request.match_info["visit"]
    try:
        async with work(request.app) as unit:
            await door.access_visit(unit.db, unit.now, who, visit)
            tried = await desk.no_answer(unit.db, unit.now, visit=visit, practitioner=who.id)
            unit.events.append(tried)
            if tried.again_at is None:
                await chart.close(unit.db, unit.now, visit=visit)
                await links.close_for_visit(unit.db, visit)
    except NotYours:
        return await room_page(request, who, None, {})
    await request.app[ROOMS].close_room(visit, "no_answer")
    raise see_other("/doctor")


async def write_first(request: web.Request) -> web.Response:
    """POST /doctor/visit/{visit}/write-first: the doctor does not put this note off."""
    who = signed_in(request, Role.DOCTOR)
    visit = request.match_info["visit"]
    async with work(request.app) as unit:
        await door.access_visit(unit.db, unit.now, who, visit)
        refused = await deferrals.refuse(unit.db, unit.now, visit=visit, practitioner=who.id)
        unit.events.extend([refused] if refused else [])
    raise see_other(f"/doctor/visit/{visit}")


async def room_page(
    request: web.Request, who: Person, typed: NoteFields | None, errors: Errors
) -> web.Response:
    """The room with the note as it is stored, or as it was typed when that could not be signed.

    Whoever has lost the patient is told where the patient is, on the list.
    """
    visit = request.match_info["visit"]
    async with work(request.app) as unit:
        own, entry = await _known(unit, who, visit)
        is_here = _is_with(who, entry)
        try:
            context = await _room(request, unit, who, own, entry) if is_here else {}
        except MayNotRead:  # the patient has blocked this doctor: there it is said
            raise see_other(f"/doctor/visit/{visit}/earlier") from None
    if not is_here:
        return await list_page(request, who, refusal=NOT_WITH_YOU[entry.state])
    stored = context["fields"]
    return page(
        request,
        "doctor/room.html",
        **{**context, "fields": typed or stored},
        stored=stored if typed not in (None, stored) and stored != NoteFields() else None,
        errors=errors,
        here=f"/doctor/visit/{visit}",
        status=422 if errors else 200,
    )


async def _known(unit: Unit, who: Person, visit: str) -> tuple[chart.Visit, Entry]:
    """A visit that is with this doctor, or was. All others lead to the list, and say nothing."""
    try:
        own = await door.access_visit(unit.db, unit.now, who, visit)
    except identity.NotYours:
        raise see_other("/doctor") from None
    entry = await desk.entry(unit.db, visit)
    assert entry is not None, "a doctor comes to a visit by its place in the waiting room"
    return own, entry


def _is_with(who: Person, entry: Entry) -> bool:
    return entry.claimed_by == who.id and entry.state in PHASES


async def _room(
    request: web.Request, unit: Unit, who: Person, own: chart.Visit, entry: Entry
) -> Context:
    reader, keys = actor(who, Role.DOCTOR), request.app[RECORD_KEYS]
    written = await chart.read_note(
        unit.db, keys, unit.now, reader=reader, visit=own.id, purpose=Purpose.TREATMENT
    )
    patient, companion = await _who_comes(request, unit, entry)
    page_url = f"/doctor/visit/{own.id}"
    call = await measured.last_call(unit.db, own.id)
    age = minors.age(patient.birth_date, today(unit.now)) if patient.birth_date else 0
    return {
        "visit": own.id,
        "now": unit.now,
        "patient": {"name": patient.name, "age": age},
        "companion": companion,
        "asked_first": patient_is_asked(own, unit.now),
        "confirmed": await kin.is_confirmed(unit, own.opened_by, entry.patient),
        "story": await _story(request, unit, who, own, entry),
        "fields": written.fields,
        "protection": written.protection,
        "account": written.account,
        "elsewhere": written.elsewhere,
        "version": written.version,
        "needed": NEEDED,
        "saved_at": written.saved_at,
        "phrases": await phrases.for_note(unit, who, age),
        "term": written.term or await coding.term_of(unit.db, written.fields.icpc2) or "",
        "room": {
            **entrance(request, own.id, who.id, Role.DOCTOR, unit.now, leave=page_url),
            "hang_up": f"{page_url}/hang-up",
            "protection": f"{page_url}/protection",
            "guest": f"{page_url}/guest",
        },
        "care": await _status(unit, entry, patient, companion),
        "check": (await measured.checks_of(unit.db, [own.id])).get(own.id),
        "call": call,
        "call_verdict": figures.verdict(call),
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


async def _who_comes(request: web.Request, unit: Unit, entry: Entry) -> tuple[Person, str]:
    """The patient, and the name of the parent who is with a child, or none."""
    opened_by, _ = await chart.who_comes(unit.db, entry.visit)
    ids = [entry.patient, opened_by]
    known = await people.persons(unit.db, request.app[IDENTITY_KEYS], ids)
    return known[entry.patient], known[opened_by].name if opened_by != entry.patient else ""


async def _status(unit: Unit, entry: Entry, patient: Person, companion: str) -> Context:
    floor = await desk.floor(unit.db, unit.now)
    others = view.for_doctor(floor, unit.now, entry.claimed_by or "")
    sent = await delivery.status(unit.db, entry.visit)
    asked = {each.visit for each in floor.deferrals if each.waits_for_answer}
    return {
        "phase": PHASES[entry.state],
        "again_in": try_again_after(entry.attempts + 1),
        "connected_at": entry.connected_at,
        "signed_at": sent.signed_at if sent else None,
        "delivery": sent.state if sent else "",
        "delivered_at": sent.delivered_at if sent else None,
        "waiting": len(others.waiting),
        "at_risk": others.at_risk,
        "asked": entry.visit in asked,
        "whom": {"name": patient.name, "born": patient.birth_date, "companion": companion},
        "identified": await chart.identification_of(unit.db, entry.visit, entry.claimed_by or ""),
        "telephone": await chart.telephone_of(unit.db, entry.visit),
        "pictures": await chart.pictures(unit.db, entry.visit),
        "papers": await issuing.count(unit.db, entry.visit),
    }
