"""How a call is kept from others, as the doctor's page says while it lasts."""

from aiohttp import web

from venterom.journal import chart
from venterom.journal.protection import Encryption, Protection, Words
from venterom.queue import desk
from venterom.queue.states import State
from venterom.web.forms import read
from venterom.web.identity import door
from venterom.web.identity.errors import NotYours
from venterom.web.identity.roles import Role
from venterom.web.session import signed_in
from venterom.web.work import work

IN_THE_ROOM = {State.CLAIMED, State.IN_CALL}


async def report(request: web.Request) -> web.Response:
    """POST /doctor/visit/{visit}/protection: how it is now; the note will hold it."""
    who = signed_in(request, Role.DOCTOR)
    visit = request.match_info["visit"]
    form = await read(request, "encryption", "words")
    async with work(request.app) as unit:
        await door.access_visit(unit.db, unit.now, who, visit)
        entry = await desk.entry(unit.db, visit)
        if entry is None or entry.claimed_by != who.id or entry.state not in IN_THE_ROOM:
            raise NotYours
        said = _said(**form)
        await chart.report_protection(unit.db, unit.now, visit=visit, said=said)
    return web.Response(status=204)


def _said(encryption: str, words: str) -> Protection:
    try:
        return Protection(Encryption(encryption), Words(words))
    except ValueError:
        raise web.HTTPBadRequest from None
