"""Whether everything that was acknowledged is in the database, once and as it was."""

import sqlite3
from collections import Counter
from contextlib import closing

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from tests.crash.people import Acknowledged
from tests.house import House
from tests.record import record
from venterom.journal import entry, writing
from venterom.journal.consent import Kind
from venterom.journal.keys import Keys
from venterom.journal.states import Delivery
from venterom.journal.tables import ConsentRow, DeliveryRow, DraftRow
from venterom.journal.tables import EntryRow as SignedRow
from venterom.journal.verifying import verify
from venterom.queue.states import OPEN
from venterom.queue.tables import EntryRow, PromiseRow


async def check(house: House, known: Acknowledged) -> None:
    """Look at all of it. Nobody writes meanwhile."""
    async with record(house) as (db, keys):
        await _promises(db, known)
        await consents(db, known)
        signed = await _signed(db, keys, known)
        await _drafts(db, keys, known, signed)
        verdict = await verify(db, keys)
        assert verdict.ok, verdict.first_bad


async def _promises(db: AsyncSession, known: Acknowledged) -> None:
    """Every offer was stored before it was shown, and every place holds what was promised."""
    promised = {row.id: row.deadline for row in await db.scalars(select(PromiseRow))}
    for offer, deadline in known.offers.items():
        assert promised.get(offer) == deadline, f"offer {offer}"
    entries = {row.visit: row for row in await db.scalars(select(EntryRow))}
    for visit, deadline in known.places.items():
        place = entries.get(visit)
        assert place is not None, f"the place of {visit} is lost"
        assert place.deadline == promised[place.promise] == deadline, f"another promise: {visit}"
    waiting = Counter(each.patient for each in entries.values() if each.state in OPEN)
    assert max(waiting.values(), default=1) == 1, "two places of one patient"


async def consents(db: AsyncSession, known: Acknowledged) -> None:
    """Each that was given or taken back is there, and once. Who has a place has consented, if not
    for this visit then for one before."""
    rows = (await db.scalars(select(ConsentRow))).all()
    once = Counter((row.visit, row.kind) for row in rows)
    assert max(once.values(), default=1) == 1, "a consent twice"
    said = {(visit, kind) for visit in known.consents for kind in (Kind.NOTICE, Kind.CONSENT)}
    said |= {(visit, Kind.WITHDRAWAL) for visit in known.taken_back}
    assert said <= once.keys(), f"lost: {said - once.keys()}"
    agreed = {row.patient for row in rows if row.kind == Kind.CONSENT}
    for place in await db.scalars(select(EntryRow)):
        assert place.visit not in known.places or place.patient in agreed, f"of {place.visit}"


async def _signed(db: AsyncSession, keys: Keys, known: Acknowledged) -> set[str]:
    rows = {row.visit: row for row in await db.scalars(select(SignedRow))}
    for visit, plan in known.signed.items():
        assert visit in rows, f"the signed note of {visit} is lost"
        packed = await writing.open_entry(db, keys, rows[visit])
        assert entry.unpack(packed).note.plan == plan, f"another note: {visit}"
    return set(rows)


async def _drafts(db: AsyncSession, keys: Keys, known: Acknowledged, signed: set[str]) -> None:
    rows = {row.visit: row for row in await db.scalars(select(DraftRow))}
    for visit, draft in known.drafts.items():
        if visit in signed or not draft.version:
            continue
        assert visit in rows, f"the draft of {visit} is lost"
        fields = await writing.open_draft(db, keys, rows[visit])
        found = rows[visit].version, fields.plan
        may_be = (draft.version, draft.text), (draft.version + 1, draft.tried)
        assert found in may_be, f"another draft of {visit}"


async def undelivered(house: House) -> list[str]:
    """The signed notes that the EPJ has not acknowledged yet."""
    async with record(house) as (db, _):
        late = DeliveryRow.state != Delivery.IN_THE_JOURNAL
        return list(await db.scalars(select(DeliveryRow.visit).where(late)))


async def check_epj(house: House) -> int:
    """The EPJ has each signed note once, and nothing else; says how many."""
    async with record(house) as (db, _):
        signed = Counter(await db.scalars(select(SignedRow.visit)))
    with closing(sqlite3.connect(house.folder / "epj.db")) as epj:
        received = Counter(visit for (visit,) in epj.execute("SELECT encounter FROM epj_record"))
    assert received == signed
    return signed.total()
