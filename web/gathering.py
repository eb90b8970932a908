"""Everything of one record, with the names of who acted in it: for who takes it elsewhere."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from venterom.journal import blocks, casework, logbook, mine
from venterom.journal.access import Actor, Basis
from venterom.journal.fhir_record import Everything
from venterom.journal.keys import Keys
from venterom.journal.mine import Kept
from venterom.web.identity import people
from venterom.web.identity.people import Person
from venterom.web.identity.sealed import Keys as IdentityKeys
from venterom.web.mine_log import Said, said

MOST_LINES = 100_000  # of the log: more than a life's


@dataclass(frozen=True, slots=True)
class Gathered:
    """The record, its log in words, and the notes whose text the EPJ alone has."""

    everything: Everything
    log: Sequence[Said]
    elsewhere: Sequence[Kept]


async def gather(
    db: AsyncSession,
    keys: Keys,
    identity: IdentityKeys,
    now: datetime,
    *,
    patient: Person,
    reader: Actor,
    basis: Basis,
    me: str,
    service: str,
) -> Gathered:
    """What this reader may have of the patient's record. Only for those who have written their
    line. The log calls `me` «du»; with nobody, it calls everybody by name."""
    asked: dict[str, Any] = {"patient": patient.id, "reader": reader, "basis": basis}
    lines = await logbook.page(db, now, **asked, most=MOST_LINES, noted=False)
    is_own = reader.person == patient.id
    standing = await blocks.standing(db, patient.id) if is_own else ()
    cases = await casework.of_patient(db, patient.id) if is_own else []
    words = await casework.words_of(db, keys, cases)
    reasons = await blocks.reasons(db, keys, patient.id)
    ids = {line.actor for line in lines} | {each.against for each in standing}
    known = dict(await people.persons(db, identity, ids))
    days = await mine.days_of(db, patient.id)
    assert patient.birth_date is not None, "a patient has one"
    everything = Everything(
        pseudonym=keys.pseudonym(patient.id),
        name=patient.name,
        birth_date=patient.birth_date,
        now=now,
        notes=await mine.everything(db, keys, now, **asked),
        receipts=await mine.receipts(db, now, **asked),
        blocks=standing,
        cases=[(case, words[case.id]) for case in cases],
        log=lines,
        names={id_: each.name for id_, each in known.items()},
        service=service,
    )
    log = [said(me, line, known, days, reasons, service) for line in lines]
    return Gathered(everything, log, await mine.elsewhere(db, now, **asked))
