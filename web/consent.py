"""Information and consent: one page that is read, two records that are kept."""

from aiohttp import web

from venterom.journal import chart, minors, texts
from venterom.journal.errors import ConsentRefused, PatientChanged, TextChanged, UnknownText
from venterom.web.arrival import arrive_at, child_name
from venterom.web.forms import Errors, Form, read
from venterom.web.identity.people import Person
from venterom.web.identity.roles import Role
from venterom.web.intake import Step
from venterom.web.keys import RECORD_KEYS
from venterom.web.pages import language, page, see_other
from venterom.web.session import actor, signed_in
from venterom.web.text import N_, today
from venterom.web.work import Unit, work

NEEDED = N_("Vi trenger et ja før du kan møte legen.")
YOUNG_PERSON = N_("Den som er 16 eller 17 år, bestemmer selv, og må også si ja.")
WITHOUT_PARENT = N_("Du som er under 16 år, trenger en forelder som logger inn for deg.")
OR_ALONE = N_("Vil du snakke med legen uten foreldrene dine, krysser du av for det her.")


async def consent(request: web.Request) -> web.Response:
    """GET /start/consent"""
    who = signed_in(request, Role.PATIENT)
    return await _consent_page(request, who, {"consent": "", "own_yes": "", "alone": ""}, {})


async def give_consent(request: web.Request) -> web.Response:
    """POST /start/consent: stored with text, version, language, time, by whom and for whom."""
    who = signed_in(request, Role.PATIENT)
    form = await read(request, "consent", "own_yes", "alone", "version", "language")
    if not form["consent"]:
        return await _consent_page(request, who, form, {"consent": NEEDED})
    try:
        async with work(request.app) as unit:
            await _store(request, unit, who, form)
    except (TextChanged, UnknownText, PatientChanged):
        raise see_other("/start/consent") from None  # the text of today, to be read
    except ConsentRefused as refused:
        young = refused.detail == "own_yes_needed"
        errors = {"own_yes": YOUNG_PERSON} if young else {"consent": WITHOUT_PARENT}
        if not young:
            errors["alone"] = OR_ALONE  # shown where there is such a choice
        return await _consent_page(request, who, form, errors)
    raise see_other("/start/offer")


async def _store(request: web.Request, unit: Unit, who: Person, form: Form) -> None:
    visit = (await arrive_at(unit, who, Step.CONSENT)).visit
    given = await chart.give_consent(
        unit.db,
        request.app[RECORD_KEYS],
        unit.now,
        visit=visit.id,
        by=actor(who, Role.PATIENT),
        patient=visit.patient or "",
        language=form["language"],
        version=form["version"],
        own_yes=bool(form["own_yes"]),
        alone=bool(form["alone"]),
    )
    unit.events.append(given)


async def _consent_page(
    request: web.Request, who: Person, form: Form, errors: Errors
) -> web.Response:
    async with work(request.app) as unit:
        visit = (await arrive_at(unit, who, Step.CONSENT)).visit
        child = await child_name(request, unit, visit)
        born = visit.birth_date or who.birth_date
        assert born is not None, "who the visit is for comes before this page"
        years = minors.age(born, today(unit.now))
    spoken = language(request)
    return page(
        request,
        "intake/consent.html",
        text=texts.page(spoken),
        language=spoken,
        child=child,
        decider=minors.decides(years),
        may_come_alone=not child and minors.weighs_heavily(years),
        form=form,
        errors=errors,
        status=422 if errors else 200,
    )
