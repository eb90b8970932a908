"""How a call is kept from others, as the doctor's page says while it lasts."""

from aiohttp import web

from venterom.journal import chart
from venterom.journal.protection import Encryption, Protection, Words
from venterom.web.forms import read
from venterom.web.identity.roles import Role
from venterom.web.room import in_the_room
from venterom.web.session import signed_in
from venterom.web.work import work


async def report(request: web.Request) -> web.Response:
    """POST /doctor/visit/{visit}/protection: how it is now; the note will hold it."""
    who = signed_in(request, Role.DOCTOR)
    visit = request.match_info["visit"]
    form = await read(request, "encryption", "words")
    async with work(request.app) as unit:
        await in_the_room(unit, who, visit)
        said = _said(**form)
        await chart.report_protection(unit.db, unit.now, visit=visit, said=said)
    return web.Response(status=204)


def _said(encryption: str, words: str) -> Protection:
    try:
        return Protection(Encryption(encryption), Words(words))
    except ValueError:
        raise web.HTTPBadRequest from None
