"""The doctor's list: who waits, and the next patient."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Any

from aiohttp import web

from venterom.journal import chart, delivery, minors, retry
from venterom.journal.papers import sending
from venterom.journal.retry import Concern
from venterom.queue import deferrals, desk, view
from venterom.queue.coverage import insurer
from venterom.queue.errors import AlreadyInCall, HeldForSlot, NobodyWaiting, NotOnShift
from venterom.queue.states import State
from venterom.queue.unsigned import is_overdue
from venterom.queue.view import Row, Worklist
from venterom.web import measured
from venterom.web.identity import people
from venterom.web.identity.people import Person
from venterom.web.identity.roles import Role
from venterom.web.keys import IDENTITY_KEYS, RECORD_KEYS
from venterom.web.live import FLOOR, sign_in_topic, stream
from venterom.web.pages import page, render, see_other
from venterom.web.session import SESSION, actor, is_signed_in, signed_in
from venterom.web.text import N_, today
from venterom.web.work import Unit, work

Context = dict[str, Any]

NOBODY = N_("Ingen venter akkurat nå. Vi sier fra når noen kommer.")
HELD = N_("Noen har time snart, og du holdes av til den. Trykk igjen om et minutt.")
UNSIGNED = ("unsigned", "put_off")  # states of Unfinished
ONE_AT_A_TIME = N_("Du har en pasient i rommet. Legg på først.")


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
    overdue: bool = False  # it should have been signed by now

    @property
    def is_unsigned(self) -> bool:
        """Whether it waits for its doctor, and not for the journal."""
        return self.state in UNSIGNED


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
    except HeldForSlot:
        return await list_page(request, who, refusal=HELD)
    except AlreadyInCall:
        return await list_page(request, who, refusal=ONE_AT_A_TIME)
    except NotOnShift:
        raise see_other("/doctor/shift") from None
    raise see_other(f"/doctor/visit/{claimed.visit}")


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
            "people": await known(request, unit, rows),
            "reasons": await _reasons(request, unit, who, rows),
            "policies": await _policies(unit, rows),
            "checks": await measured.checks_of(unit.db, [row.visit for row in rows]),
            "unfinished": await unfinished(request, unit, who, listing),
            "stopped": await _stopped(request, unit, who),
        }


async def known(request: web.Request, unit: Unit, rows: Iterable[Row]) -> Mapping[str, Known]:
    """Who the lines of the list are about, by person."""
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


async def unfinished(
    request: web.Request, unit: Unit, who: Person, listing: Worklist
) -> list[Unfinished]:
    """The doctor's own notes that are not in the journal yet."""
    unsigned = [(row.visit, row.patient) for row in listing.mine if row.state is State.WRAP]
    sent = await delivery.pending(unit.db, author=who.id)
    persons = [patient for _, patient in chain(unsigned, ((d.visit, d.patient) for d in sent))]
    known = await people.persons(unit.db, request.app[IDENTITY_KEYS], persons)
    debts = {each.visit for each in await deferrals.open_ones(unit.db) if each.is_debt}
    open_notes = []
    for visit, patient in unsigned:
        entry = await desk.entry(unit.db, visit)
        since = entry.ended_at if entry and entry.ended_at else unit.now
        state = "put_off" if visit in debts else "unsigned"
        late = is_overdue(since, unit.now)
        open_notes.append(Unfinished(visit, known[patient].name, since, state, late))
    open_notes.sort(key=lambda note: note.since)
    return open_notes + [
        Unfinished(each.visit, known[each.patient].name, each.signed_at, _sent(each, unit.now))
        for each in sent
    ]


async def _stopped(request: web.Request, unit: Unit, who: Person) -> list[tuple[str, str]]:
    """Visits of which a paper did not come through, and whose they are."""
    found = await sending.stopped(unit.db, unit.now, who.id)
    known = await people.persons(unit.db, request.app[IDENTITY_KEYS], found.values())
    return [(visit, known[patient].name) for visit, patient in found.items()]


def _sent(note: delivery.Pending, now: datetime) -> str:
    """Where a signed note is: its state, or that it takes longer than it should."""
    late = retry.concern(note.state, note.signed_at, now) in (Concern.LATE, Concern.VERY_LATE)
    return "late" if late else note.state
