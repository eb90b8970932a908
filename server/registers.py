"""The registers that we ask (docs/hpr.md, docs/population.md), and what is looked at again by
itself: doctors each night, and roles whose time has come."""

from collections.abc import AsyncGenerator

import structlog
from aiohttp import ClientSession, ClientTimeout, DummyCookieJar, web

from venterom.journal.access import SYSTEM
from venterom.journal.chain import Action
from venterom.server.config import Register, Settings, SettingsError, secret
from venterom.server.loops import Context
from venterom.web import hpr as practising
from venterom.web.identity import authorisations, grants, hpr
from venterom.web.identity.browser import is_trustworthy
from venterom.web.identity.hpr import Refusal, Use
from venterom.web.identity.registers import Gateway, HttpHpr, HttpPopulation
from venterom.web.identity.roles import Role
from venterom.web.identity.tables import Occasion
from venterom.web.identity.tenure import Ending
from venterom.web.keys import HPR, POPULATION
from venterom.web.work import look, work

ANSWERS_WITHIN = ClientTimeout(total=4)  # seconds: a person waits for it on a page
EVERY_S = 3_600.0  # who is due is asked about once a night; when nobody answers, each hour
OVER_S = 60.0

log = structlog.get_logger()


def connected(settings: Settings) -> Context:
    """The registers behind the addresses that are set. Raises SettingsError."""
    of_doctors = _checked(settings, "hpr", settings.registers.hpr)
    of_people = _checked(settings, "population", settings.registers.population)
    if settings.identity.staff.issuer and not settings.registers.hpr.url:
        raise SettingsError("registers.hpr.url: doctors are let in by the register's answer only")

    async def context(app: web.Application) -> AsyncGenerator[None]:
        jar = DummyCookieJar()
        async with ClientSession(timeout=ANSWERS_WITHIN, cookie_jar=jar) as http:
            if settings.registers.hpr.url:
                app[HPR] = HttpHpr(Gateway(http, settings.registers.hpr.url, of_doctors))
            if settings.registers.population.url:
                url = settings.registers.population.url
                app[POPULATION] = HttpPopulation(Gateway(http, url, of_people))
            yield

    return context


def _checked(settings: Settings, name: str, chosen: Register) -> str:
    """The secret of a register's gateway. The demonstration's stand-ins need none."""
    if not chosen.url:
        return ""
    if not is_trustworthy(chosen.url):
        raise SettingsError(f"registers.{name}.url: an address that begins with https://")
    if chosen.secret_file is not None:
        return secret(chosen.secret_file)
    if settings.is_demonstration:
        return ""
    raise SettingsError(f"registers.{name}: an address needs a secret_file")


async def end_what_is_over(app: web.Application) -> None:
    """End roles whose time has come, with their sign-ins."""
    async with work(app) as unit:
        for each in await grants.end_over(unit.db, unit.now):
            log.info("grant_over", role=each.role)


async def look_again(app: web.Application) -> None:
    """Ask about every doctor who is due. Who is no longer authorised loses the role at once, and
    the director sees it; who could not be checked for too long is signed out until that is done."""
    async with look(app) as unit:
        doctors = await grants.live(unit.db, Role.DOCTOR)
        known = [await authorisations.newest(unit.db, each.hpr_number or "") for each in doctors]
        due = [
            each
            for each, answer in zip(doctors, known, strict=True)
            if hpr.is_due(answer, unit.now)
        ]
    for each in due:
        answer = await practising.ask(app, each.hpr_number or "", Occasion.NIGHTLY)
        async with work(app) as unit:
            refusal = hpr.refusal(Use.TREAT, answer, unit.now)
            if refusal is Refusal.NOT_AUTHORISED:
                await grants.withdraw(unit.db, unit.now, each.id, Ending.NOT_IN_HPR)
                await grants.noted(unit.db, unit.now, SYSTEM, Action.GRANT_ENDED, each)
            elif refusal is Refusal.NOT_CHECKED:
                await grants.sign_out(unit.db, unit.now, [each])
        if refusal is not None:
            log.warning("doctor_stopped", code=refusal)
