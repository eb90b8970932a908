"""The receipts of papers that were sent, sealed; and where each paper is, for its readers."""

import json
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from venterom.journal import vault
from venterom.journal.canonical import canonical
from venterom.journal.keys import Keys
from venterom.journal.papers.errand import Errand, Result, State
from venterom.journal.papers.tables import ErrandRow, ReceiptRow
from venterom.journal.rows import one
from venterom.journal.seal import Context


@dataclass(frozen=True, slots=True)
class Sending:
    """Where a paper is, for doctor and patient."""

    paper: str
    errand: Errand
    state: State
    at: datetime | None = None  # when the receipt came
    reference: str = ""  # as Result has it


async def sendings(db: AsyncSession, keys: Keys, visit: str) -> list[Sending]:
    """Where the papers of a visit are. Only for those who may read them."""
    query = select(ErrandRow).where(ErrandRow.visit == visit)
    rows = await db.scalars(query.order_by(ErrandRow.paper, ErrandRow.errand.desc()))
    return [await _sending(db, keys, row) for row in rows]


async def keep(
    db: AsyncSession,
    keys: Keys,
    now: datetime,
    paper: str,
    errand: Errand,
    patient: str,
    result: Result,
) -> None:
    """Seal the answer, once an errand."""
    place = _place(paper, errand, patient)
    sealed = await vault.lock_away(db, keys, place, canonical({"reference": result.reference}))
    said = {"paper": paper, "errand": errand, "patient": patient, "at": now}
    await db.execute(insert(ReceiptRow).values(**said, **vault.columns(sealed)))


async def _sending(db: AsyncSession, keys: Keys, row: ErrandRow) -> Sending:
    sent = Sending(row.paper, Errand(row.errand), State(row.state))
    found = await one(
        db, ReceiptRow, ReceiptRow.paper == row.paper, ReceiptRow.errand == row.errand
    )
    if found is None:
        return sent
    place = _place(row.paper, row.errand, found.patient)
    reference: str = json.loads(await vault.take_out(db, keys, place, found))["reference"]
    return replace(sent, at=found.at, reference=reference)


def _place(paper: str, errand: str, patient: str) -> Context:
    # By the name that the first receipts were sealed under.
    return Context("prescription_receipt", f"{paper}/{errand}", patient, 1, "")
