"""The patient's visit from promise to last word: the waiting room, the room, and afterwards."""

from collections.abc import Hashable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from aiohttp import web

from venterom.journal import chart, delivery
from venterom.journal.errors import ConsentMissing, MayNotRead
from venterom.queue import desk, ledger, view
from venterom.queue.hours import next_opening
from venterom.queue.states import State
from venterom.queue.view import PatientView, Stage
from venterom.web import board, papers, picture, technical
from venterom.web.identity import door, links, people
from venterom.web.identity.lives import alive
from venterom.web.identity.people import Person
from venterom.web.identity.roles import Role
from venterom.web.keys import HOURS, IDENTITY_KEYS, RECORD_KEYS, ROOMS
from venterom.web.live import FLOOR, Seen, as_text, sign_in_topic, stream, visit_topic
from venterom.web.pages import fragment, language, page, render, see_other
from venterom.web.room import entrance
from venterom.web.session import SESSION, actor, is_signed_in, signed_in
from venterom.web.text import N_, translations
from venterom.web.work import Unit, look, work

WAITING = frozenset({Stage.WAITING, Stage.DOCTOR_COMING, Stage.IN_CALL})
WITH_DOCTOR = frozenset({Stage.DOCTOR_COMING, Stage.IN_CALL})

Context = dict[str, Any]


async def visit(request: web.Request) -> web.Response:
    """GET /visit/{visit}: whichever page the visit has come to."""
    who = signed_in(request, Role.PATIENT)
    name, context = await _state(request, who)
    if name == "waiting":
        async with look(request.app) as unit:
            context["check"] = await technical.latest(unit, context["view"].visit)
    return page(request, f"visit/{name}.html", **context)


async def live(request: web.Request) -> web.WebSocketResponse:
    """The live part of the same page."""
    who, own = signed_in(request, Role.PATIENT), request.match_info["visit"]
    decided: chart.Outcome | None = None  # read once: the log is of people, not of sockets

    async def part() -> dict[str, str]:
        nonlocal decided
        name, context = await _state(request, who, decided)
        decided = context.get("decided")
        return _part(request, name, context)

    async def glance() -> Seen | None:
        seen, now = await board.glance(request.app, own)
        if seen is None or not alive(request[SESSION], now):
            return None
        return _shown(request, seen, now)

    await _check(request, who, own, waits=await glance() is not None)
    topics = (FLOOR, visit_topic(own), sign_in_topic(request[SESSION].id))
    beat = partial(is_signed_in, request)
    return await stream(request, topics, part, beat=beat, glance=glance)


async def _check(request: web.Request, who: Person, own: str, *, waits: bool) -> None:
    """Whose visit it is comes before any socket, and nothing of the question is kept as long as
    that is open."""
    async with look(request.app) as unit:
        await door.access_own_visit(unit.db, unit.now, who, own)
        if not waits:
            await _seen(request, unit, who)


def _shown(request: web.Request, seen: PatientView, now: datetime) -> Seen:
    place, rest = (seen.ahead, seen.doctors_on), replace(seen, ahead=0, doctors_on=0)
    besides = (rest, *_minutes(seen, now))

    def whole() -> str:
        return as_text(_part(request, "waiting", _waiting(seen, now)))

    def part(shown: Hashable) -> str | None:
        """Most of what happens in a waiting room changes no more of a page than its place."""
        if not isinstance(shown, tuple) or shown[1:] != besides:
            return None
        html = fragment(request, "visit/_place.html", ahead=seen.ahead, doctors_on=seen.doctors_on)
        return as_text({"view": "waiting", "part": "place", "html": html})

    return Seen((place, *besides), whole, part)


def _minutes(seen: PatientView, now: datetime) -> list[int]:
    """What time alone changes on the page of one who waits: see the template."""
    is_shown = not (seen.late or seen.missed or seen.warned)
    moments = (seen.slot, seen.again_at, seen.deadline if is_shown else None)
    return [(moment - now) // timedelta(minutes=1) for moment in moments if moment]


def _part(request: web.Request, name: str, context: Context) -> dict[str, str]:
    return {"view": name, "html": render(request, f"visit/_{name}.html", context)}


def _waiting(seen: PatientView, now: datetime, rung: bool = False) -> Context:
    return {"view": seen, "now": now, "rung": rung}


async def leave(request: web.Request) -> web.Response:
    """POST /visit/{visit}/leave: give the place up, and take the consent back with it."""
    who = signed_in(request, Role.PATIENT)
    async with work(request.app) as unit:
        own = await _own(request, unit, who)
        unit.events.append(await desk.leave(unit.db, unit.now, visit=own.id))
        with suppress(ConsentMissing):  # pressed twice
            by, record = actor(who, Role.PATIENT), request.app[RECORD_KEYS]
            back = await chart.withdraw_consent(unit.db, record, unit.now, visit=own.id, by=by)
            unit.events.append(back)
        await chart.close(unit.db, unit.now, visit=own.id)
        await links.close_for_visit(unit.db, own.id)
    await request.app[ROOMS].close_room(own.id, "left")
    raise see_other(f"/visit/{own.id}")


async def room(request: web.Request) -> web.Response:
    """GET /visit/{visit}/room: camera and sound, then the doctor."""
    who = signed_in(request, Role.PATIENT)
    async with look(request.app) as unit:
        seen = await _seen(request, unit, who)
        if seen.stage not in WAITING:
            raise see_other(f"/visit/{seen.visit}")
        entry = await desk.entry(unit.db, seen.visit)
        doctor = await _doctor(request, unit, entry.claimed_by if entry else None)
        now, beside = unit.now, await picture.asked(unit, seen.visit)
    return page(
        request,
        "visit/room.html",
        **beside,
        doctor=doctor,
        room=entrance(request, seen.visit, who.id, Role.PATIENT, now, leave=f"/visit/{seen.visit}"),
    )


async def test(request: web.Request) -> web.Response:
    """GET /visit/{visit}/test: devices and network, tried while one waits."""
    who = signed_in(request, Role.PATIENT)
    async with look(request.app) as unit:
        seen = await _seen(request, unit, who)
        if seen.stage not in WAITING:
            raise see_other(f"/visit/{seen.visit}")
        check = await technical.latest(unit, seen.visit)
        rung = await _is_rung(unit, seen)
    return page(
        request,
        "visit/test.html",
        view=seen,
        now=unit.now,
        check=check,
        rung=rung,
        trial=technical.trial(request, seen.visit, who, unit.now),
    )


async def _state(
    request: web.Request, who: Person, decided: chart.Outcome | None = None
) -> tuple[str, Context]:
    """Which page it is, and what stands on it; `decided` was read on this page before."""
    waits, _now = await board.glance(request.app, request.match_info["visit"])
    async with look(request.app) as unit:
        seen = await _seen(request, unit, who, waits)
        rung = await _is_rung(unit, seen)
    if seen.stage in WAITING:
        return "waiting", _waiting(seen, unit.now, rung)
    over = {"view": seen, "opens": next_opening(request.app[HOURS], unit.now)}
    if seen.stage is not Stage.DONE:
        return "after", {**over, "decided": None, "delivery": "", "pictures": (), "papers": ()}
    async with look(request.app) as unit:
        state = await delivery.state_of(unit.db, seen.visit)
        pictures = (await chart.pictures(unit.db, seen.visit)).taken
    decided = decided or await _outcome(request, who, seen.visit)
    async with look(request.app) as unit:
        issued = await papers.shown(request, unit, seen.visit, decided.papers if decided else ())
    return "after", {
        **over,
        "papers": issued,
        "decided": decided,
        "delivery": state,
        "pictures": pictures if decided else (),
    }


async def _is_rung(unit: Unit, seen: PatientView) -> bool:
    """Whether the doctor has gone over to the telephone."""
    is_with_doctor = seen.stage in WITH_DOCTOR
    return is_with_doctor and await chart.telephone_of(unit.db, seen.visit) is not None


async def _outcome(request: web.Request, who: Person, visit: str) -> chart.Outcome | None:
    """What the doctor decided. Reading it is a line in the log of the record."""
    reader, keys = actor(who, Role.PATIENT), request.app[RECORD_KEYS]
    try:
        async with work(request.app) as unit:
            return await chart.read_outcome(unit.db, keys, unit.now, reader=reader, visit=visit)
    except MayNotRead:
        return None


async def _own(request: web.Request, unit: Unit, who: Person) -> chart.Visit:
    return await door.access_visit(unit.db, unit.now, who, request.match_info["visit"])


async def _seen(
    request: web.Request, unit: Unit, who: Person, waits: PatientView | None = None
) -> PatientView:
    """The patient's own visit as it is now; who has no place in it yet is sent to get one.
    `waits` is what the board says, which spares us to read all the others."""
    own = await _own(request, unit, who)
    entry = await desk.entry(unit.db, own.id)
    if entry is None:
        raise see_other("/start")
    if waits is not None and entry.state is State.WAITING:
        return waits
    warning = await ledger.warning(unit.db, entry.promise)
    return view.for_patient(entry, await desk.floor(unit.db, unit.now), unit.now, warning)


async def _doctor(
    request: web.Request, unit: Unit, practitioner: str | None
) -> dict[str, str] | None:
    if practitioner is None:
        return None
    doctor = await people.person(unit.db, request.app[IDENTITY_KEYS], practitioner)
    return {"name": doctor.name, "role": translations(language(request)).gettext(N_("Lege"))}
