"""Papers that are written, prepared and signed, for tests of what comes after. No PDF is made."""

import json
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from tests.journal.make import DOCTOR, KEYS, NOON, after, written
from tests.journal.papers.make import PRESCRIPTION, TODAY
from venterom.journal import chart
from venterom.journal.papers import issuing
from venterom.journal.papers.issuing import Draft, Prepared, Ready
from venterom.journal.papers.paper import Body, Kind

SENT = frozenset({Kind.PRESCRIPTION, Kind.SICK_NOTE})
SHOWN = json.dumps({"Papir": "Resept"}).encode()


async def save(
    db: AsyncSession, visit: str, body: Body = PRESCRIPTION, now: datetime = NOON
) -> str:
    """A draft of the doctor's."""
    return await issuing.save_paper(
        db, KEYS, now, visit=visit, author=DOCTOR, body=body, today=TODAY
    )


def code_of(paper: str) -> bytes:
    """Its code."""
    return UUID(paper).bytes


def ready(draft: Draft) -> Ready:
    """What stands in for the document of the draft, and its code."""
    return Ready(draft, b"%PDF " + draft.id.encode(), code_of(draft.id), SHOWN)


async def prepared(db: AsyncSession, visit: str, *, electronic: frozenset[Kind] = SENT) -> Prepared:
    """All drafts of the visit, ready to be signed."""
    found = await issuing.drafts(db, KEYS, visit)
    made = tuple(ready(each) for each in found)
    return Prepared(TODAY, made, electronic)


async def signed_with(
    db: AsyncSession, *bodies: Body, electronic: frozenset[Kind] = SENT
) -> tuple[str, list[str]]:
    """A visit whose note is signed with these papers, and their ids."""
    visit = await written(db)
    ids = [await save(db, visit, body, after(seconds=n)) for n, body in enumerate(bodies)]
    papers = await prepared(db, visit, electronic=electronic)
    await chart.sign(db, KEYS, NOON, visit=visit, author=DOCTOR, papers=papers)
    return visit, ids
