"""Papers go out: prescriptions and recalls to the national module, sick notes to NAV.

Two jobs, so that none waits for an outage of the other's, and one way for both
(journal/papers/sending.py).
"""

from collections.abc import AsyncGenerator, Awaitable, Callable
from pathlib import Path

import aiohttp
from aiohttp import web

from venterom.journal.papers import prescribing, reporting, sending
from venterom.journal.papers.errand import Refusal, Result, Subject
from venterom.journal.papers.national import HttpNational, National
from venterom.journal.papers.nav import HttpNav, Nav
from venterom.journal.papers.paper import Kind
from venterom.journal.papers.sending import Parcel
from venterom.server.config import Settings, SettingsError, secret
from venterom.web.identity import people
from venterom.web.keys import CLOCK, IDENTITY_KEYS, RECORD_KEYS, SENDER
from venterom.web.work import look, work

EVERY_S = 2.0
NATIONAL = web.AppKey[National]("NATIONAL")  # missing, as the next one: nothing is sent
NAV = web.AppKey[Nav]("NAV")
HER = web.AppKey[str]("HER")

Send = Callable[[Parcel, Subject], Awaitable[Result | Refusal]]


def sent(settings: Settings) -> frozenset[Kind]:
    """The kinds of papers that go to somebody by themselves."""
    addresses = {
        Kind.PRESCRIPTION: settings.prescribing.url,
        Kind.SICK_NOTE: settings.nav.url,
    }
    return frozenset(kind for kind, url in addresses.items() if url)


def receivers(settings: Settings) -> Callable[[web.Application], AsyncGenerator[None]]:
    """Whoever is behind the addresses that are set. Raises SettingsError."""

    async def context(app: web.Application) -> AsyncGenerator[None]:
        app[HER] = settings.enterprise.her_id
        async with aiohttp.ClientSession() as http:
            if url := settings.prescribing.url:
                key = _secret("prescribing", settings.prescribing.secret_file, app[HER])
                app[NATIONAL] = HttpNational(http, url, key)
            if url := settings.nav.url:
                app[NAV] = HttpNav(http, url, _secret("nav", settings.nav.secret_file, app[HER]))
            yield

    return context


async def prescribe(app: web.Application) -> None:
    """Bring every prescription and recall that is due to the module."""

    async def send(parcel: Parcel, subject: Subject) -> Result | Refusal:
        return await prescribing.send(app[NATIONAL], parcel, subject, app[HER], app[CLOCK])

    if NATIONAL in app:
        await _bring(app, Kind.PRESCRIPTION, send)


async def report(app: web.Application) -> None:
    """Bring every sick note that is due to NAV, and ask for the receipts that have not come."""

    async def send(parcel: Parcel, subject: Subject) -> Result | Refusal:
        return await reporting.send(app[NAV], parcel, subject, app[SENDER], app[HER])

    if NAV in app:
        await _bring(app, Kind.SICK_NOTE, send)


async def _bring(app: web.Application, kind: Kind, send: Send) -> None:
    """One after the other. No transaction is open while we wait for an answer."""
    keys = app[RECORD_KEYS]
    while True:
        async with work(app) as unit:
            parcel = await sending.claim(unit.db, keys, unit.now, kind)
        if parcel is None:
            return
        answer = await send(parcel, await _subject(app, parcel.patient))
        async with work(app) as unit:
            event = await sending.settle(unit.db, keys, unit.now, parcel, answer)
            unit.events.extend([event] if event else [])


async def _subject(app: web.Application, patient: str) -> Subject:
    """The national number is read for this, and goes nowhere else."""
    async with look(app) as unit:
        known = await people.person(unit.db, app[IDENTITY_KEYS], patient)
        number = await people.reveal_number(unit.db, app[IDENTITY_KEYS], patient)
    return Subject(known.name, known.birth_date, number)


def _secret(section: str, file: Path | None, her_id: str) -> str:
    if file is None or not her_id:
        raise SettingsError(f"{section}: an address needs a secret_file and a her_id")
    return secret(file)
