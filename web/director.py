"""The director's pages: the plan of shifts, week by week, and a page for each line of it."""

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any

from aiohttp import web

from venterom.queue import planning, roster
from venterom.queue.errors import (
    BookingsDepend,
    BreakOutsideShift,
    NoSuchTime,
    NotPlanned,
    QueueError,
    ShiftEndsTooEarly,
    ShiftEndsTooLate,
    ShiftOutsideHours,
    ShiftOver,
    ShiftsOverlap,
    ShiftTooFarAhead,
)
from venterom.queue.events import PlanChanged
from venterom.queue.hours import DAY, at
from venterom.queue.planning import Planned, Work
from venterom.web.forms import Errors, Form, read, read_clock, read_date
from venterom.web.identity import grants, people
from venterom.web.identity.people import Person
from venterom.web.identity.roles import Role
from venterom.web.keys import CLOCK, HOURS, IDENTITY_KEYS
from venterom.web.pages import page, see_other
from venterom.web.session import signed_in
from venterom.web.text import N_, clock, today
from venterom.web.work import Unit, look, work

FIELDS = ("doctor", "work", "day", "from", "to", "sure")
BAD_DAY = N_("Skriv en dato, for eksempel 24.11.2026.")
BAD_CLOCK = N_("Skriv et klokkeslett, for eksempel 08:30.")
NO_DOCTOR = N_("Velg en lege.")
NO_WORK = N_("Velg vakt, bakvakt eller pause.")
GONE = N_("Denne linjen er ikke i planen lenger. Her ser du planen slik den er nå.")
OVER = N_("Dette er over, og kan ikke endres.")

# What the rule has against it: the field, and the words beside it.
TROUBLE: Mapping[type[QueueError], tuple[str, str]] = {
    ShiftEndsTooEarly: ("to", N_("Slutten må være senere enn starten, og på samme dag.")),
    ShiftEndsTooLate: ("to", N_("Dette blir mer enn tolv timer. Del det i to.")),
    ShiftOver: ("to", N_("Dette er over allerede.")),
    ShiftTooFarAhead: ("day", N_("Dette er mer enn et år frem. Se på årstallet.")),
    ShiftOutsideHours: ("to", N_("Dette er utenfor åpningstiden, eller går over midnatt.")),
    ShiftsOverlap: ("from", N_("Legen er satt opp til noe annet da.")),
    BreakOutsideShift: ("from", N_("En pause må ligge i en vakt som legen har.")),
    NoSuchTime: ("day", N_("Klokken stilles frem denne natten, og tiden finnes ikke.")),
}


class _Incomplete(Exception):
    """The form cannot be read as a line of the plan."""

    def __init__(self, errors: Errors) -> None:
        self.errors = errors


async def week(request: web.Request) -> web.Response:
    """GET /director: the week of ?day=, or this one."""
    signed_in(request, Role.DIRECTOR)
    return await _week_page(request)


async def new_line(request: web.Request) -> web.Response:
    """GET /director/plan: an empty line, on ?day= if one was chosen."""
    signed_in(request, Role.DIRECTOR)
    chosen = _day_of(request) or today(request.app[CLOCK]())
    form = {"doctor": "", "work": Work.SHIFT, "day": chosen.isoformat(), "from": "", "to": ""}
    return await _line_page(request, form, {})


async def add_line(request: web.Request) -> web.Response:
    """POST /director/plan"""
    return await _write(request, "")


async def line(request: web.Request) -> web.Response:
    """GET /director/plan/{plan}"""
    signed_in(request, Role.DIRECTOR)
    try:
        async with look(request.app) as unit:
            found = await roster.line(unit.db, request.match_info["plan"])
    except NotPlanned:
        return await _week_page(request, refusal=GONE)
    return await _line_page(request, _as_form(found), {})


async def change_line(request: web.Request) -> web.Response:
    """POST /director/plan/{plan}"""
    return await _write(request, request.match_info["plan"])


async def remove_line(request: web.Request) -> web.Response:
    """POST /director/plan/{plan}/remove: with what is booked before the director's eyes."""
    who = signed_in(request, Role.DIRECTOR)
    plan, form = request.match_info["plan"], await read(request, "sure")
    found: Planned | None = None
    try:
        async with work(request.app) as unit:
            found = await roster.line(unit.db, plan)
            gone = await roster.remove(
                unit.db, unit.now, plan=plan, by=who.id, known=_times(form["sure"])
            )
            unit.events.append(gone)
    except NotPlanned:
        return await _week_page(request, refusal=GONE)
    except ShiftOver:
        return await _week_page(request, refusal=OVER)
    except BookingsDepend as depending:
        assert found is not None, "what depends on it was found"
        return await _line_page(request, _as_form(found), {}, depending.times, removing=True)
    raise see_other(_week_of(gone.on_at))


async def _write(request: web.Request, plan: str) -> web.Response:
    """Add a line, or change the one with this id."""
    who = signed_in(request, Role.DIRECTOR)
    form = await read(request, *FIELDS)
    try:
        async with work(request.app) as unit:
            wanted = await _wanted(request, unit, plan, form)
            changed = await _store(request, unit, wanted, who, _times(form["sure"]))
            unit.events.append(changed)
    except _Incomplete as incomplete:
        return await _line_page(request, form, incomplete.errors)
    except NotPlanned:
        return await _week_page(request, refusal=GONE)
    except BookingsDepend as depending:
        return await _line_page(request, form, {}, depending.times)
    except tuple(TROUBLE) as refused:
        return await _line_page(request, form, dict([TROUBLE[type(refused)]]))
    raise see_other(_week_of(changed.on_at))


async def _store(
    request: web.Request, unit: Unit, wanted: Planned, who: Person, known: tuple[datetime, ...]
) -> PlanChanged:
    store = roster.change if wanted.id else roster.add
    return await store(unit.db, unit.now, wanted, hours=request.app[HOURS], by=who.id, known=known)


async def _wanted(request: web.Request, unit: Unit, plan: str, form: Form) -> Planned:
    """What the form asks for. Raises _Incomplete, and what `planning.span` raises."""
    doctors = {doctor.id for doctor in await _doctors(request, unit)}
    day, begins, ends = read_date(form["day"]), read_clock(form["from"]), read_clock(form["to"])
    errors = {
        "doctor": NO_DOCTOR if form["doctor"] not in doctors else "",
        "work": NO_WORK if form["work"] not in set(Work) else "",
        "day": BAD_DAY if day is None else "",
        "from": BAD_CLOCK if begins is None else "",
        "to": BAD_CLOCK if ends is None else "",
    }
    if day is None or begins is None or ends is None or any(errors.values()):
        raise _Incomplete({name: words for name, words in errors.items() if words})
    on_at, off_at = planning.span(request.app[HOURS], day, begins, ends)
    return Planned(plan, form["doctor"], Work(form["work"]), on_at, off_at)


async def _doctors(request: web.Request, unit: Unit) -> tuple[Person, ...]:
    return await people.staff(unit.db, request.app[IDENTITY_KEYS], Role.DOCTOR)


def _as_form(found: Planned) -> Form:
    return {
        "doctor": found.practitioner,
        "work": found.work,
        "day": today(found.on_at).isoformat(),
        "from": clock(found.on_at),
        "to": clock(found.off_at),
    }


def _times(sure: str) -> tuple[datetime, ...]:
    """The booked times that stood beside the button, which the director so knows of."""
    try:
        return tuple(datetime.fromisoformat(each) for each in sure.split())
    except ValueError:
        return ()


def _week_of(moment: datetime) -> str:
    return f"/director?day={today(moment).isoformat()}"


def _day_of(request: web.Request) -> date | None:
    return read_date(request.query.get("day", ""))


async def _week_page(request: web.Request, *, refusal: str = "") -> web.Response:
    async with look(request.app) as unit:
        this_day = today(unit.now)
        days = planning.week_of(_within_reach(_day_of(request), this_day))
        lines = await roster.plans(unit.db, at(days[0], time.min), at(days[-1] + DAY, time.min))
        names = {doctor.id: doctor.name for doctor in await _doctors(request, unit)}
        too_many = await roster.too_many(unit.db, unit.now)
        lost = await grants.lost_by_register(unit.db, unit.now)
    return page(
        request,
        "director/week.html",
        days=[(day, planning.on_day(lines, day)) for day in days],
        today=this_day,
        before=days[0] - DAY,
        after=days[-1] + DAY,
        names=names,
        too_many=too_many,
        refusal=refusal,
        lost=len(lost),
        here="/director",
        status=409 if refusal else 200,
    )


def _within_reach(day: date | None, this_day: date) -> date:
    """The day, unless no calendar of ours goes that far."""
    near = day is not None and abs(day - this_day) <= planning.AHEAD
    return day if day is not None and near else this_day


async def _line_page(
    request: web.Request,
    form: Form,
    errors: Errors,
    depending: tuple[datetime, ...] = (),
    *,
    removing: bool = False,
) -> web.Response:
    plan = request.match_info.get("plan", "")
    async with look(request.app) as unit:
        doctors = await _doctors(request, unit)
        seats = await roster.taken(unit.db, unit.now) if depending else {}
    context: dict[str, Any] = {
        "plan": plan,
        "form": form,
        "errors": errors,
        "doctors": doctors,
        "hours": request.app[HOURS],
        "depending": {slot: seats.get(slot, 0) for slot in depending},
        "removing": removing,
        "here": f"/director/plan/{plan}" if plan else "/director/plan",
    }
    status = 422 if errors else 409 if depending else 200
    return page(request, "director/line.html", status=status, **context)
