"""Makes the documents of a note that is about to be signed, beside the event loop."""

import asyncio
import json
import secrets
from datetime import date

from aiohttp import web

from venterom.journal import chart
from venterom.journal.papers import code, issuing, paper, pdf, sheet, wording
from venterom.journal.papers.issuing import Draft, Prepared, Ready
from venterom.journal.papers.paper import Kind
from venterom.journal.papers.sheet import Of, Sender, Sheet
from venterom.web import hpr
from venterom.web.identity import people
from venterom.web.identity.people import Person
from venterom.web.keys import ELECTRONIC, IDENTITY_KEYS, PUBLIC_URL, RECORD_KEYS, SENDER
from venterom.web.text import today
from venterom.web.work import Unit, look

CHECK = "/paper"  # where a receiver types the code


async def prepare(request: web.Request, who: Person, visit: str) -> Prepared:
    """Every paper of the visit as a document of this doctor's, of today.

    Raises NotInHpr, MayNotPrescribe, HprUnchecked when one is a prescription.
    """
    app = request.app
    async with look(app) as unit:
        drafts = await issuing.drafts(unit.db, app[RECORD_KEYS], visit)
        day, electronic = today(unit.now), app[ELECTRONIC]
        if not drafts:
            return Prepared(day, (), electronic)
        of = await _of(app, unit, visit)
    await hpr.before_issuing(app, who, [each.body for each in drafts])
    check_at = app[PUBLIC_URL] + CHECK
    made = await asyncio.to_thread(_all, drafts, of, who, app[SENDER], day, electronic, check_at)
    return Prepared(day, made, electronic)


async def _of(app: web.Application, unit: Unit, visit: str) -> Of:
    own = await chart.visit(unit.db, visit)
    patient = await people.person(unit.db, app[IDENTITY_KEYS], own.patient or "")
    number = await people.reveal_number(unit.db, app[IDENTITY_KEYS], patient.id)
    return Of(patient.name, patient.birth_date, number)


def _all(
    drafts: list[Draft],
    of: Of,
    who: Person,
    sender: Sender,
    day: date,
    electronic: frozenset[Kind],
    check_at: str,
) -> tuple[Ready, ...]:
    return tuple(_one(each, of, who, sender, day, electronic, check_at) for each in drafts)


def _one(
    draft: Draft,
    of: Of,
    who: Person,
    sender: Sender,
    day: date,
    electronic: frozenset[Kind],
    check_at: str,
) -> Ready:
    made, kind = secrets.token_bytes(code.BYTES), paper.KINDS[type(draft.body)]
    said = Sheet(
        title=paper.TITLES[kind],
        sender=sender,
        to=wording.recipient(draft.body),
        of=of,
        doctor=who.name,
        hpr=who.hpr_number or "",
        on=day,
        lines=wording.lines(draft.body, day, electronic=kind in electronic),
        code=code.write(made),
        check_at=check_at,
        for_employer=wording.for_employer(draft.body),
    )
    shown = json.dumps(sheet.essential(said), ensure_ascii=False).encode()
    return Ready(draft, pdf.write(sheet.html(said)), made, shown)
