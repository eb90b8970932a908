"""How a visit's call was kept from others, as far as is known; its note holds it when signed."""

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from venterom.journal import protection, visits
from venterom.journal.protection import Encryption, Protection, Words
from venterom.journal.rows import insert_new, one
from venterom.journal.tables import ProtectionRow


async def report_protection(
    db: AsyncSession, now: datetime, *, visit: str, said: Protection
) -> Protection:
    """The doctor's page says how it is now; what holds of the whole call. Raises NoSuchVisit."""
    await visits.load(db, visit, lock=True)
    before = await protection_of(db, visit)
    whole = protection.after(before, said)
    values = {"encryption": whole.encryption, "words": whole.words, "at": now}
    if before is None:
        await insert_new(db, ProtectionRow, visit=visit, **values)
    elif whole != before:
        await db.execute(update(ProtectionRow).where(ProtectionRow.visit == visit).values(**values))
    return whole


async def protection_of(db: AsyncSession, visit: str) -> Protection | None:
    """None: no page has said anything, so nothing is known."""
    return value(await one(db, ProtectionRow, ProtectionRow.visit == visit))


def value(row: ProtectionRow | None) -> Protection | None:
    """The row as a value."""
    return None if row is None else Protection(Encryption(row.encryption), Words(row.words))
