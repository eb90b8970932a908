"""Who is in a room, and what is sent to whom. Something happens, effects come back; no I/O.

The caller carries the effects out. Sockets are numbers that the caller gives out; times are
seconds of one steady clock. What the seats mean for the room is in rtc/standing.py.
"""

from collections.abc import Container
from dataclasses import asdict, replace

from venterom.rtc import protocol, reports, standing
from venterom.rtc.effects import (
    DONE,
    GOING_AWAY,
    REPLACED,
    Admit,
    Answer,
    Close,
    Effect,
    Gone,
    Measured,
    Seated,
    Send,
    Shut,
    Talking,
    Unseat,
)
from venterom.rtc.errors import OutOfTurn, RoomClosed, RtcError, TooFast
from venterom.rtc.protocol import Encryption
from venterom.rtc.seat import LEAST, WELCOME, Seat, Welcome
from venterom.rtc.states import Move, State, move
from venterom.rtc.ticket import Role

HEARD_WITHIN = 5.0  # seconds; pages ping every 2 (T13: at most 8)
GONE_AFTER = 30.0  # seconds of coming back until the domain is told; as long as a doctor's lease


class Room:
    """One room, from the first that comes to the end of the visit."""

    def __init__(self) -> None:
        self.state = State.EMPTY
        self.seats: dict[Role, Seat] = {}
        self._flows = False  # packets go both ways, as far as the media worker has said
        self._told: protocol.Room | None = None

    # ---- what can happen

    def join(
        self,
        role: Role,
        person: str,
        socket: int,
        now: float,
        encryption: Encryption = LEAST,
        welcome: Welcome = WELCOME,
        sign_in: str = "",
    ) -> list[Effect]:
        """Somebody with a valid ticket takes a seat. The newest wins: the old socket is told and
        closed. Raises RoomClosed."""
        self._check_open()
        effects: list[Effect] = []
        old = self.seats.get(role)
        if old and old.socket is not None:
            effects += [Send(old.socket, protocol.Replaced()), Close(old.socket, REPLACED)]
        if old and old.person != person:
            effects += [*self._unseat(role), *self._settle(now)]
            old = None
        seat = old or Seat(person, socket, now)
        seat.socket, seat.heard, seat.offer, seat.encryption = socket, now, None, encryption
        seat.welcome, seat.sign_in = welcome, sign_in
        self.seats[role] = seat
        effects.append(Seated(role, person))
        if role is Role.GUEST:
            effects += self._admit()  # whether this guest is let in has been said anew
        effects += self._settle(now)
        room = standing.snapshot(self.state, self.seats)
        return [
            Send(socket, protocol.Joined(role=role, **asdict(room))),
            *effects,
        ]

    def let_in(self, now: float) -> list[Effect]:
        """The doctor lets the guest in."""
        guest = self.seats.get(Role.GUEST)
        if guest is None:
            return []
        guest.welcome = replace(guest.welcome, is_let_in=True)
        return [*self._admit(), *self._settle(now)]

    def show_out(self, now: float) -> list[Effect]:
        """The doctor takes the guest out, or withdraws the invitation: no packet any more."""
        if Role.GUEST not in self.seats:
            return []
        return [*self._send_away(Role.GUEST, "shown_out"), *self._settle(now)]

    def sign_out(self, ended: Container[str], now: float) -> list[Effect]:
        """These sign-ins have been ended: whoever is here by one of them goes, packets and all."""
        effects: list[Effect] = []
        for role, seat in [*self.seats.items()]:
            if seat.sign_in and seat.sign_in in ended:
                effects += [*self._send_away(role, "signed_out"), Gone(role)]
        return [*effects, *self._settle(now)] if effects else []

    def receive(self, socket: int, message: protocol.Incoming, now: float) -> list[Effect]:
        """A message from a socket that has joined. Raises OutOfTurn, TooFast, RoomClosed."""
        self._check_open()
        role, seat = self._holder(socket)
        seat.heard = now
        match message:
            case protocol.Offer(connection, sdp):
                told = self._offered(seat, connection, now)
                return [Answer(role, socket, connection, sdp), *told]
            case protocol.Ping(number):
                return [Send(socket, protocol.Pong(number))]
            case protocol.Quality(figures):
                return [Measured(role, figures)]
            case protocol.Exchange(other, body):
                if not seat.exchanges.take(1, now):
                    raise TooFast
                return self._pass_on(role, other, protocol.Exchange(role.value, body))
            case protocol.Chat(other, body):
                if not seat.chats.take(1, now):
                    raise TooFast
                return self._pass_on(role, other, protocol.Chat(role.value, body))
            case protocol.Leave():
                effects = self._unseat(role)
                return [*effects, Close(socket, DONE), Gone(role), *self._settle(now)]
            case protocol.Join():
                raise OutOfTurn

    def dropped(self, socket: int, now: float) -> list[Effect]:
        """A socket has gone; the seat is kept."""
        for seat in self.seats.values():
            if seat.socket == socket:
                seat.socket = None
        return self._settle(now)

    def awaits(self, socket: int, connection: int) -> bool:
        """Whether somebody still waits for the answer to this offer: a newer one makes it void."""
        role = self._role_of(socket)
        return role is not None and self.seats[role].offer == connection

    def answered(self, socket: int, connection: int, sdp: str) -> list[Effect]:
        """The media worker has answered an offer."""
        if self._role_of(socket) is None:
            return []
        return [Send(socket, protocol.Answer(connection, sdp)), *self._admit()]

    def unanswered(self, socket: int, connection: int, error: RtcError) -> list[Effect]:
        """The media worker could not answer an offer."""
        if self._role_of(socket) is None:
            return []
        return [Send(socket, protocol.Refused(error.code, error.text, connection))]

    def media(self, report: reports.Report, now: float) -> list[Effect]:
        """Something that the media worker says. Reports about empty seats change nothing."""
        match report:
            case reports.Connected(_, name) | reports.Back(_, name):
                return self._connected(name, True, now)
            case reports.Silent(_, name):
                return self._connected(name, False, now)
            case reports.Closed(_, name):
                again = self._rejoin("connection", [seat for seat in self._named(name)])
                return [*self._connected(name, False, now), *again]
            case reports.Talking():
                self._flows = standing.may_flow(self.seats)  # one may have left since it was said
                return self._settle(now)
            case reports.Lost():
                return self._worker_lost(now)
            case reports.Counted():
                return []

    def tick(self, now: float) -> list[Effect]:
        """Time has passed. To be called about once a second."""
        effects: list[Effect] = []
        for seat in self.seats.values():
            if seat.socket is not None and now - seat.heard > HEARD_WITHIN:
                effects.append(Close(seat.socket, GOING_AWAY))
                seat.socket = None
        effects += self._settle(now)
        for role, seat in self.seats.items():
            missing = seat.missing_since is not None and now - seat.missing_since > GONE_AFTER
            if missing and not seat.told_gone:
                seat.told_gone = True
                effects.append(Gone(role))
        return effects

    def end(self, reason: str) -> list[Effect]:
        """The visit is over, or somebody has hung up: everybody is told, media stops."""
        if self.state is State.CLOSED:
            return []
        self.state = move(self.state, Move.CLOSED)
        sockets = self.sockets
        self.seats.clear()
        told = [Send(socket, protocol.Closed(reason)) for socket in sockets]
        return [Shut(), *told, *(Close(socket, DONE) for socket in sockets)]

    @property
    def sockets(self) -> list[int]:
        """The sockets that speak for a seat now."""
        return [seat.socket for seat in self.seats.values() if seat.socket is not None]

    # ---- how

    def _check_open(self) -> None:
        if self.state is State.CLOSED:
            raise RoomClosed

    def _role_of(self, socket: int) -> Role | None:
        return next((role for role, seat in self.seats.items() if seat.socket == socket), None)

    def _holder(self, socket: int) -> tuple[Role, Seat]:
        role = self._role_of(socket)
        if role is None:
            raise OutOfTurn
        return role, self.seats[role]

    def _named(self, name: str) -> list[Seat]:
        return [seat for role, seat in self.seats.items() if role == name]

    def _pass_on(self, role: Role, other: str, message: protocol.Between) -> list[Effect]:
        """Unread, to somebody else who is there. Nobody is, when one has just left: that is none
        of the speaker's faults. A guest at the door neither speaks nor is spoken to."""
        is_in = self.seats[role].welcome.is_let_in
        sockets = [
            seat.socket
            for seat in self._named(other)
            if other != role and is_in and seat.welcome.is_let_in
        ]
        return [Send(socket, message) for socket in sockets if socket is not None]

    def _offered(self, seat: Seat, connection: int, now: float) -> list[Effect]:
        # The first offer of a page that has just come (back): what it had before is gone.
        if seat.offer is None and seat.connected:
            seat.connected = False
            self._flows = self._flows and standing.may_flow(self.seats)
        seat.offer = connection
        return self._settle(now)

    def _connected(self, name: str, is_up: bool, now: float) -> list[Effect]:
        for seat in self._named(name):
            seat.connected = is_up
            seat.ever_connected |= is_up
        self._flows = self._flows and standing.may_flow(self.seats)
        return self._settle(now)

    def _worker_lost(self, now: float) -> list[Effect]:
        for seat in self.seats.values():
            seat.connected = False
        self._flows = False
        return [*self._rejoin("media", [*self.seats.values()]), *self._settle(now)]

    def _rejoin(self, reason: str, seats: list[Seat]) -> list[Effect]:
        return [
            Send(seat.socket, protocol.Rejoin(reason)) for seat in seats if seat.socket is not None
        ]

    def _unseat(self, role: Role) -> list[Effect]:
        del self.seats[role]
        self._flows = self._flows and standing.may_flow(self.seats)
        return [Unseat(role), *([] if role is Role.GUEST else self._admit())]

    def _send_away(self, role: Role, reason: str) -> list[Effect]:
        socket = self.seats[role].socket
        effects = self._unseat(role)
        if socket is not None:
            effects += [Send(socket, protocol.Closed(reason)), Close(socket, DONE)]
        return effects

    def _admit(self) -> list[Effect]:
        """Tell the media worker who is together; nothing when two have not even come."""
        told = standing.has_both(self.seats) or Role.GUEST in self.seats
        return [Admit(standing.together(self.seats))] if told else []

    def _settle(self, now: float) -> list[Effect]:
        """Move the room to where its seats say, and tell everybody who has not been told."""
        if self.state is State.CLOSED:
            return []  # a tick or a report that was under way when the room was closed
        effects: list[Effect] = []
        target = standing.target(self.seats, self._flows)
        while self.state is not target:
            self.state = move(self.state, standing.towards(self.state, target))
            if self.state is State.TALKING:
                effects.append(Talking())
        for seat in self.seats.values():
            seat.note_missing(now)
        room = standing.snapshot(self.state, self.seats)
        if room != self._told:
            self._told = room
            effects += [Send(socket, room) for socket in self.sockets]
        return effects
