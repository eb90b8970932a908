"""Who the visit is for: oneself, a child who is known, or a new one."""

from datetime import date

from aiohttp import web

from venterom.journal import chart, minors
from venterom.journal.consent import Relation
from venterom.queue.coverage.eligibility import Answer
from venterom.web import kin, limits
from venterom.web.arrival import arrive, arrive_at, ask_outward, check_policy
from venterom.web.forms import Errors, Form, read, read_date
from venterom.web.identity import parents, people
from venterom.web.identity.errors import (
    BadBirthDate,
    BadName,
    BadNumber,
    ChildDiffers,
    IdentityError,
    NoLongerResponsible,
    NotAChild,
    NotResponsible,
    OneselfAsChild,
)
from venterom.web.identity.family import check_child
from venterom.web.identity.kinship import Kin
from venterom.web.identity.people import Person
from venterom.web.identity.roles import Role
from venterom.web.intake import Step
from venterom.web.keys import CLOCK, DEMONSTRATION, IDENTITY_KEYS
from venterom.web.pages import page, see_other
from venterom.web.session import actor, signed_in
from venterom.web.text import N_, today
from venterom.web.work import Unit, look, work

CHOOSE = N_("Velg hvem det gjelder.")
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
    NotResponsible: (
        "national_number",
        N_(
            "Folkeregisteret viser ikke at du har foreldreansvar for dette barnet. Se etter at dato"
            " og nummer er riktige, eller ring 23 01 48 00."
        ),
    ),
    NoLongerResponsible: (
        "who",
        N_(
            "Folkeregisteret viser ikke lenger at du har foreldreansvar for dette barnet. Er det"
            " feil, ring 23 01 48 00."
        ),
    ),
}


async def who_for(request: web.Request) -> web.Response:
    """GET /start/who"""
    who = signed_in(request, Role.PATIENT)
    async with work(request.app) as unit:
        arrival = await arrive_at(unit, who, Step.WHO)
    chosen = "me" if arrival.visit.patient == who.id else arrival.visit.patient or ""
    return await _page(request, who, {"who": chosen}, {})


async def say_who_for(request: web.Request) -> web.Response:
    """POST /start/who: what is said here decides whether the policy covers it.

    The population registry is asked first, then an insurer who keeps the register of policies;
    nothing is open in the database meanwhile.
    """
    who = signed_in(request, Role.PATIENT)
    form = await read(request, "who", "name", "birth_date", "national_number")
    try:
        async with look(request.app) as unit:
            child = await _known(request, unit, who, form["who"])
        said = await _asked(request, who, form, child)
        typed = read_date(form["birth_date"]) if form["who"] == "new" else None
        born = child.birth_date if child else typed
        register = await ask_outward(request.app, who, child=born)
        async with work(request.app) as unit:
            arrival = await arrive_at(unit, who, Step.WHO)
            patient = await _chosen(request, unit, who, form)
            if patient is not None and form["who"] == "new":
                by = actor(who, Role.PATIENT)
                await parents.settle(unit.db, unit.now, by=by, child=patient.id, said=said)
            if patient is not None:
                await _set_patient(unit, who, arrival.visit, patient)
                arrival = await arrive(unit, who)
                assert arrival.check is not None, "the policy comes before this page"
                answer = await check_policy(
                    unit, who, arrival.visit, arrival.check.number, register
                )
    except tuple(CHILD_TROUBLE) as trouble:
        field, words = CHILD_TROUBLE[type(trouble)]
        return await _page(request, who, form, {field: words})
    if patient is None:
        return await _page(request, who, form, {"who": CHOOSE})
    refused = answer.answer is Answer.NOT_COVERED
    raise see_other("/start/policy" if refused else "/start/reason")  # the page there says why


async def _asked(request: web.Request, who: Person, form: Form, child: Person | None) -> Kin:
    """What the registry says of the child that was chosen; of anybody else it is not asked.

    Raises an IdentityError for a child who cannot be, and NotResponsible when the registry says no.
    """
    app = request.app
    if form["who"] == "new":
        name, born, number = _typed(form)
        limits.count(request, limits.NUMBERS, who.id)  # the answer tells whose child a number is
        synthetic = app[DEMONSTRATION]
        check_child(name, born, number, now=app[CLOCK](), synthetic=synthetic)
        said = await kin.ask(app, who, number, born)
        if said is Kin.NOT_RELATED:
            raise NotResponsible
        return said
    if child is not None and await kin.renew(app, who, child) is Kin.NOT_RELATED:
        raise NoLongerResponsible
    return Kin.UNCHECKED


def _typed(form: Form) -> tuple[str, date, str]:
    """Name, birth date and number of a new child. Raises BadBirthDate."""
    born = read_date(form["birth_date"])
    if born is None:
        raise BadBirthDate
    return form["name"].strip(), born, "".join(form["national_number"].split())


async def _known(request: web.Request, unit: Unit, who: Person, chosen: str) -> Person | None:
    """A child of this parent's who was here before."""
    children = await people.children_of(unit.db, request.app[IDENTITY_KEYS], unit.now, who.id)
    return next((child for child in children if child.id == chosen), None)


async def _set_patient(unit: Unit, who: Person, visit: chart.Visit, patient: Person) -> None:
    assert patient.birth_date is not None, "a patient's birth date is known from the first day"
    await chart.set_patient(
        unit.db,
        unit.now,
        visit=visit.id,
        patient=patient.id,
        relation=Relation.SELF if patient.id == who.id else Relation.CHILD,
        birth_date=patient.birth_date,
    )


async def _chosen(request: web.Request, unit: Unit, who: Person, form: Form) -> Person | None:
    """The patient; None when nobody was chosen. Raises an IdentityError for a new child."""
    if form["who"] == "me":
        return who
    if form["who"] == "new":
        name, born, number = _typed(form)
        return await people.add_child(
            unit.db,
            request.app[IDENTITY_KEYS],
            unit.now,
            parent=who.id,
            name=name,
            birth_date=born,
            number=number,
            synthetic=request.app[DEMONSTRATION],
        )
    return await _known(request, unit, who, form["who"])


async def _page(request: web.Request, who: Person, form: Form, errors: Errors) -> web.Response:
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
