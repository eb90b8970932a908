"""What happens in a room, told to the waiting room; and who may enter, asked of it."""

from collections.abc import Sequence

from aiohttp import web

from venterom.queue import desk
from venterom.queue.states import OPEN
from venterom.rtc.figures import Kept
from venterom.rtc.seat import WELCOME, Welcome
from venterom.rtc.ticket import Role, Ticket
from venterom.web import measured
from venterom.web.identity import invitations, sessions
from venterom.web.identity.errors import InvitationOver
from venterom.web.keys import IDENTITY_KEYS
from venterom.web.work import Unit, look, work


class Floor:
    """The waiting room as the rooms see it."""

    def __init__(self, app: web.Application) -> None:
        self._app = app

    async def may_enter(self, ticket: Ticket) -> Welcome | None:
        """How the ticket's owner comes in; None when this visit has no room for them any more, or
        the sign-in that the ticket was made behind has been ended."""
        async with look(self._app) as unit:
            if await sessions.was_ended(unit.db, ticket.sign_in):
                return None
            entry = await desk.entry(unit.db, ticket.visit)
            if entry is None or entry.state not in OPEN:
                return None
            if ticket.role is Role.GUEST:
                return await self._guest(unit, ticket)
        is_theirs = ticket.role is Role.PATIENT or entry.claimed_by == ticket.person
        return WELCOME if is_theirs else None

    async def _guest(self, unit: Unit, ticket: Ticket) -> Welcome | None:
        keys = self._app[IDENTITY_KEYS]
        try:
            guest = await invitations.by_id(unit.db, keys, unit.now, ticket.person)
        except InvitationOver:
            return None
        known_as = {"name": guest.name, "kind": guest.kind.value}
        return Welcome(guest.is_let_in, known_as) if guest.visit == ticket.visit else None

    async def seated(self, visit: str, role: Role, person: str) -> None:
        """Somebody took a seat. With the doctor's, the promise is kept, or broken."""
        if role is not Role.DOCTOR:
            return
        async with work(self._app) as unit:
            joined = await desk.doctor_joined(unit.db, unit.now, visit=visit, practitioner=person)
            unit.events.extend([joined] if joined else [])

    async def talking(self, visit: str) -> None:
        """Sound and picture flow both ways: the consultation has begun."""
        async with work(self._app) as unit:
            connected = await desk.connect(unit.db, unit.now, visit=visit)
            unit.events.extend([connected] if connected else [])

    async def gone(self, visit: str, role: Role) -> None:
        """Somebody left or was lost. The seat is kept; a lost doctor's lease runs out by itself."""

    async def measured(self, visit: str, kept: Sequence[Kept]) -> None:
        """A call is over: its figures are kept with the visit."""
        async with work(self._app) as unit:
            await measured.keep_call(unit.db, unit.now, visit=visit, kept=kept)
