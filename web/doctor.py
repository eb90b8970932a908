"""The doctor's list: on shift, who waits, and the next patient."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain
from typing import Any

from aiohttp import web

from venterom.journal import chart, delivery, minors
from venterom.queue import desk, roster, view
from venterom.queue.coverage import insurer
from venterom.queue.errors import (
    AlreadyInCall,
    NobodyWaiting,
    NotOnShift,
    ShiftEndsTooEarly,
    ShiftEndsTooLate,
)
from venterom.queue.events import WentOffShift, WentOnShift
from venterom.queue.shifts import LONGEST
from venterom.queue.states import State
from venterom.queue.view import LeftBehind, Row, Worklist
from venterom.web.forms import Errors, read
from venterom.web.identity import people
from venterom.web.identity.people import Person
from venterom.web.identity.roles import Role
from venterom.web.keys import HOURS, IDENTITY_KEYS, RECORD_KEYS
from venterom.web.live import FLOOR, sign_in_topic, stream
from venterom.web.pages import page, render, see_other
from venterom.web.session import SESSION, actor, is_signed_in, signed_in
from venterom.web.text import N_, clock, today
from venterom.web.work import Unit, look, work

Context = dict[str, Any]

HALF_HOUR = timedelta(minutes=30)
USUAL_SHIFT = 14  # half hours: seven hours, a shift of the plan

NOBODY = N_("Ingen venter akkurat nå. Vi sier fra når noen kommer.")
ONE_AT_A_TIME = N_("Du har en pasient i rommet. Legg på først.")
TOO_EARLY = N_("Vakten må slutte senere enn nå.")
TOO_LATE = N_("En vakt kan vare i tolv timer.")


class _Unseen(Exception):
    """Somebody is promised a doctor whom this one may not leave without having seen it."""

    def __init__(self, left: LeftBehind) -> None:
        self.left = left


@dataclass(frozen=True, slots=True)
class Known:
    """Whom a line of the list is about."""

    name: str
    age: int


@dataclass(frozen=True, slots=True)
class Unfinished:
    """A note of the doctor's own that is not in the journal yet."""

    visit: str
    name: str
    since: datetime
    state: str


async def worklist(request: web.Request) -> web.Response:
    """GET /doctor"""
    who = signed_in(request, Role.DOCTOR)
    return await list_page(request, who)


async def live(request: web.Request) -> web.WebSocketResponse:
    """The same list, kept up to date; an open list is the doctor's sign of life."""
    who = signed_in(request, Role.DOCTOR)

    async def part() -> dict[str, str]:
        context = await _listing(request, who)
        return {"view": "worklist", "html": render(request, "doctor/_worklist.html", context)}

    topics = (FLOOR, sign_in_topic(request[SESSION].id))
    return await stream(request, topics, part, beat=lambda: sign_of_life(request, who))


async def sign_of_life(request: web.Request, who: Person) -> bool:
    """The doctor's page is open: the shift goes on, and so does the sign-in, unless it is over."""
    if not await is_signed_in(request):
        return False
    with suppress(NotOnShift):
        async with work(request.app) as unit:
            returned = await desk.heartbeat(unit.db, unit.now, practitioner=who.id)
            unit.events.extend([returned] if returned else [])
    return True


async def take_next(request: web.Request) -> web.Response:
    """POST /doctor/next: the server picks, so that no two doctors get the same patient."""
    who = signed_in(request, Role.DOCTOR)
    try:
        async with work(request.app) as unit:
            claimed = await desk.claim(unit.db, unit.now, practitioner=who.id)
            doctor = actor(who, Role.DOCTOR)
            await chart.begin_care(unit.db, unit.now, visit=claimed.visit, doctor=doctor)
            unit.events.append(claimed)
    except NobodyWaiting:
        return await list_page(request, who, refusal=NOBODY)
    except AlreadyInCall:
        return await list_page(request, who, refusal=ONE_AT_A_TIME)
    except NotOnShift:
        raise see_other("/doctor/shift") from None
    raise see_other(f"/doctor/visit/{claimed.visit}")


async def shift(request: web.Request) -> web.Response:
    """GET /doctor/shift"""
    who = signed_in(request, Role.DOCTOR)
    return await _shift_page(request, who, {})


async def change_shift(request: web.Request) -> web.Response:
    """POST /doctor/shift: on, until a time, or off; with what is promised before one's eyes."""
    who = signed_in(request, Role.DOCTOR)
    form = await read(request, "act", "until", "sure")
    off_at: datetime | None = None  # now
    try:
        if form["act"] != "off":
            off_at = _moment(form["until"])
        async with work(request.app) as unit:
            left = await _left_behind(unit, who, off_at or unit.now)
            unit.events.append(await _change_shift(unit, who, off_at))
            if left is not None and left.anybody and not form["sure"]:
                raise _Unseen(left)  # and nothing is changed
    except ShiftEndsTooEarly:
        return await _shift_page(request, who, {"until": TOO_EARLY})
    except ShiftEndsTooLate:
        return await _shift_page(request, who, {"until": TOO_LATE})
    except AlreadyInCall:
        return await _shift_page(request, who, {"until": ONE_AT_A_TIME})
    except _Unseen as unseen:
        return await _shift_page(request, who, {}, left=unseen.left, until=off_at)
    raise see_other("/doctor")


async def _change_shift(
    unit: Unit, who: Person, off_at: datetime | None
) -> WentOnShift | WentOffShift:
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


def _moment(text: str) -> datetime:
    """The end that was chosen. Raises ShiftEndsTooEarly also for what is no time at all."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ShiftEndsTooEarly from None
    if moment.tzinfo is None:
        raise ShiftEndsTooEarly
    return moment


async def _shift_page(
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
        unfinished = await _unfinished(request, unit, who, listing)
        first = unit.now.replace(minute=0, second=0, microsecond=0) + HALF_HOUR
        choices = [first + n * HALF_HOUR for n in range(1, LONGEST // HALF_HOUR)]
        forecast = view.forecast(floor, request.app[HOURS], unit.now)
        planned = await roster.shift_of(unit.db, who.id, unit.now, unit.now + HALF_HOUR)
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
        unfinished=len(unfinished),
        left=left,
        planned=planned,
        status=422 if errors else 409 if left else 200,
    )


async def list_page(request: web.Request, who: Person, *, refusal: str = "") -> web.Response:
    """The list, with why the last wish could not be granted."""
    context = await _listing(request, who)
    return page(
        request,
        "doctor/worklist.html",
        **context,
        refusal=refusal,
        here="/doctor",
        status=409 if refusal else 200,
    )


async def _listing(request: web.Request, who: Person) -> Context:
    async with work(request.app) as unit:
        listing = view.for_doctor(await desk.floor(unit.db, unit.now), unit.now, who.id)
        rows = [*listing.waiting, *listing.booked] if listing.shift else []
        return {
            "list": listing,
            "now": unit.now,
            "people": await _known(request, unit, rows),
            "reasons": await _reasons(request, unit, who, rows),
            "policies": await _policies(unit, rows),
            "unfinished": await _unfinished(request, unit, who, listing),
        }


async def _known(request: web.Request, unit: Unit, rows: Iterable[Row]) -> Mapping[str, Known]:
    found = await people.persons(unit.db, request.app[IDENTITY_KEYS], [row.patient for row in rows])
    day = today(unit.now)
    return {
        each.id: Known(each.name, minors.age(each.birth_date, day) if each.birth_date else 0)
        for each in found.values()
    }


async def _reasons(
    request: web.Request, unit: Unit, who: Person, rows: Iterable[Row]
) -> Mapping[str, str]:
    """Why they come. That this doctor saw it is a line in the log of the record, once a visit."""
    return await chart.summaries(
        unit.db,
        request.app[RECORD_KEYS],
        unit.now,
        reader=actor(who, Role.DOCTOR),
        visits=[row.visit for row in rows],
    )


async def _policies(unit: Unit, rows: Iterable[Row]) -> Mapping[str, str]:
    checks = [await insurer.check_of(unit.db, row.visit) for row in rows]
    return {check.visit: check.eligibility.answer for check in checks if check is not None}


async def _unfinished(
    request: web.Request, unit: Unit, who: Person, listing: Worklist
) -> list[Unfinished]:
    unsigned = [(row.visit, row.patient) for row in listing.mine if row.state is State.WRAP]
    sent = await delivery.pending(unit.db, author=who.id)
    persons = [patient for _, patient in chain(unsigned, ((d.visit, d.patient) for d in sent))]
    known = await people.persons(unit.db, request.app[IDENTITY_KEYS], persons)
    open_notes = []
    for visit, patient in unsigned:
        entry = await desk.entry(unit.db, visit)
        since = entry.ended_at if entry and entry.ended_at else unit.now
        open_notes.append(Unfinished(visit, known[patient].name, since, "unsigned"))
    return open_notes + [
        Unfinished(each.visit, known[each.patient].name, each.signed_at, each.state)
        for each in sent
    ]
