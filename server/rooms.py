"""What happens in a room, told to the waiting room; and who may enter, asked of it."""

from collections.abc import Sequence

from aiohttp import web

from venterom.queue import desk
from venterom.queue.states import OPEN
from venterom.rtc.figures import Kept
from venterom.rtc.ticket import Role, Ticket
from venterom.web import measured
from venterom.web.work import look, work


class Floor:
    """The waiting room as the rooms see it."""

    def __init__(self, app: web.Application) -> None:
        self._app = app

    async def may_enter(self, ticket: Ticket) -> bool:
        """Whether this visit still has a room for the ticket's owner."""
        async with look(self._app) as unit:
            entry = await desk.entry(unit.db, ticket.visit)
        if entry is None or entry.state not in OPEN:
            return False
        return ticket.role is Role.PATIENT or entry.claimed_by == ticket.person

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
