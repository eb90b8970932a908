"""A doctor's phrases: made, changed, taken out, and filled in for the note that is written."""

from collections.abc import Mapping

from aiohttp import web

from venterom.journal import phrases, phrasing
from venterom.journal.errors import BadPhrase, NoSuchPhrase
from venterom.journal.phrases import Place, Problem
from venterom.web.forms import EMPTY, Errors, Form, read
from venterom.web.identity import people
from venterom.web.identity.people import Person
from venterom.web.identity.roles import Role
from venterom.web.keys import IDENTITY_KEYS
from venterom.web.pages import page, see_other
from venterom.web.session import signed_in
from venterom.web.text import N_, today
from venterom.web.work import Unit, look, work

HOME = "/doctor/phrases"
PROBLEMS = {
    Problem.BAD_KEY: N_("En kortform har 2–20 tegn: små bokstaver og tall."),
    Problem.TAKEN: N_("Denne kortformen er i bruk. Velg en annen."),
    Problem.EMPTY: EMPTY,
    Problem.TOO_LONG: N_("Dette ble for langt. Kort det ned til 4 000 tegn."),
    Problem.UNKNOWN_PLACE: N_("Mellom { og } kan det stå dato, lege eller alder."),
    Problem.ABOUT_SOMEBODY: N_("Dette ligner et fødselsnummer. En frase skal ikke si noe om noen."),
    Problem.TOO_MANY: N_("Du har 200 fraser. Fjern en før du lager en ny."),
}
BLANK = {"key": "", "text": "", "shared": ""}


async def show(request: web.Request) -> web.Response:
    """GET /doctor/phrases: one's own and the shared ones, and room for a new one."""
    return await _page(request, signed_in(request, Role.DOCTOR), BLANK, {})


async def edit(request: web.Request) -> web.Response:
    """GET /doctor/phrases/{phrase}: one of one's own."""
    who = signed_in(request, Role.DOCTOR)
    try:
        async with look(request.app) as unit:
            own = await phrasing.of_doctor(unit.db, who.id, request.match_info["phrase"])
    except NoSuchPhrase:
        raise see_other(HOME) from None
    shared = "yes" if own.shared else ""
    return await _page(request, who, {"key": own.key, "text": own.text, "shared": shared}, {})


async def keep(request: web.Request) -> web.Response:
    """POST to either of them: `key`, `text` and `shared`."""
    who = signed_in(request, Role.DOCTOR)
    form = await read(request, "key", "text", "shared")
    try:
        async with work(request.app) as unit:
            await phrasing.keep(
                unit.db,
                unit.now,
                doctor=who.id,
                key=form["key"],
                text=form["text"],
                shared=bool(form["shared"]),
                phrase=request.match_info.get("phrase", ""),
            )
    except BadPhrase as bad:
        errors = {field: PROBLEMS[Problem(code)] for field, code in bad.problems.items()}
        return await _page(request, who, form, errors)
    except NoSuchPhrase:
        pass  # taken out in another window
    raise see_other(HOME)


async def remove(request: web.Request) -> web.Response:
    """POST /doctor/phrases/{phrase}/remove"""
    who = signed_in(request, Role.DOCTOR)
    async with work(request.app) as unit:
        await phrasing.remove(unit.db, doctor=who.id, phrase=request.match_info["phrase"])
    raise see_other(HOME)


async def for_note(unit: Unit, who: Person, age: int) -> Mapping[str, str]:
    """What this doctor can put into a note, by key, filled in as far as it is known."""
    values = {
        Place.DATE: f"{today(unit.now):%d.%m.%Y}",
        Place.DOCTOR: who.name,
        Place.AGE: str(age),
    }
    chosen = await phrasing.usable(unit.db, who.id)
    return {each.key: phrases.filled(each.text, values) for each in chosen}


async def _page(request: web.Request, who: Person, form: Form, errors: Errors) -> web.Response:
    phrase = request.match_info.get("phrase", "")
    async with look(request.app) as unit:
        chosen = await phrasing.usable(unit.db, who.id)
        staff = await people.staff(unit.db, request.app[IDENTITY_KEYS], Role.DOCTOR)
    return page(
        request,
        "doctor/phrases.html",
        phrases=chosen,
        own=who.id,
        names={each.id: each.name for each in staff},
        phrase=phrase,
        form=form,
        errors=errors,
        here=f"{HOME}/{phrase}" if phrase else HOME,
        status=422 if errors else 200,
    )
