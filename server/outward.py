"""Insurers who keep the register themselves: whom to ask, and asking again what was left open."""

import asyncio
import re
import ssl
from collections.abc import AsyncGenerator, Sequence

import structlog
from aiohttp import ClientSession, DummyCookieJar, web

from venterom.journal import chart
from venterom.journal.consent import Relation
from venterom.queue.coverage import insurer
from venterom.queue.coverage.insurer import Unsettled
from venterom.queue.coverage.outside import OutsideRegister, Outward
from venterom.queue.coverage.policies import LONGEST_INSURER
from venterom.server.config import KeptOutside, SettingsError
from venterom.server.loops import Context
from venterom.web.arrival import check_policy
from venterom.web.identity import people
from venterom.web.keys import IDENTITY_KEYS, OUTWARD
from venterom.web.text import today
from venterom.web.work import look, work

PREFIX = re.compile(r"[A-Z0-9-]{1,19}")  # how a policy number may begin
SETTLE_S = 300.0  # nobody waits for it, and a register that is back has five minutes' peace
MOST = 500  # visits that are settled in one round

log = structlog.get_logger()


def registers(kept: Sequence[KeptOutside]) -> Context:
    """Puts them into the application, for as long as it lives. Raises SettingsError."""
    settings = [(each, _context(each)) for each in kept]

    async def context(app: web.Application) -> AsyncGenerator[None]:
        async with ClientSession(cookie_jar=DummyCookieJar()) as http:
            clock = asyncio.get_running_loop().time
            app[OUTWARD] = Outward(
                OutsideRegister(each.insurer, each.prefix, each.url, http, tls, clock)
                for each, tls in settings
            )
            yield

    return context


def _context(kept: KeptOutside) -> ssl.SSLContext:
    """Who we are, and whom we believe."""
    if not kept.url.startswith("https://"):
        raise SettingsError(f"insurers, {kept.insurer}: url begins with https://")
    if not 0 < len(kept.insurer) <= LONGEST_INSURER:
        raise SettingsError(f"insurers, {kept.insurer}: a name has at most 32 characters")
    if PREFIX.fullmatch(kept.prefix) is None:
        raise SettingsError(
            f"insurers, {kept.insurer}: prefix is capital letters, digits and dashes"
        )
    try:
        context = ssl.create_default_context(cafile=kept.ca_file)
        context.load_cert_chain(kept.cert_file, kept.key_file)
    except (OSError, ssl.SSLError) as error:
        raise SettingsError(f"insurers, {kept.insurer}: {error.strerror or error}") from None
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


async def settle(app: web.Application) -> None:
    """Ask again about visits that are over and could not be checked; each is counted once."""
    async with look(app) as unit:
        open_ones = await insurer.unsettled(unit.db, MOST)
    for each in open_ones:
        try:
            await _settle(app, each)
        except Exception:  # one that cannot be settled does not hold back the others
            log.exception("policy_not_settled", visit=each.visit)


async def _settle(app: web.Application, left: Unsettled) -> None:
    async with look(app) as unit:
        visit = await chart.visit(unit.db, left.visit)
        opener = await people.person(unit.db, app[IDENTITY_KEYS], visit.opened_by)
    child = visit.birth_date if visit.relation is Relation.CHILD else None
    register = await app[OUTWARD].ask(left.number, (opener.birth_date, child))
    async with work(app) as unit:
        answer = await check_policy(unit, opener, visit, left.number, register, left.day)
        await insurer.record_use(unit.db, left.day, visit=left.visit, settled=today(unit.now))
    log.info("policy_settled", visit=left.visit, answer=answer.answer.value)
