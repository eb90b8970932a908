"""Who has which role, until when: the director gives roles by national number, renews and withdraws
them. The number is typed once and never shown; who has it shows by signing in."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from aiohttp import web

from venterom.journal.chain import Action
from venterom.web import hpr as practising
from venterom.web.forms import Errors, Form, read
from venterom.web.identity import authorisations, grants, hpr, people, tenure
from venterom.web.identity.claims import is_hpr_number, is_printable_name
from venterom.web.identity.errors import OwnGrant
from venterom.web.identity.grants import Grant
from venterom.web.identity.hpr import Refusal, Use
from venterom.web.identity.numbers import names_one
from venterom.web.identity.people import Person
from venterom.web.identity.roles import STAFF, Role
from venterom.web.identity.sealed import blind_index
from venterom.web.identity.tables import Occasion
from venterom.web.identity.tenure import LENGTHS
from venterom.web.keys import CLOCK, DEMONSTRATION, IDENTITY_KEYS
from venterom.web.pages import page, see_other
from venterom.web.session import actor, signed_in
from venterom.web.text import N_
from venterom.web.work import Unit, look, work

Decision = Callable[[Unit, str], Awaitable[Grant | None]]

ROLES: Mapping[Role, str] = {
    Role.DOCTOR: N_("Lege"),
    Role.DIRECTOR: N_("Leder"),
    Role.INSURER: N_("Forsikringsselskap"),
    Role.OPERATOR: N_("Drift"),
}
FIELDS = ("role", "national_number", "hpr_number", "insurer", "lasts")
INSURER_LENGTH = 64  # characters
HOW_LONG = N_("Velg hvor lenge tilgangen skal vare.")
NO_ROLE = N_("Velg en rolle.")
BAD_NUMBER = N_("Se etter at alle de 11 sifrene er riktige.")
BAD_HPR = N_("Skriv HPR-nummeret til legen, opptil ni siffer.")
NO_INSURER = N_("Skriv navnet på forsikringsselskapet.")
NO_DOCTOR = N_("Helsepersonellregisteret viser ikke at dette nummeret tilhører en lege.")
STANDS = N_("Denne personen har rollen allerede. Du kan fornye den i listen.")
OWN = N_("Ingen bestemmer over sin egen tilgang. Be en annen leder om det.")


async def show(request: web.Request) -> web.Response:
    """GET /director/staff"""
    who = signed_in(request, Role.DIRECTOR)
    return await _page(request, who, dict.fromkeys(FIELDS, ""), {})


async def give(request: web.Request) -> web.Response:
    """POST /director/staff: a role for whoever has this number. A doctor's HPR number is shown to
    the register first; when nobody answers there, it is at the sign-in."""
    who = signed_in(request, Role.DIRECTOR)
    form = await read(request, *FIELDS)
    number = "".join(form["national_number"].split())
    errors = _errors(form, number, synthetic=request.app[DEMONSTRATION])
    if not errors and form["role"] == Role.DOCTOR:
        app = request.app
        answer = await practising.ask(app, form["hpr_number"].strip(), Occasion.GRANT)
        if hpr.refusal(Use.TREAT, answer, app[CLOCK]()) is Refusal.NOT_AUTHORISED:
            errors = {"hpr_number": NO_DOCTOR}
    if not errors:
        errors = await _give(request, who, form, number)
    if errors:
        return await _page(request, who, form, errors)
    raise see_other("/director/staff")


async def renew(request: web.Request) -> web.Response:
    """POST /director/staff/{grant}/renew: it is needed still."""
    who = signed_in(request, Role.DIRECTOR)
    lasts = LENGTHS.get((await read(request, "lasts"))["lasts"])
    if lasts is None:
        raise web.HTTPBadRequest

    async def done(unit: Unit, grant: str) -> Grant | None:
        return await grants.renew(unit.db, unit.now, grant, lasts)

    return await _decide(request, who, Action.GRANT_RENEWED, done)


async def withdraw(request: web.Request) -> web.Response:
    """POST /director/staff/{grant}/withdraw: and whoever is signed in by it is signed out."""
    who = signed_in(request, Role.DIRECTOR)

    async def done(unit: Unit, grant: str) -> Grant | None:
        return await grants.withdraw(unit.db, unit.now, grant)

    return await _decide(request, who, Action.GRANT_ENDED, done)


async def _decide(request: web.Request, who: Person, action: Action, do: Decision) -> web.Response:
    """Pressed twice, or by two at once, it is done once."""
    try:
        async with work(request.app) as unit:
            decided = await do(unit, request.match_info["grant"])
            if decided is not None:
                own = await grants.index_of(unit.db, who.id)
                if not tenure.may_decide(own, decided.number_index):
                    raise OwnGrant  # and nothing is changed
                by = actor(who, Role.DIRECTOR)
                await grants.noted(unit.db, unit.now, by, action, decided)
    except OwnGrant:
        return await _page(request, who, dict.fromkeys(FIELDS, ""), {"list": OWN})
    raise see_other("/director/staff")


async def _give(request: web.Request, who: Person, form: Form, number: str) -> Errors:
    keys, role = request.app[IDENTITY_KEYS], Role(form["role"])
    async with work(request.app) as unit:
        own = await grants.index_of(unit.db, who.id)
        if not tenure.may_decide(own, blind_index(keys, number)):
            return {"national_number": OWN}
        given = await grants.grant(
            unit.db,
            keys,
            unit.now,
            number=number,
            role=role,
            hpr_number=form["hpr_number"].strip() if role is Role.DOCTOR else None,
            insurer=form["insurer"].strip() if role is Role.INSURER else None,
            lasts=LENGTHS[form["lasts"]],
        )
        if given is None:
            return {"national_number": STANDS}
        by = actor(who, Role.DIRECTOR)
        await grants.noted(unit.db, unit.now, by, Action.GRANT_GIVEN, given)
    return {}


def _errors(form: Form, number: str, *, synthetic: bool) -> Errors:
    """What was typed amiss, by field."""
    role = form["role"]
    insurer = form["insurer"].strip()
    faults = {
        "role": (role not in STAFF, NO_ROLE),
        "national_number": (not names_one(number, synthetic), BAD_NUMBER),
        "hpr_number": (
            role == Role.DOCTOR and not is_hpr_number(form["hpr_number"].strip()),
            BAD_HPR,
        ),
        "insurer": (
            role == Role.INSURER
            and not (is_printable_name(insurer) and len(insurer) <= INSURER_LENGTH),
            NO_INSURER,
        ),
        "lasts": (form["lasts"] not in LENGTHS, HOW_LONG),
    }
    return {field: words for field, (amiss, words) in faults.items() if amiss}


async def _page(request: web.Request, who: Person, form: Form, errors: Errors) -> web.Response:
    keys = request.app[IDENTITY_KEYS]
    async with look(request.app) as unit:
        held = await grants.live(unit.db)
        lost = await grants.lost_by_register(unit.db, unit.now)
        indexes = {each.number_index for each in (*held, *lost)}
        known = await people.staff_by_index(unit.db, keys, indexes)
        own = await grants.index_of(unit.db, who.id)
        rows = [await _row(unit, each, known, own) for each in held]
        gone = [await _row(unit, each, known, own) for each in lost]
    return page(
        request,
        "director/staff.html",
        rows=rows,
        lost=gone,
        roles=ROLES,
        form={**form, "national_number": ""},  # never shown again, not even when it was wrong
        errors=errors,
        here="/director/staff",
        status=422 if errors else 200,
    )


async def _row(unit: Unit, each: Grant, known: Mapping[str, Person], own: str) -> Mapping[str, Any]:
    person = known.get(each.number_index)
    answer = await authorisations.newest(unit.db, each.hpr_number) if each.hpr_number else None
    return {
        "id": each.id,
        "name": person.name if person else "",
        "role": each.role,
        "hpr_number": each.hpr_number or "",
        "insurer": each.insurer or "",
        "ends": each.ends,
        "ended": each.withdrawn,
        "soon": tenure.ends_soon(each.ends, unit.now),
        "own": not tenure.may_decide(own, each.number_index),
        "answered_at": answer.at if answer else None,
    }
