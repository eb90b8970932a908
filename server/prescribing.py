"""Prescriptions go out, and recalls: the job, and the module that it speaks to."""

from collections.abc import AsyncGenerator, Callable

import aiohttp
from aiohttp import web

from venterom.journal.papers import prescribing
from venterom.journal.papers.national import HttpNational, National
from venterom.journal.papers.sfm import Subject
from venterom.server.config import Settings, SettingsError, secret
from venterom.web.identity import people
from venterom.web.keys import CLOCK, IDENTITY_KEYS, RECORD_KEYS
from venterom.web.text import today
from venterom.web.work import look, work

EVERY_S = 2.0
NATIONAL = web.AppKey[National]("NATIONAL")  # missing: nothing is sent
HER = web.AppKey[str]("HER")


def module(settings: Settings) -> Callable[[web.Application], AsyncGenerator[None]]:
    """The module behind the address that is set, if one is. Raises SettingsError."""
    chosen = settings.prescribing

    async def context(app: web.Application) -> AsyncGenerator[None]:
        if not chosen.url:
            yield
            return
        if chosen.secret_file is None or not settings.enterprise.her_id:
            raise SettingsError("prescribing: an address needs a secret_file and a her_id")
        async with aiohttp.ClientSession() as http:
            app[NATIONAL] = HttpNational(http, chosen.url, secret(chosen.secret_file))
            app[HER] = settings.enterprise.her_id
            yield

    return context


async def prescribe(app: web.Application) -> None:
    """Bring everything that is due to the module. No transaction is open while we wait for it."""
    if NATIONAL not in app:
        return
    while True:
        async with work(app) as unit:
            parcel = await prescribing.claim(unit.db, app[RECORD_KEYS], unit.now, today)
        if parcel is None:
            return
        subject = await _subject(app, parcel.patient)
        answer = await prescribing.send(app[NATIONAL], parcel, subject, app[HER], app[CLOCK])
        async with work(app) as unit:
            event = await prescribing.settle(unit.db, app[RECORD_KEYS], unit.now, parcel, answer)
            unit.events.extend([event] if event else [])


async def _subject(app: web.Application, patient: str) -> Subject:
    """The national number is read for this, and goes nowhere else."""
    async with look(app) as unit:
        known = await people.person(unit.db, app[IDENTITY_KEYS], patient)
        number = await people.reveal_number(unit.db, app[IDENTITY_KEYS], patient)
    return Subject(known.name, known.birth_date, number)
