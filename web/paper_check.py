"""Whoever holds a paper types its code, and learns whether it is genuine: that, and no more than
the paper says. Nobody signs in, and nobody can go through the codes: there are 2¹²⁸.
"""

from datetime import timedelta

from aiohttp import web

from venterom.journal.papers import code, handing
from venterom.journal.papers.handing import Checked
from venterom.web.forms import read
from venterom.web.keys import CLOCK
from venterom.web.pages import page
from venterom.web.text import N_
from venterom.web.throttle import Throttle
from venterom.web.work import look

TRIES = web.AppKey[Throttle]("TRIES")
ALL = ""  # the address that stands for all of them
PER_ADDRESS = 60  # behind a proxy everybody has one address
EVERY = timedelta(seconds=1)
TOO_MANY = N_("Det er prøvd mange koder på kort tid. Vent et minutt, og prøv igjen.")
NO_CODE = N_("En kode har 26 tegn. Se nederst på papiret, og skriv hele.")


def throttle() -> Throttle:
    """For the application."""
    return Throttle(PER_ADDRESS, EVERY, most=10_000)


async def ask(request: web.Request) -> web.Response:
    """GET /paper"""
    return _page(request, "", None, "")


async def check(request: web.Request) -> web.Response:
    """POST /paper: genuine, withdrawn, or not known."""
    typed = (await read(request, "code"))["code"]
    if not request.app[TRIES].allows(request.remote or ALL, request.app[CLOCK]()):
        return _page(request, typed, None, TOO_MANY, status=429)
    read_as = code.read(typed)
    if read_as is None:
        return _page(request, typed, None, NO_CODE, status=422)
    async with look(request.app) as unit:
        found = await handing.check(unit.db, read_as)
    return _page(request, code.write(read_as), found, "", asked=True)


def _page(
    request: web.Request,
    typed: str,
    found: Checked | None,
    trouble: str,
    *,
    asked: bool = False,
    status: int = 200,
) -> web.Response:
    return page(
        request,
        "paper.html",
        typed=typed[:100],
        checked=found,
        asked_for=asked,
        errors={"code": trouble} if trouble else {},
        status=status,
    )
