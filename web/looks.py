"""What insurers have looked up about a patient's policies, as it stands in her log: who, on which
day, of which policy."""

from dataclasses import dataclass
from datetime import date

from aiohttp import web

from venterom.journal import mine
from venterom.queue.coverage import looked
from venterom.web.identity.standing import Standing
from venterom.web.mine import Reader, names
from venterom.web.work import Unit


@dataclass(frozen=True, slots=True)
class Seen:
    """On a day, a clerk or a program of an insurer looked up a policy, so many times."""

    day: date
    insurer: str
    clerk: str  # by name
    program: bool
    number: str
    times: int


async def seen(request: web.Request, unit: Unit, reader: Reader) -> list[Seen]:
    """Every look-up of the patient's policies, latest first; also those that told nothing."""
    born = reader.patient.birth_date
    assert born is not None, "the door lets in to no record without one"
    own, others = await mine.came(unit.db, reader.patient.id)
    if reader.record.standing is Standing.PARENT:
        # A policy that is known from a meeting that a parent may not know of would tell of it.
        may_know = await mine.readable(
            unit.db,
            unit.now,
            patient=reader.patient.id,
            reader=reader.actor,
            basis=reader.record.basis,
        )
        own, others = own & may_know.keys(), others & may_know.keys()
    numbers = await looked.numbers_of(unit.db, own=own, others=others, born=born)
    found = await looked.at_numbers(unit.db, numbers)
    clerks = await names(request, unit, {each.clerk for each in found})
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
