"""The patient arrives: the front page, the policy, who it is for, and what is wrong."""

from dataclasses import dataclass

from aiohttp import web

from venterom.journal import chart, minors, note
from venterom.journal.access import Purpose
from venterom.journal.consent import Relation
from venterom.queue import desk, view
from venterom.queue.coverage import insurer
from venterom.queue.coverage.eligibility import Answer, Eligibility
from venterom.web.forms import EMPTY, TOO_LONG, Errors, Form, read, read_date
from venterom.web.identity import people
from venterom.web.identity.errors import (
    BadBirthDate,
    BadName,
    BadNumber,
    ChildDiffers,
    IdentityError,
    NotAChild,
    OneselfAsChild,
)
from venterom.web.identity.people import Person
from venterom.web.identity.roles import Role
from venterom.web.intake import Progress, Step, may_show, next_step
from venterom.web.keys import DEMONSTRATION, HOURS, IDENTITY_KEYS, RECORD_KEYS
from venterom.web.pages import page, see_other
from venterom.web.session import actor, me, signed_in
from venterom.web.text import N_, today
from venterom.web.work import Unit, look, work

CHILD_TROUBLE: dict[type[IdentityError], tuple[str, str]] = {
    BadName: ("name", N_("Skriv barnets navn.")),
    BadBirthDate: ("birth_date", N_("Skriv datoen slik: dag.måned.år, for eksempel 24.11.2019.")),
    BadNumber: ("national_number", N_("Se etter at alle de 11 sifrene er riktige.")),
    NotAChild: (
        "birth_date",
        N_("Den som har fylt 18 år, logger inn selv."),
    ),
    OneselfAsChild: ("national_number", N_("Dette er ditt eget nummer. Skriv barnets.")),
    ChildDiffers: (
        "national_number",
        N_("Navn, fødselsdato og nummer hører ikke sammen. Se etter at alt er riktig."),
    ),
}


@dataclass(frozen=True, slots=True)
class Arrival:
    """A visit that has no place yet, and how far it has come."""

    visit: chart.Visit
    done: Progress
    check: insurer.Check | None


async def landing(request: web.Request) -> web.Response:
    """GET /"""
    who = me(request)
    async with look(request.app) as unit:
        floor = await desk.floor(unit.db, unit.now)
        current = await chart.current_visit(unit.db, who.id) if who else None
    return page(
        request,
        "landing.html",
        forecast=view.forecast(floor, request.app[HOURS], unit.now),
        hours=request.app[HOURS],
        current=current if current and current.stage == "open" else None,
    )


async def start(request: web.Request) -> web.Response:
    """GET /start: on to the first page that still asks for something."""
    who = signed_in(request, Role.PATIENT)
    async with work(request.app) as unit:
        current = await chart.current_visit(unit.db, who.id)
        if current is not None and current.stage == "open":
            raise see_other(f"/visit/{current.id}")
        arrival = await arrive(unit, who)
    raise see_other(f"/start/{next_step(arrival.done)}")


async def arrive(unit: Unit, who: Person) -> Arrival:
    """The visit that this person is about to begin; made when there is none."""
    visit = await chart.open_visit(unit.db, unit.now, by=actor(who, Role.PATIENT))
    check = await insurer.check_of(unit.db, visit.id)
    done = Progress(
        policy_checked=check is not None and check.eligibility.answer is not Answer.NOT_COVERED,
        patient_known=visit.patient is not None,
        reason_given=visit.has_reason,
        consented=visit.consent,
    )
    return Arrival(visit, done, check)


async def arrive_at(unit: Unit, who: Person, step: Step) -> Arrival:
    """The same, on the page of one step; sends on whoever has come too far ahead."""
    arrival = await arrive(unit, who)
    if not may_show(step, arrival.done):
        raise see_other(f"/start/{next_step(arrival.done)}")
    return arrival


async def policy(request: web.Request) -> web.Response:
    """GET /start/policy"""
    who = signed_in(request, Role.PATIENT)
    async with work(request.app) as unit:
        arrival = await arrive_at(unit, who, Step.POLICY)
    number = arrival.check.number if arrival.check else ""
    return page(request, "intake/policy.html", form={"number": number}, errors={}, eligibility=None)


async def give_policy(request: web.Request) -> web.Response:
    """POST /start/policy: asked of the insurer's register; three answers."""
    who = signed_in(request, Role.PATIENT)
    form = await read(request, "number", "go_on")
    async with work(request.app) as unit:
        arrival = await arrive_at(unit, who, Step.POLICY)
        answer = await _check_policy(unit, who, arrival, form["number"])
    settled = answer.answer is Answer.COVERED
    if settled or (answer.answer is Answer.UNCHECKED and form["go_on"]):
        raise see_other("/start/who")
    return page(request, "intake/policy.html", form=form, errors={}, eligibility=answer, status=422)


async def _check_policy(unit: Unit, who: Person, arrival: Arrival, number: str) -> Eligibility:
    born = who.birth_date
    assert born is not None, "a patient's birth date comes with the sign-in"
    answer = await insurer.check(
        unit.db,
        today(unit.now),
        number=number,
        holder_birth_date=born,
        for_child=arrival.visit.relation is Relation.CHILD,
    )
    await insurer.record_check(unit.db, visit=arrival.visit.id, number=number, eligibility=answer)
    return answer


async def who_for(request: web.Request) -> web.Response:
    """GET /start/who"""
    who = signed_in(request, Role.PATIENT)
    async with work(request.app) as unit:
        arrival = await arrive_at(unit, who, Step.WHO)
    chosen = "me" if arrival.visit.patient == who.id else arrival.visit.patient or ""
    return await _who_page(request, who, {"who": chosen}, {})


async def say_who_for(request: web.Request) -> web.Response:
    """POST /start/who: oneself, a known child, or a new one."""
    who = signed_in(request, Role.PATIENT)
    form = await read(request, "who", "name", "birth_date", "national_number")
    try:
        async with work(request.app) as unit:
            arrival = await arrive_at(unit, who, Step.WHO)
            patient = await _chosen(request, unit, who, form)
            if patient is None or patient.birth_date is None:
                return await _who_page(request, who, form, {"who": N_("Velg hvem det gjelder.")})
            await chart.set_patient(
                unit.db,
                unit.now,
                visit=arrival.visit.id,
                patient=patient.id,
                relation=Relation.SELF if patient.id == who.id else Relation.CHILD,
                birth_date=patient.birth_date,
            )
            arrival = await arrive(unit, who)
            assert arrival.check is not None, "the policy comes before this page"
            answer = await _check_policy(unit, who, arrival, arrival.check.number)
    except tuple(CHILD_TROUBLE) as trouble:
        field, words = CHILD_TROUBLE[type(trouble)]
        return await _who_page(request, who, form, {field: words})
    if answer.answer is Answer.NOT_COVERED:
        number = {"number": arrival.check.number}
        return page(
            request, "intake/policy.html", form=number, errors={}, eligibility=answer, status=422
        )
    raise see_other("/start/reason")


async def _chosen(request: web.Request, unit: Unit, who: Person, form: Form) -> Person | None:
    """The patient; None when nobody was chosen. Raises an IdentityError for a new child."""
    keys = request.app[IDENTITY_KEYS]
    if form["who"] == "me":
        return who
    if form["who"] == "new":
        born = read_date(form["birth_date"])
        if born is None:
            raise BadBirthDate
        return await people.add_child(
            unit.db,
            keys,
            unit.now,
            parent=who.id,
            name=form["name"].strip(),
            birth_date=born,
            number="".join(form["national_number"].split()),
            synthetic=request.app[DEMONSTRATION],
        )
    children = await people.children_of(unit.db, keys, unit.now, who.id)
    return next((child for child in children if child.id == form["who"]), None)


async def _who_page(request: web.Request, who: Person, form: Form, errors: Errors) -> web.Response:
    async with look(request.app) as unit:
        keys = request.app[IDENTITY_KEYS]
        children = await people.children_of(unit.db, keys, unit.now, who.id)
        day = today(unit.now)
    blank = {"who": "", "name": "", "birth_date": "", "national_number": ""}
    return page(
        request,
        "intake/who.html",
        form={**blank, **form},
        errors=errors,
        children=children,
        ages={each.id: minors.age(each.birth_date, day) for each in children if each.birth_date},
        status=422 if errors else 200,
    )


async def reason(request: web.Request) -> web.Response:
    """GET /start/reason"""
    who = signed_in(request, Role.PATIENT)
    async with work(request.app) as unit:
        arrival = await arrive_at(unit, who, Step.REASON)
        told = await _told(request, unit, who, arrival.visit)
        child = await child_name(request, unit, arrival.visit)
    return _reason_page(request, {"reason": told}, {}, child)


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
        if problem is None:
            keys = request.app[RECORD_KEYS]
            await chart.set_reason(unit.db, keys, unit.now, visit=arrival.visit.id, text=told)
    if problem is None:
        raise see_other("/start/consent")
    words = EMPTY if problem is note.Problem.EMPTY else TOO_LONG
    return _reason_page(request, form, {"reason": words}, child)


def _reason_page(request: web.Request, form: Form, errors: Errors, child: str) -> web.Response:
    return page(
        request,
        "intake/reason.html",
        form=form,
        errors=errors,
        limit=note.MAX_REASON,
        child=child,
        status=422 if errors else 200,
    )


async def child_name(request: web.Request, unit: Unit, visit: chart.Visit) -> str:
    """The first name of the child whom a visit is for; empty when it is for oneself."""
    if visit.relation is not Relation.CHILD or visit.patient is None:
        return ""
    child = await people.person(unit.db, request.app[IDENTITY_KEYS], visit.patient)
    return child.name.split()[0]
