"""Coming into the waiting room: an offer, written down before it is shown, and its acceptance.

All of it happens under the admission lock, so that two patients are never sold the same minute.
"""

from dataclasses import replace
from datetime import datetime
from secrets import token_urlsafe

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from venterom.queue import (
    booking,
    choices,
    deferrals,
    entries,
    grounds,
    learning,
    ledger,
    planning,
    roster,
    shifts,
)
from venterom.queue.errors import (
    AlreadyWaiting,
    NotAPromise,
    OfferChanged,
    UnknownOffer,
    VisitOver,
)
from venterom.queue.events import Joined
from venterom.queue.floor import Entry, Floor, Kind
from venterom.queue.forecast import model
from venterom.queue.hours import Hours, start_of_day
from venterom.queue.planning import Work
from venterom.queue.promise import (
    Decision,
    Offer,
    Situation,
    can_keep,
    decide,
    situation,
    snapshot,
)
from venterom.queue.states import OPEN, State
from venterom.queue.tables import EntryRow

SLOTS_SHOWN = 12  # three hours of them; more is not a choice but a table
KIND = {Decision.PROMISE20: Kind.DROPIN, Decision.LATER: Kind.LATER}


async def floor(db: AsyncSession, now: datetime) -> Floor:
    """The waiting room as it is, and how the promises of the day in Norway went."""
    today = await ledger.tally(db, start_of_day(now))
    at_work = await shifts.live(db)
    beside = await roster.beside_shifts(db, now)
    here = [shift.practitioner for shift in at_work if shift.present]
    seen = Floor(
        at_work,
        await entries.live(db),
        today.kept,
        today.broken,
        await deferrals.open_ones(db),
        breaks=tuple(line for line in beside if line.work is Work.BREAK),
        service=(await learning.in_force(db)).service,
        levers=(await choices.current(db)).levers,
        on_call=planning.on_call(beside, here, now),
    )
    return replace(seen, certainty=(await learning.certainty(db)).of(seen.leans))


async def quote(
    db: AsyncSession, now: datetime, *, visit: str, patient: str, hours: Hours
) -> Offer:
    """What this patient can be offered now.

    Who has a place already is given the promise that goes with it, and who asks again within
    seconds the same offer: asking often gains nothing. Raises VisitOver.
    """
    await ledger.admit(db)
    has = await entries.open_entry_of(db, patient)
    if has is not None:
        return await ledger.offer(db, has.promise)
    if await entries.entry(db, visit) is not None:
        raise VisitOver
    shown = await ledger.last_offer(db, visit=visit, patient=patient)
    if shown is not None and shown.is_fresh(now):
        return shown
    return await _offer(db, now, visit, patient, hours)


async def join(
    db: AsyncSession, now: datetime, *, visit: str, patient: str, offer_id: str, hours: Hours
) -> Joined:
    """Accept an offer and wait. Accepting again gives the stored answer, with the same deadline.

    Raises OfferChanged, with a new offer written down, if the old one can no longer be kept: catch
    it inside the unit of work, so that `quote` has that one to show. Raises UnknownOffer,
    NotAPromise, AlreadyWaiting, VisitOver.
    """
    await ledger.admit(db)
    stored = await entries.entry(db, visit)
    if stored is not None:
        return _joined_before(stored)
    offer = await ledger.offer_to(db, offer_id, visit=visit, patient=patient)
    if offer is None:
        raise UnknownOffer
    if offer.deadline is None:
        raise NotAPromise
    if await entries.open_entry_of(db, patient) is not None:
        raise AlreadyWaiting
    if not offer.is_fresh(now):
        seen = await _situation(db, now, patient, hours)
        if not can_keep(seen, offer.decision, offer.deadline):
            await _offer(db, now, visit, patient, hours)
            raise OfferChanged
    return await _enter(db, now, patient, offer, offer.deadline)


def _joined_before(stored: Entry) -> Joined:
    if stored.state not in OPEN:
        raise VisitOver
    return Joined(stored.visit, stored.patient, stored.kind, stored.deadline, fresh=False)


async def _enter(
    db: AsyncSession, now: datetime, patient: str, offer: Offer, deadline: datetime
) -> Joined:
    kind = KIND[offer.decision]
    await db.execute(
        insert(EntryRow).values(
            visit=offer.visit,
            patient=patient,
            promise=offer.id,
            kind=kind,
            state=State.WAITING,
            created_at=now,
            release_at=now,
            deadline=deadline,
        )
    )
    return Joined(offer.visit, patient, kind, deadline)


async def _offer(db: AsyncSession, now: datetime, visit: str, patient: str, hours: Hours) -> Offer:
    """Decide, and write the line of the ledger."""
    here = await floor(db, now)
    held = await ledger.held(db, now, besides=patient)
    seen = situation(here, hours, now, held)
    slots = await booking.offered(db, now, hours, here, SLOTS_SHOWN)
    verdict = decide(seen, slots)
    offer = Offer(
        token_urlsafe(16), visit, verdict.decision, verdict.deadline, verdict.p_keep, now, slots
    )
    await ledger.write(
        db,
        offer,
        patient=patient,
        p_min_others=verdict.p_min_others,
        model=model(seen.service),
        seed=snapshot(seen).seed(),
        basis=grounds.written(seen, slots),
        leans=here.leans,
    )
    return offer


async def _situation(db: AsyncSession, now: datetime, patient: str, hours: Hours) -> Situation:
    held = await ledger.held(db, now, besides=patient)
    return situation(await floor(db, now), hours, now, held)
