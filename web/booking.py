"""Now or later: the offer, which is stored before it is shown, and what the patient chooses."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256

from aiohttp import web

from venterom.journal import chart
from venterom.queue import booking, desk, requests, view
from venterom.queue.errors import (
    AlreadyWaiting,
    NoSuchSlot,
    NotAPromise,
    OfferChanged,
    QueueError,
    SlotTaken,
    UnknownOffer,
)
from venterom.queue.promise import Offer
from venterom.web.arrival import arrive_at
from venterom.web.forms import Form, read
from venterom.web.identity import sessions
from venterom.web.identity.people import Person
from venterom.web.identity.roles import Role
from venterom.web.intake import Step
from venterom.web.keys import HOURS
from venterom.web.pages import page, see_other
from venterom.web.session import SESSION, signed_in
from venterom.web.text import N_
from venterom.web.work import Unit, look, work

# How long the sign-in of somebody who waits is kept although the page is closed.
AFTER_DEADLINE = timedelta(hours=1)

NOT_FREE: Mapping[type[QueueError], str] = {
    SlotTaken: N_("Den timen ble nettopp tatt."),
    NoSuchSlot: N_("Den tiden er for nær, eller utenfor åpningstiden."),
}


async def offer(request: web.Request) -> web.Response:
    """GET /start/offer"""
    who = signed_in(request, Role.PATIENT)
    return await _offer_page(request, who)


async def accept(request: web.Request) -> web.Response:
    """POST /start/offer: wait now, or take a slot. Pressing twice is the same as once.

    A program may send an Idempotency-Key, and asks again under it without fear.
    """
    who = signed_in(request, Role.PATIENT)
    form = await read(request, "offer", "slot")
    await _answered_before(request, who, form)
    try:
        visit = await (_book(request, who, form) if form["slot"] else _join(request, who, form))
    except (SlotTaken, NoSuchSlot) as refused:
        return await _offer_page(request, who, taken=NOT_FREE[type(refused)])
    except (UnknownOffer, NotAPromise):
        raise see_other("/start/offer") from None
    if visit is None:
        return await _offer_page(request, who, changed=True)
    raise see_other(f"/visit/{visit}")


async def _answered_before(request: web.Request, who: Person, form: Form) -> None:
    """Lead whoever asks again to the same answer as before."""
    if key := _key(request):
        async with look(request.app) as unit:
            visit = await requests.answered(unit.db, by=who.id, key=key, wish=_wish(form))
        if visit is not None:
            raise see_other(f"/visit/{visit}")


async def _keep_answer(
    request: web.Request, unit: Unit, who: Person, form: Form, visit: str
) -> None:
    await requests.remember(
        unit.db, unit.now, by=who.id, key=_key(request), wish=_wish(form), visit=visit
    )


def _key(request: web.Request) -> str:
    return requests.key_in(request.headers.get("Idempotency-Key", ""))


def _wish(form: Form) -> str:
    """What was asked for, as far as a key is bound to it."""
    return sha256(f"{form['offer']}\n{form['slot']}".encode()).hexdigest()


async def _join(request: web.Request, who: Person, form: Form) -> str | None:
    """The visit that waits now; None when the offer had to be replaced by a new one."""
    async with work(request.app) as unit:
        visit = (await arrive_at(unit, who, Step.OFFER)).visit
        try:
            joined = await desk.join(
                unit.db,
                unit.now,
                visit=visit.id,
                patient=visit.patient or "",
                offer_id=form["offer"],
                hours=request.app[HOURS],
            )
        except OfferChanged:
            return None  # the new offer is stored with this transaction, and shown next
        unit.events.append(joined)
        await chart.mark_open(unit.db, unit.now, visit=visit.id)
        await keep_sign_in(request, unit, joined.deadline)
        await _keep_answer(request, unit, who, form, visit.id)
    return visit.id


async def _book(request: web.Request, who: Person, form: Form) -> str:
    starts_at = read_slot(form["slot"])
    async with work(request.app) as unit:
        visit = (await arrive_at(unit, who, Step.OFFER)).visit
        booked = await booking.book(
            unit.db,
            unit.now,
            visit=visit.id,
            patient=visit.patient or "",
            starts_at=starts_at,
            hours=request.app[HOURS],
        )
        unit.events.append(booked)
        await chart.mark_open(unit.db, unit.now, visit=visit.id)
        await keep_sign_in(request, unit, booked.deadline)
        await _keep_answer(request, unit, who, form, visit.id)
    return visit.id


def read_slot(text: str) -> datetime:
    """The time that a button of ours sent. Raises NoSuchSlot for anything else."""
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise NoSuchSlot from None


async def keep_sign_in(request: web.Request, unit: Unit, deadline: datetime) -> None:
    """Whoever waits stays signed in until it is over, with the page closed too."""
    await sessions.keep(unit.db, request[SESSION].id, deadline + AFTER_DEADLINE)


async def _offer_page(
    request: web.Request, who: Person, *, changed: bool = False, taken: str = ""
) -> web.Response:
    hours = request.app[HOURS]
    async with work(request.app) as unit:
        visit = (await arrive_at(unit, who, Step.OFFER)).visit
        shown: Offer = await desk.quote(
            unit.db, unit.now, visit=visit.id, patient=visit.patient or "", hours=hours
        )
        if shown.visit != visit.id:  # a parent has a place for this patient, or the patient has
            raise see_other(f"/visit/{shown.visit}") if who.id == visit.patient else AlreadyWaiting
        free = await booking.free_slots(unit.db, unit.now, hours)
        floor = await desk.floor(unit.db, unit.now)
        forecast = view.forecast(floor, hours, unit.now)
    return page(
        request,
        "intake/offer.html",
        offer=replace(shown, slots=tuple(slot for slot in shown.slots if slot in free)),
        more=tuple(slot for slot in free if slot not in shown.slots),
        forecast=forecast,
        changed=changed,
        taken=taken,
        status=409 if changed or taken else 200,
    )
