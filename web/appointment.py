"""A place in the patient's hands: a time instead of it, and a file for the calendar."""

from aiohttp import web

from venterom.journal import chart
from venterom.queue import booking
from venterom.queue.errors import NoSuchSlot, SlotTaken
from venterom.queue.slots import STEP
from venterom.web import ics
from venterom.web.booking import NOT_FREE, keep_sign_in, read_slot
from venterom.web.forms import read
from venterom.web.identity import door
from venterom.web.identity.people import Person
from venterom.web.identity.roles import Role
from venterom.web.keys import HOURS, PUBLIC_URL
from venterom.web.pages import language, page, see_other
from venterom.web.session import signed_in
from venterom.web.text import N_, translations
from venterom.web.work import Unit, look, work

SUMMARY = N_("Videosamtale")
DESCRIPTION = N_("Her kommer du inn: %(link)s")


async def choose(request: web.Request) -> web.Response:
    """GET /visit/{visit}/move"""
    who = signed_in(request, Role.PATIENT)
    return await _page(request, who)


async def move(request: web.Request) -> web.Response:
    """POST /visit/{visit}/move: the old time is the patient's until the new one is."""
    who = signed_in(request, Role.PATIENT)
    form = await read(request, "slot")
    try:
        async with work(request.app) as unit:
            own = await _own(request, unit, who)
            moved = await booking.move(
                unit.db,
                unit.now,
                visit=own.id,
                starts_at=read_slot(form["slot"]),
                hours=request.app[HOURS],
            )
            unit.events.append(moved)
            await keep_sign_in(request, unit, moved.deadline)
    except (SlotTaken, NoSuchSlot) as refused:
        return await _page(request, who, taken=NOT_FREE[type(refused)])
    raise see_other(f"/visit/{moved.visit}")


async def calendar_file(request: web.Request) -> web.Response:
    """GET /visit/{visit}/time.ics"""
    who = signed_in(request, Role.PATIENT)
    async with look(request.app) as unit:
        own = await _own(request, unit, who)
        slot = await booking.slot_of(unit.db, unit.now, visit=own.id)
    words = translations(language(request))
    link = f"{request.app[PUBLIC_URL]}/visit/{own.id}"
    file = ics.appointment(
        uid=f"{own.id}@venterom",
        now=unit.now,
        begins=slot,
        ends=slot + STEP,
        summary=words.gettext(SUMMARY),
        description=words.gettext(DESCRIPTION) % {"link": link},
    )
    headers = {"Content-Disposition": 'attachment; filename="time.ics"'}
    return web.Response(body=file, content_type=ics.KIND, charset="utf-8", headers=headers)


async def _own(request: web.Request, unit: Unit, who: Person) -> chart.Visit:
    return await door.access_visit(unit.db, unit.now, who, request.match_info["visit"])


async def _page(request: web.Request, who: Person, *, taken: str = "") -> web.Response:
    async with look(request.app) as unit:
        own = await _own(request, unit, who)
        held = await booking.place(unit.db, unit.now, visit=own.id)
        free = await booking.free_slots(unit.db, unit.now, request.app[HOURS])
    return page(
        request,
        "visit/move.html",
        visit=own.id,
        slot=held.slot,
        deadline=held.deadline,
        slots=[each for each in free if each != held.slot],
        taken=taken,
        status=409 if taken else 200,
    )
