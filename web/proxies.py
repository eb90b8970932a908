"""A grown patient lets another grown person read the record, for a time, and takes it back."""

from aiohttp import web

from venterom.journal import mine
from venterom.journal.canonical import sha256_hex
from venterom.journal.chain import Action
from venterom.web.forms import Errors, Form, read, read_date
from venterom.web.identity import proxies
from venterom.web.identity.errors import (
    BadBirthDate,
    BadName,
    BadNumber,
    IdentityError,
    NotAnAdult,
    OneselfAsProxy,
    ProxyDiffers,
    ProxyStands,
)
from venterom.web.identity.proxies import Proxy
from venterom.web.identity.standing import LENGTHS, Right
from venterom.web.keys import DEMONSTRATION, IDENTITY_KEYS
from venterom.web.mine import Reader, enter, names
from venterom.web.pages import page, see_other
from venterom.web.text import N_
from venterom.web.work import Unit, look, work

TROUBLE: dict[type[IdentityError], tuple[str, str]] = {
    BadName: ("name", N_("Skriv navnet.")),
    BadBirthDate: ("birth_date", N_("Skriv datoen slik: dag.måned.år, for eksempel 24.11.1984.")),
    BadNumber: ("national_number", N_("Se etter at alle de 11 sifrene er riktige.")),
    NotAnAdult: ("birth_date", N_("En fullmakt gis til noen som har fylt 18 år.")),
    OneselfAsProxy: ("national_number", N_("Dette er ditt eget nummer.")),
    ProxyDiffers: (
        "national_number",
        N_("Navn, fødselsdato og nummer hører ikke sammen. Se etter at alt er riktig."),
    ),
    ProxyStands: ("national_number", N_("Denne personen har fullmakt fra deg allerede.")),
}
HOW_LONG = N_("Velg hvor lenge den skal gjelde.")
FIELDS = ("name", "birth_date", "national_number", "lasts")


async def show(request: web.Request) -> web.Response:
    """GET /mine/{patient}/proxies"""
    return await _page(request, dict.fromkeys(FIELDS, ""), {})


async def give(request: web.Request) -> web.Response:
    """POST /mine/{patient}/proxies"""
    form = await read(request, *FIELDS)
    try:
        async with work(request.app) as unit:
            reader = await enter(request, unit, Right.GIVE_PROXY)
            lasts = LENGTHS.get(form["lasts"])
            if lasts is not None:
                born = read_date(form["birth_date"])
                if born is None:
                    raise BadBirthDate
                given = await proxies.give(
                    unit.db,
                    request.app[IDENTITY_KEYS],
                    unit.now,
                    giver=reader.patient,
                    name=form["name"].strip(),
                    birth_date=born,
                    number="".join(form["national_number"].split()),
                    lasts=lasts,
                    synthetic=request.app[DEMONSTRATION],
                )
                await _noted(unit, reader, Action.PROXY_GIVEN, given)
    except tuple(TROUBLE) as trouble:
        field, words = next(TROUBLE[kind] for kind in type(trouble).__mro__ if kind in TROUBLE)
        return await _page(request, form, {field: words})
    if lasts is None:
        return await _page(request, form, {"lasts": HOW_LONG})
    raise see_other(f"/mine/{reader.patient.id}/proxies")


async def end(request: web.Request) -> web.Response:
    """POST /mine/{patient}/proxies/{proxy}/end"""
    async with work(request.app) as unit:
        reader = await enter(request, unit, Right.GIVE_PROXY)
        ended = await proxies.end(
            unit.db, unit.now, giver=reader.patient.id, proxy=request.match_info["proxy"]
        )
        if ended is not None:
            await _noted(unit, reader, Action.PROXY_ENDED, ended)
    raise see_other(f"/mine/{reader.patient.id}/proxies")


async def _noted(unit: Unit, reader: Reader, action: Action, proxy: Proxy) -> None:
    said = f"{proxy.holder}/{proxy.expires.isoformat()}"
    await mine.noted(
        unit.db,
        unit.now,
        patient=reader.patient.id,
        by=reader.actor,
        action=action,
        content=sha256_hex(said.encode()),
    )


async def _page(request: web.Request, form: Form, errors: Errors) -> web.Response:
    async with look(request.app) as unit:
        reader = await enter(request, unit, Right.GIVE_PROXY)
        found = await proxies.of(unit.db, unit.now, reader.patient.id)
        given = [each for each in found if each.giver == reader.patient.id]
        known = await names(request, unit, {each.holder for each in given})
    return page(
        request,
        "mine/proxies.html",
        **reader.frame,
        proxies=[
            {"id": each.id, "name": known[each.holder].name, "expires": each.expires}
            for each in given
        ],
        form=form,
        errors=errors,
        status=422 if errors else 200,
    )
