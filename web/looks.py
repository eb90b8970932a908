"""What insurers have looked up about a patient's policies, as it stands in her log: who, on which
day, of which policy."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from venterom.journal import mine
from venterom.journal.access import Actor, Basis
from venterom.journal.fhir_looks import Seen
from venterom.queue.coverage import looked
from venterom.web.identity import people
from venterom.web.identity.people import Person
from venterom.web.identity.sealed import Keys


async def seen(
    db: AsyncSession, keys: Keys, now: datetime, *, patient: Person, reader: Actor, basis: Basis
) -> list[Seen]:
    """Every look-up of the patient's policies, latest first; also those that told nothing."""
    born = patient.birth_date
    assert born is not None, "the door lets in to no record without one"
    own, others = await mine.came(db, patient.id)
    if reader.person != patient.id and basis is not Basis.PROXY:
        # A policy that is known from a meeting that a parent may not know of would tell of it.
        may_know = await mine.readable(db, now, patient=patient.id, reader=reader, basis=basis)
        own, others = own & may_know.keys(), others & may_know.keys()
    numbers = await looked.numbers_of(db, own=own, others=others, born=born)
    found = await looked.at_numbers(db, numbers)
    clerks = await people.persons(db, keys, {each.clerk for each in found})
    return [
        Seen(
            day=each.day,
            insurer=each.insurer,
            clerk=clerks[each.clerk].name if each.clerk in clerks else each.clerk,
            program=each.clerk not in clerks,
            number=each.number,
            times=each.times,
        )
        for each in found
    ]
