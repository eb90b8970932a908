"""Whoever holds a paper types its code, and learns whether it is genuine: that, and no more than
the paper says. Nobody signs in, and nobody can go through the codes: there are 2¹²⁸.
"""

from aiohttp import web

from venterom.journal.papers import code, handing
from venterom.journal.papers.handing import Checked
from venterom.web import limits
from venterom.web.forms import read
from venterom.web.pages import page
from venterom.web.text import N_
from venterom.web.work import look

NO_CODE = N_("En kode har 26 tegn. Se nederst på papiret, og skriv hele.")


async def ask(request: web.Request) -> web.Response:
    """GET /paper"""
    return _page(request, "", None, "")


async def check(request: web.Request) -> web.Response:
    """POST /paper: genuine, withdrawn, or not known."""
    typed = (await read(request, "code"))["code"]
    read_as = code.read(typed)
    if read_as is None:
        return _page(request, typed, None, NO_CODE, status=422)
    async with look(request.app) as unit:
        found = await handing.check(unit.db, read_as)
    if found is not None:
        limits.was_right(request)
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
