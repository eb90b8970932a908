"""What a page needs to enter a room: where the socket is, the signed ticket, and the way out; and
which doctor is in it."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from aiohttp import web

from venterom.journal.chart import Visit
from venterom.queue import desk
from venterom.queue.floor import Entry
from venterom.queue.states import State
from venterom.rtc import ticket
from venterom.web.identity import door
from venterom.web.identity.errors import NotYours
from venterom.web.identity.people import Person
from venterom.web.identity.roles import Role
from venterom.web.keys import ICE, TICKET_KEY
from venterom.web.session import SESSION
from venterom.web.work import Unit

# A ticket outlives any call; whether its visit is still open is asked again at each joining.
TICKET_LIVES = timedelta(hours=4)
IN_THE_ROOM = frozenset({State.CLAIMED, State.IN_CALL})
CLOCKS_DIFFER = timedelta(minutes=1)  # between two of our own machines


async def in_the_room(unit: Unit, who: Person, visit: str) -> Entry:
    """The place of a patient whom this doctor is calling or talks to. Raises NotYours."""
    return (await met(unit, who, visit))[1]


async def met(
    unit: Unit, who: Person, visit: str, states: Collection[State] = IN_THE_ROOM
) -> tuple[Visit, Entry]:
    """The same in these states, and the visit."""
    own = await door.access_visit(unit.db, unit.now, who, visit)
    entry = await desk.entry(unit.db, visit)
    if entry is None or entry.claimed_by != who.id or entry.state not in states:
        raise NotYours
    return own, entry


def entrance(
    request: web.Request,
    visit: str,
    person: str,
    role: Role | ticket.Role,
    now: datetime,
    *,
    leave: str,
) -> dict[str, Any]:
    """For protocol.js and call.js. `leave` is the page to go to when the call is over."""
    right = ticket.Ticket(
        visit=visit,
        person=person,
        role=ticket.Role(role),
        not_before=now - CLOCKS_DIFFER,
        expires=now + TICKET_LIVES,
        sign_in="" if role is ticket.Role.GUEST else request[SESSION].id,
    )
    return {
        "role": right.role.value,
        "socket": f"/visit/{visit}/signal",
        "ticket": ticket.sign(right, request.app[TICKET_KEY]),
        "ice": list(request.app[ICE](visit, role, now)),
        "leave": leave,
    }
