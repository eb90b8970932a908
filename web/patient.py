"""The patient arrives: the policy, and what is wrong."""

from aiohttp import web

from venterom.journal import chart, note
from venterom.journal.access import Purpose
from venterom.journal.consent import Relation
from venterom.queue.coverage.eligibility import Answer, Reason
from venterom.web import kin
from venterom.web.arrival import arrive, arrive_at, ask_outward, check_policy, child_name
from venterom.web.forms import BAD_POLICY_NUMBER, EMPTY, TOO_LONG, Errors, Form, read
from venterom.web.identity.people import Person
from venterom.web.identity.roles import Role
from venterom.web.intake import Step, next_step
from venterom.web.keys import RECORD_KEYS
from venterom.web.pages import page, see_other
from venterom.web.session import actor, signed_in
from venterom.web.work import Unit, work


async def start(request: web.Request) -> web.Response:
    """GET /start: on to the first page that still asks for something."""
    who = signed_in(request, Role.PATIENT)
    async with work(request.app) as unit:
        arrival = await arrive(unit, who)
    raise see_other(f"/start/{next_step(arrival.done)}")


async def policy(request: web.Request) -> web.Response:
    """GET /start/policy: the number that was given before, and what was wrong with it."""
    who = signed_in(request, Role.PATIENT)
    async with work(request.app) as unit:
        check = (await arrive_at(unit, who, Step.POLICY)).check
    answer = check.eligibility if check else None
    return page(
        request,
        "intake/policy.html",
        form={"number": check.number if check else ""},
        errors={},
        eligibility=answer if answer and answer.answer is Answer.NOT_COVERED else None,
    )


async def give_policy(request: web.Request) -> web.Response:
    """POST /start/policy: asked of the insurer's register; three answers."""
    who = signed_in(request, Role.PATIENT)
    form = await read(request, "number", "go_on")
    register = await ask_outward(request.app, who, form["number"])
    async with work(request.app) as unit:
        visit = (await arrive_at(unit, who, Step.POLICY)).visit
        answer = await check_policy(unit, who, visit, form["number"], register)
    settled = answer.answer is Answer.COVERED
    if settled or (answer.answer is Answer.UNCHECKED and form["go_on"]):
        raise see_other("/start/who")
    errors = {"number": BAD_POLICY_NUMBER} if answer.reason is Reason.MALFORMED else {}
    return page(
        request, "intake/policy.html", form=form, errors=errors, eligibility=answer, status=422
    )


async def reason(request: web.Request) -> web.Response:
    """GET /start/reason"""
    who = signed_in(request, Role.PATIENT)
    async with work(request.app) as unit:
        arrival = await arrive_at(unit, who, Step.REASON)
        told = await _told(request, unit, who, arrival.visit)
        child = await child_name(request, unit, arrival.visit)
        unchecked = await _unchecked(unit, arrival.visit)
    return _reason_page(request, {"reason": told}, {}, child, unchecked)


async def _unchecked(unit: Unit, visit: chart.Visit) -> bool:
    """Whether it is for a child, and only the parent's word says that it is hers."""
    if visit.relation is not Relation.CHILD or visit.patient is None:
        return False
    return not await kin.is_confirmed(unit, visit.opened_by, visit.patient)


async def _told(request: web.Request, unit: Unit, who: Person, visit: chart.Visit) -> str:
    """What was written before, for whoever comes back to the page."""
    if not visit.has_reason:
        return ""
    story = await chart.read_story(
        unit.db,
        request.app[RECORD_KEYS],
        unit.now,
        reader=actor(who, Role.PATIENT),
        visit=visit.id,
        purpose=Purpose.PATIENT_REQUEST,
    )
    return story.reason


async def give_reason(request: web.Request) -> web.Response:
    """POST /start/reason: sealed at once, for the doctor alone."""
    who = signed_in(request, Role.PATIENT)
    form = await read(request, "reason")
    told = note.clean_text(form["reason"])
    problem = note.reason_problem(told)
    async with work(request.app) as unit:
        arrival = await arrive_at(unit, who, Step.REASON)
        child = await child_name(request, unit, arrival.visit)
        unchecked = await _unchecked(unit, arrival.visit)
        if problem is None:
            keys = request.app[RECORD_KEYS]
            await chart.set_reason(unit.db, keys, unit.now, visit=arrival.visit.id, text=told)
    if problem is None:
        raise see_other("/start")  # a consent that holds is not asked for again
    words = EMPTY if problem is note.Problem.EMPTY else TOO_LONG
    return _reason_page(request, form, {"reason": words}, child, unchecked)


def _reason_page(
    request: web.Request, form: Form, errors: Errors, child: str, unchecked: bool
) -> web.Response:
    return page(
        request,
        "intake/reason.html",
        form=form,
        errors=errors,
        limit=note.MAX_REASON,
        child=child,
        unchecked=unchecked,
        status=422 if errors else 200,
    )
