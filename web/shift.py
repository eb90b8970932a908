"""The doctor's shift: on, until when, and off, with who is promised a doctor before one's eyes."""

from contextlib import suppress
from datetime import datetime, timedelta

from aiohttp import web

from venterom.queue import desk, ringing, roster, view
from venterom.queue.errors import AlreadyInCall, NotRung, ShiftEndsTooEarly, ShiftEndsTooLate
from venterom.queue.events import WentOffShift, WentOnShift
from venterom.queue.shifts import LONGEST
from venterom.queue.view import LeftBehind
from venterom.web import doctor
from venterom.web.forms import Errors, read
from venterom.web.identity.people import Person
from venterom.web.identity.roles import Role
from venterom.web.keys import HOURS
from venterom.web.pages import page, see_other
from venterom.web.session import signed_in
from venterom.web.text import N_, clock
from venterom.web.work import Unit, look, work

HALF_HOUR = timedelta(minutes=30)
USUAL_SHIFT = 14  # half hours: seven hours, where nothing else is planned

TOO_EARLY = N_("Vakten må slutte senere enn nå.")
TOO_LATE = N_("En vakt kan vare i tolv timer.")


class _Unseen(Exception):
    """What a doctor may not leave without having seen it: somebody is promised a doctor, or notes
    of the doctor's own are not signed."""

    def __init__(self, left: LeftBehind) -> None:
        self.left = left


async def show(request: web.Request) -> web.Response:
    """GET /doctor/shift"""
    who = signed_in(request, Role.DOCTOR)
    return await _page(request, who, {})


async def change(request: web.Request) -> web.Response:
    """POST /doctor/shift: on, until a time, or off; with what is promised before one's eyes."""
    who = signed_in(request, Role.DOCTOR)
    form = await read(request, "act", "until", "sure")
    off_at: datetime | None = None  # now
    try:
        if form["act"] != "off":
            off_at = _moment(form["until"])
        async with work(request.app) as unit:
            left = await _left_behind(unit, who, off_at or unit.now)
            owing = off_at is None and bool(await _unsigned(request, unit, who))
            unit.events.append(await _write(unit, who, off_at))
            if left is not None and (left.anybody or owing) and not form["sure"]:
                raise _Unseen(left)  # and nothing is changed
    except ShiftEndsTooEarly:
        return await _page(request, who, {"until": TOO_EARLY})
    except ShiftEndsTooLate:
        return await _page(request, who, {"until": TOO_LATE})
    except AlreadyInCall:
        return await _page(request, who, {"until": doctor.ONE_AT_A_TIME})
    except _Unseen as unseen:
        return await _page(request, who, {}, left=unseen.left, until=off_at)
    raise see_other("/doctor")


async def answer(request: web.Request) -> web.Response:
    """POST /doctor/on-call: whether somebody on call comes who was rung."""
    who = signed_in(request, Role.DOCTOR)
    form = await read(request, "comes")
    if form["comes"] not in ("yes", "no"):
        raise web.HTTPBadRequest  # nobody is taken for unwilling whose answer was lost on the way
    with suppress(NotRung):  # answered already, or too late: the page says how it is
        async with work(request.app) as unit:
            said = await ringing.answer(
                unit.db, unit.now, practitioner=who.id, comes=form["comes"] == "yes"
            )
            unit.events.append(said)
    raise see_other("/doctor/shift")


async def _write(unit: Unit, who: Person, off_at: datetime | None) -> WentOnShift | WentOffShift:
    if off_at is None:
        return await desk.go_off_shift(unit.db, unit.now, practitioner=who.id)
    return await desk.go_on_shift(unit.db, unit.now, practitioner=who.id, off_at=off_at)


async def _left_behind(unit: Unit, who: Person, off_at: datetime) -> LeftBehind | None:
    """Whom this doctor would leave to the others; None if the shift does not end earlier."""
    floor = await desk.floor(unit.db, unit.now)
    own = next((shift for shift in floor.shifts if shift.practitioner == who.id), None)
    if own is None or off_at >= own.off_at:
        return None
    return await roster.left_behind(unit.db, unit.now, practitioner=who.id, off_at=off_at)


async def _unsigned(request: web.Request, unit: Unit, who: Person) -> list[doctor.Unfinished]:
    listing = view.for_doctor(await desk.floor(unit.db, unit.now), unit.now, who.id)
    notes = await doctor.unfinished(request, unit, who, listing)
    return [note for note in notes if note.is_unsigned]


def _moment(text: str) -> datetime:
    """The end that was chosen. Raises ShiftEndsTooEarly also for what is no time at all."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ShiftEndsTooEarly from None
    if moment.tzinfo is None:
        raise ShiftEndsTooEarly
    return moment


async def _page(
    request: web.Request,
    who: Person,
    errors: Errors,
    *,
    left: LeftBehind | None = None,
    until: datetime | None = None,
) -> web.Response:
    async with look(request.app) as unit:
        floor = await desk.floor(unit.db, unit.now)
        listing = view.for_doctor(floor, unit.now, who.id)
        notes = await doctor.unfinished(request, unit, who, listing)
        first = unit.now.replace(minute=0, second=0, microsecond=0) + HALF_HOUR
        choices = [first + n * HALF_HOUR for n in range(1, LONGEST // HALF_HOUR)]
        forecast = view.forecast(floor, request.app[HOURS], unit.now)
        planned = await roster.shift_of(unit.db, who.id, unit.now, unit.now + HALF_HOUR)
        rung = (await ringing.recent(unit.db, unit.now)).get(who.id)
    unsigned = [note for note in notes if note.is_unsigned]
    foreseen = planned.off_at if planned else choices[USUAL_SHIFT - 1]
    usual = until or (listing.shift.off_at if listing.shift else foreseen)
    if usual > unit.now:
        choices = sorted({*choices, usual})  # «change» must not move an end that nobody touched
    return page(
        request,
        "doctor/shift.html",
        shift=listing.shift,
        form={"until": clock(usual)},
        errors=errors,
        until_choices=choices,
        forecast=forecast,
        unsigned=unsigned,
        sending=len(notes) - len(unsigned),
        owing=left is not None and until is None and bool(unsigned),
        left=left,
        going=left is not None and until is None,
        planned=planned,
        rung=rung,
        status=422 if errors else 409 if left else 200,
    )
