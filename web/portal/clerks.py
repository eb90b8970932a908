"""An insurer's own clerks: everybody sees who they are and what was changed, a chief changes it."""

from collections.abc import Mapping

from aiohttp import web

from venterom.web.forms import Errors, Form, read
from venterom.web.identity import clerks
from venterom.web.identity.errors import (
    BadName,
    BadNumber,
    ClerkDiffers,
    ClerkStands,
    IdentityError,
)
from venterom.web.keys import DEMONSTRATION, IDENTITY_KEYS
from venterom.web.pages import page, see_other
from venterom.web.portal.desk import at_desk
from venterom.web.text import N_
from venterom.web.work import look, work

HERE = "/insurer/clerks"
EMPTY: Form = {"name": "", "national_number": ""}
TROUBLE: Mapping[type[IdentityError], tuple[str, str]] = {
    BadName: ("name", N_("Skriv navnet.")),
    BadNumber: ("national_number", N_("Se etter at alle de 11 sifrene er riktige.")),
    ClerkStands: (
        "national_number",
        N_("Denne personen har en slik tilgang fra før. Ring oss hvis det ikke stemmer."),
    ),
    ClerkDiffers: (
        "national_number",
        N_("Navn og nummer hører ikke sammen. Se etter at begge er riktige."),
    ),
}


async def show(request: web.Request) -> web.Response:
    """GET /insurer/clerks"""
    return await _page(request, EMPTY, {})


async def give(request: web.Request) -> web.Response:
    """POST /insurer/clerks: let a colleague in. The number is never shown again, not even here."""
    clerk, _insurer = at_desk(request)
    form = await read(request, *EMPTY)
    try:
        async with work(request.app) as unit:
            await clerks.give(
                unit.db,
                request.app[IDENTITY_KEYS],
                unit.now,
                by=clerk,
                name=form["name"].strip(),
                number="".join(form["national_number"].split()),
                synthetic=request.app[DEMONSTRATION],
            )
    except tuple(TROUBLE) as trouble:
        field, words = TROUBLE[type(trouble)]
        return await _page(request, {**form, "national_number": ""}, {field: words})
    raise see_other(HERE)


async def withdraw(request: web.Request) -> web.Response:
    """POST /insurer/clerks/{clerk}/withdraw"""
    chief, _insurer = at_desk(request)
    async with work(request.app) as unit:
        await clerks.withdraw(
            unit.db,
            request.app[IDENTITY_KEYS],
            unit.now,
            by=chief,
            clerk=request.match_info["clerk"],
        )
    raise see_other(HERE)


async def _page(request: web.Request, form: Form, errors: Errors) -> web.Response:
    clerk, insurer = at_desk(request)
    keys = request.app[IDENTITY_KEYS]
    async with look(request.app) as unit:
        everybody = await clerks.of(unit.db, keys, insurer)
        changes = await clerks.changes(unit.db, keys, insurer)
    return page(
        request,
        "insurer/clerks.html",
        insurer=insurer,
        clerks=everybody,
        own=clerk.id,
        chief=any(each.chief for each in everybody if each.id == clerk.id),
        changes=changes,
        form=form,
        errors=errors,
        here=HERE,
        status=422 if errors else 200,
    )
