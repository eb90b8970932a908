"""A visit that has no place yet: how far it has come, and whether its policy covers it."""

from dataclasses import dataclass
from datetime import date

from aiohttp import web

from venterom.journal import chart
from venterom.journal.consent import Relation
from venterom.queue.coverage import insurer
from venterom.queue.coverage.eligibility import NOT_FOR_THE_CHILD, Answer, Eligibility, Reason
from venterom.queue.coverage.insurer import Register
from venterom.web.identity import people
from venterom.web.identity.people import Person
from venterom.web.identity.roles import Role
from venterom.web.intake import Progress, Step, may_show, next_step
from venterom.web.keys import IDENTITY_KEYS, OUTWARD
from venterom.web.pages import see_other
from venterom.web.session import actor
from venterom.web.text import today
from venterom.web.work import Unit, look


@dataclass(frozen=True, slots=True)
class Arrival:
    """A visit that has no place yet, and how far it has come."""

    visit: chart.Visit
    done: Progress
    check: insurer.Check | None


async def arrive(unit: Unit, who: Person) -> Arrival:
    """The visit that this person is about to begin; made when there is none.

    Who is in a visit already is sent to it: nobody has two places.
    """
    current = await chart.current_visit(unit.db, who.id)
    if current is not None and current.stage == "open":
        raise see_other(f"/visit/{current.id}")
    visit = await chart.open_visit(unit.db, unit.now, by=actor(who, Role.PATIENT))
    check = await insurer.check_of(unit.db, visit.id)
    done = Progress(
        policy_checked=check is not None and _is_of_use(check.eligibility),
        patient_known=visit.patient is not None and not _is_for_another(check),
        reason_given=visit.has_reason,
        consented=visit.consented_today(today(unit.now)),
    )
    return Arrival(visit, done, check)


def _is_of_use(answer: Eligibility) -> bool:
    """A policy that is not for children is still the parent's own."""
    return answer.answer is not Answer.NOT_COVERED or answer.reason in NOT_FOR_THE_CHILD


def _is_for_another(check: insurer.Check | None) -> bool:
    return check is not None and check.eligibility.reason in NOT_FOR_THE_CHILD


async def arrive_at(unit: Unit, who: Person, step: Step) -> Arrival:
    """The same, on the page of one step; sends on whoever has come too far ahead."""
    arrival = await arrive(unit, who)
    if not may_show(step, arrival.done):
        raise see_other(f"/start/{next_step(arrival.done)}")
    return arrival


async def ask_outward(
    app: web.Application, who: Person, number: str | None = None, child: date | None = None
) -> Register | None:
    """What the insurer says who keeps the register of this number; None when we keep it.

    Without a number it is the one that was given before; `child` is one that is about to be chosen.
    They may take seconds to answer, so no transaction may be open meanwhile.
    """
    async with look(app) as unit:
        visit = await chart.current_visit(unit.db, who.id)
        check = await insurer.check_of(unit.db, visit.id) if visit else None
    if number is None:
        number = check.number if check else ""
    if child is None and visit is not None and visit.relation is Relation.CHILD:
        child = visit.birth_date
    return await app[OUTWARD].ask(number, (who.birth_date, child))


async def check_policy(
    unit: Unit,
    who: Person,
    visit: chart.Visit,
    number: str,
    register: Register | None = None,
    day: date | None = None,
) -> Eligibility:
    """Whether the number covers the visit of `who`; kept with the visit, over any earlier answer.

    A child is covered by the parent's policy, or by one of its own. `register` is what
    `ask_outward` said; `day` is today where nothing else is said.
    """
    assert who.birth_date is not None, "a birth date comes with the sign-in, and with every child"
    day = day or today(unit.now)
    child = visit.birth_date if visit.relation is Relation.CHILD else None
    answer = await insurer.check(
        unit.db,
        day,
        number=number,
        holder_birth_date=who.birth_date,
        for_child=child is not None,
        child_birth_date=child,
        register=register,
    )
    if child is not None and answer.reason is Reason.UNKNOWN:
        answer = await insurer.check(
            unit.db, day, number=number, holder_birth_date=child, register=register
        )
    await insurer.record_check(unit.db, visit=visit.id, number=number, eligibility=answer)
    return answer


async def child_name(request: web.Request, unit: Unit, visit: chart.Visit) -> str:
    """The first name of the child whom a visit is for; empty when it is for oneself."""
    if visit.relation is not Relation.CHILD or visit.patient is None:
        return ""
    child = await people.person(unit.db, request.app[IDENTITY_KEYS], visit.patient)
    return child.name.split()[0]
