"""The rooms of a day: both ends of each call are played here, around a real room and forwarder."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tests.rtc.test_admission import Visit
from venterom.rtc import reports
from venterom.rtc.effects import Effect, Seated, Talking
from venterom.rtc.ticket import Role, Ticket
from venterom.server.rooms import Floor

TICKET_LIVES = timedelta(hours=1)


@dataclass
class Call(Visit):
    """One room, and what the waiting room has yet to be told of it."""

    notices: list[Effect] = field(default_factory=list)

    def do(self, wanted: list[Effect]) -> None:
        """Carry it out, and keep what concerns the waiting room."""
        super().do(wanted)
        self.notices += [each for each in wanted if isinstance(each, Seated | Talking)]


@dataclass
class Calls:
    """All rooms; stands in for the signaling of the service."""

    floor: Floor
    open: dict[str, Call] = field(default_factory=dict)
    over: list[Call] = field(default_factory=list)  # nothing may move in them ever again

    async def close_room(self, visit: str, reason: str) -> None:
        """The visit is over, or somebody has hung up."""
        call = self.open.pop(visit, None)
        if call is not None:
            call.end()
            self.over.append(call)

    def let_in(self, visit: str) -> None:
        """Nobody is asked into these calls."""

    def show_out(self, visit: str) -> None:
        """Nobody is there to be shown out."""

    def sign_out(self, ended: Collection[str]) -> None:
        """Nobody is signed out on these days."""

    async def enter(self, now: datetime, visit: str, role: Role, person: str) -> bool:
        """Take a seat and send what one's browser can; whether the door was opened."""
        ticket = Ticket(visit, person, role, now, now + TICKET_LIVES)
        if not await self.floor.may_enter(ticket):
            return False
        call = self.open.setdefault(visit, Call())
        call.join(role, person)
        call.offer(call.rightful[role][1])
        while call.unanswered:
            call.answer()
        call.connect(role)
        await self._tell(visit, call)
        return True

    async def connect(self, visit: str) -> None:
        """Packets go both ways, if both are there."""
        call = self.open[visit]
        call.report(reports.Talking(visit))
        await self._tell(visit, call)

    def drop(self, visit: str, role: Role) -> None:
        """Somebody's page dies."""
        call = self.open.get(visit)
        if call is not None and role in call.rightful:
            call.drop(call.rightful[role][1])
            call.close(role)

    async def _tell(self, visit: str, call: Call) -> None:
        notices, call.notices = call.notices, []
        for notice in notices:
            match notice:
                case Seated(role, person):
                    await self.floor.seated(visit, role, person)
                case Talking():
                    await self.floor.talking(visit)
