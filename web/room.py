"""What a page needs to enter a room: where the socket is, the signed ticket, and the way out."""

from datetime import datetime, timedelta
from typing import Any

from aiohttp import web

from venterom.rtc import ticket
from venterom.web.identity.roles import Role
from venterom.web.keys import ICE, TICKET_KEY

# A ticket outlives any call; whether its visit is still open is asked again at each joining.
TICKET_LIVES = timedelta(hours=4)
CLOCKS_DIFFER = timedelta(minutes=1)  # between two of our own machines


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
    )
    return {
        "role": right.role.value,
        "socket": f"/visit/{visit}/signal",
        "ticket": ticket.sign(right, request.app[TICKET_KEY]),
        "ice": list(request.app[ICE](visit, role, now)),
        "leave": leave,
    }
