"""Asks whether a doctor may practise, or prescribe, before it is too late. Nothing is open in the
database while we wait for the register."""

from collections.abc import Iterable, Mapping

import structlog
from aiohttp import web

from venterom.journal.papers.paper import Body
from venterom.journal.papers.prescription import Prescription
from venterom.web.identity import authorisations, grants, hpr
from venterom.web.identity.claims import SignedIn
from venterom.web.identity.errors import (
    HprUnchecked,
    IdentityError,
    MayNotPrescribe,
    NotInHpr,
    RegisterSilent,
)
from venterom.web.identity.grants import NOTHING
from venterom.web.identity.hpr import Answer, Refusal, Use
from venterom.web.identity.people import Person
from venterom.web.identity.roles import Door, Role
from venterom.web.identity.sealed import blind_index
from venterom.web.identity.tables import Occasion
from venterom.web.keys import CLOCK, HPR, IDENTITY_KEYS
from venterom.web.text import today
from venterom.web.work import look, work

REFUSED: Mapping[Refusal, type[IdentityError]] = {
    Refusal.NOT_AUTHORISED: NotInHpr,
    Refusal.MAY_NOT_PRESCRIBE: MayNotPrescribe,
    Refusal.NOT_CHECKED: HprUnchecked,
}

log = structlog.get_logger()


async def ask(app: web.Application, number: str, occasion: Occasion) -> Answer | None:
    """What the register says now of an HPR number, kept; else the last that it said."""
    try:
        if HPR not in app:
            raise RegisterSilent("not_set")
        status = await app[HPR].status(number, today(app[CLOCK]()))
    except RegisterSilent as fault:
        log.warning("hpr_silent", code=fault.reason)
        async with look(app) as unit:
            return await authorisations.newest(unit.db, number)
    async with work(app) as unit:
        return await authorisations.keep(
            unit.db, unit.now, hpr_number=number, status=status, occasion=occasion
        )


async def require(app: web.Application, number: str, use: Use, occasion: Occasion) -> None:
    """Raises NotInHpr, MayNotPrescribe or HprUnchecked."""
    answer = await ask(app, number, occasion)
    refusal = hpr.refusal(use, answer, app[CLOCK]())
    if refusal is not None:
        raise REFUSED[refusal]


async def before_sign_in(app: web.Application, door: Door, said: SignedIn) -> None:
    """A doctor is asked about who has the role here; all others are judged without the register.

    Raises NotInHpr, HprUnchecked.
    """
    if door is not Door.DOCTOR or said.hpr_number is None:
        return
    index = blind_index(app[IDENTITY_KEYS], said.number)
    async with look(app) as unit:
        granted = (await grants.granted_to(unit.db, [index])).get(index, NOTHING)
    if Role.DOCTOR in granted.roles and granted.hpr_number == said.hpr_number:
        await require(app, said.hpr_number, Use.TREAT, Occasion.SIGN_IN)


async def before_issuing(app: web.Application, who: Person, papers: Iterable[Body]) -> None:
    """A prescription needs the right to prescribe at the moment it is issued.

    Raises NotInHpr, MayNotPrescribe, HprUnchecked.
    """
    if any(isinstance(each, Prescription) for each in papers):
        await require(app, who.hpr_number or "", Use.PRESCRIBE, Occasion.PRESCRIPTION)
