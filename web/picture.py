"""A picture that the doctor asks for in a call: the question, the patient's answer, the picture."""

from typing import Any

from aiohttp import web

from venterom.journal import chart, jpeg
from venterom.queue import desk
from venterom.queue.states import State
from venterom.web.forms import read
from venterom.web.identity import door
from venterom.web.identity.errors import NotYours
from venterom.web.identity.people import Person
from venterom.web.identity.roles import Role
from venterom.web.keys import RECORD_KEYS
from venterom.web.live import sign_in_topic, stream, visit_topic
from venterom.web.pages import render, see_other
from venterom.web.room import in_the_room
from venterom.web.session import SESSION, actor, is_signed_in, signed_in
from venterom.web.work import Unit, look, work

JPEG = "image/jpeg"
CHUNK = 64 * 1024  # bytes that are read at once
ANSWERS = {"yes": True, "no": False}


async def ask(request: web.Request) -> web.Response:
    """POST /doctor/visit/{visit}/picture: may I take a picture?"""
    who = signed_in(request, Role.DOCTOR)
    visit, doctor = request.match_info["visit"], actor(who, Role.DOCTOR)
    async with work(request.app) as unit:
        if (await in_the_room(unit, who, visit)).state is State.IN_CALL:
            asked = await chart.ask_for_picture(unit.db, unit.now, visit=visit, doctor=doctor)
            unit.events.extend([asked] if asked else [])
    raise see_other(f"/doctor/visit/{visit}")


async def drop(request: web.Request) -> web.Response:
    """POST /doctor/visit/{visit}/picture/{picture}/drop: it shall not be part of the note."""
    who = signed_in(request, Role.DOCTOR)
    visit, picture = request.match_info["visit"], request.match_info["picture"]
    async with work(request.app) as unit:
        await door.access_visit(unit.db, unit.now, who, visit)
        doctor = actor(who, Role.DOCTOR)
        dropped = await chart.drop_picture(
            unit.db, unit.now, visit=visit, picture=picture, doctor=doctor
        )
        unit.events.extend([dropped] if dropped else [])
    raise see_other(f"/doctor/visit/{visit}")


async def answer(request: web.Request) -> web.Response:
    """POST /visit/{visit}/picture/{picture}: the patient says yes or no."""
    who = signed_in(request, Role.PATIENT)
    visit, picture = request.match_info["visit"], request.match_info["picture"]
    said = (await read(request, "answer"))["answer"]
    async with work(request.app) as unit:
        await _check_in_call(unit, who, visit)
        if said not in ANSWERS:
            raise web.HTTPBadRequest
        by = actor(who, Role.PATIENT)
        answered = await chart.allow_picture(
            unit.db, unit.now, visit=visit, picture=picture, by=by, yes=ANSWERS[said]
        )
        unit.events.append(answered)
    raise see_other(f"/visit/{visit}/room")


async def keep(request: web.Request) -> web.Response:
    """PUT /visit/{visit}/picture/{picture}: the JPEG that was said yes to."""
    who = signed_in(request, Role.PATIENT)
    visit, picture = request.match_info["visit"], request.match_info["picture"]
    async with look(request.app) as unit:
        await _check_in_call(unit, who, visit)
    data = await _body(request)
    by, keys = actor(who, Role.PATIENT), request.app[RECORD_KEYS]
    async with work(request.app) as unit:
        await _check_in_call(unit, who, visit)
        kept = await chart.keep_picture(
            unit.db, keys, unit.now, visit=visit, picture=picture, by=by, data=data
        )
        unit.events.append(kept)
    return web.Response(status=204)


async def show_doctor(request: web.Request) -> web.Response:
    """GET /doctor/visit/{visit}/picture/{picture}"""
    return await _show(request, Role.DOCTOR)


async def show_patient(request: web.Request) -> web.Response:
    """GET /visit/{visit}/picture/{picture}: when the note is signed."""
    return await _show(request, Role.PATIENT)


async def live(request: web.Request) -> web.WebSocketResponse:
    """GET /live/visit/{visit}/room: what the doctor asks, and whether the telephone will ring."""
    who = signed_in(request, Role.PATIENT)
    visit = request.match_info["visit"]

    async def part() -> dict[str, str]:
        async with look(request.app) as unit:
            await door.access_visit(unit.db, unit.now, who, visit)
            context = await asked(unit, visit)
        return {"view": "room", "html": render(request, "visit/_asked.html", context)}

    async with look(request.app) as unit:
        await door.access_visit(unit.db, unit.now, who, visit)
    topics = (visit_topic(visit), sign_in_topic(request[SESSION].id))
    return await stream(request, topics, part, beat=lambda: is_signed_in(request))


async def asked(unit: Unit, visit: str) -> dict[str, Any]:
    """What stands on the patient's page beside the call."""
    return {
        "visit": visit,
        "telephone": await chart.telephone_of(unit.db, visit),
        "pictures": await chart.pictures(unit.db, visit),
    }


async def _show(request: web.Request, role: Role) -> web.Response:
    """Reading it is a line in the log of the record."""
    who = signed_in(request, role)
    visit, picture = request.match_info["visit"], request.match_info["picture"]
    async with work(request.app) as unit:
        await door.access_visit(unit.db, unit.now, who, visit)
        data = await chart.read_picture(
            unit.db,
            request.app[RECORD_KEYS],
            unit.now,
            reader=actor(who, role),
            visit=visit,
            picture=picture,
        )
    return web.Response(body=data, content_type=JPEG)


async def _check_in_call(unit: Unit, who: Person, visit: str) -> None:
    """The visit is this patient's, and the call goes on. Raises NotYours."""
    await door.access_visit(unit.db, unit.now, who, visit)
    entry = await desk.entry(unit.db, visit)
    if entry is None or entry.state is not State.IN_CALL:
        raise NotYours


async def _body(request: web.Request) -> bytes:
    """Never more than a picture may be. What it is, is judged where it is kept."""
    if request.content_type != JPEG:
        raise web.HTTPUnsupportedMediaType
    data = bytearray()
    async for chunk in request.content.iter_chunked(CHUNK):
        data += chunk
        if len(data) > jpeg.MOST_BYTES:
            raise web.HTTPRequestEntityTooLarge(jpeg.MOST_BYTES, len(data))
    return bytes(data)
