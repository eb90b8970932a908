"""How a room stands, as its seats say: who may see and hear whom, its state, and what all are told.

Pure functions of the seats. Nobody's media moves before both seats are taken (I6), nor a guest's
before the doctor has let the guest in: `together` alone says who may see and hear each other.
"""

from collections.abc import Mapping

from venterom.rtc.protocol import Presence, Room
from venterom.rtc.seat import Seat
from venterom.rtc.states import Move, State
from venterom.rtc.ticket import BOTH, Role

Seats = Mapping[Role, Seat]


def has_both(seats: Seats) -> bool:
    """Whether the two whose call it is have come, each with a ticket."""
    return all(role in seats for role in BOTH)


def together(seats: Seats) -> tuple[Role, ...]:
    """Who may see and hear each other: nobody, or the two, and a guest whom the doctor let in."""
    if not has_both(seats):
        return ()
    return tuple(role for role in Role if role in seats and seats[role].welcome.is_let_in)


def may_flow(seats: Seats) -> bool:
    """Whether packets can go both ways between the two."""
    return all(role in seats and seats[role].connected for role in BOTH)


def target(seats: Seats, flows: bool) -> State:
    """Where an open room with these seats belongs. A guest changes nothing about it."""
    two = [seats[role] for role in BOTH if role in seats]
    if len(two) < len(BOTH):
        return State.WAITING if two else State.EMPTY
    if any(seat.presence is Presence.RECONNECTING for seat in two):
        return State.BROKEN
    return State.TALKING if flows else State.CONNECTING


def towards(state: State, wanted: State) -> Move:
    """The next move from one open state on the way to another."""
    if state is State.EMPTY:
        return Move.SEATED
    if state is State.WAITING:
        return Move.EMPTIED if wanted is State.EMPTY else Move.PAIRED
    on_the_way = {
        State.CONNECTING: Move.RETURNED,
        State.TALKING: Move.FLOWING,
        State.BROKEN: Move.LOST,
    }
    return on_the_way.get(wanted, Move.PARTED)


def snapshot(state: State, seats: Seats) -> Room:
    """What everybody is told. A guest is named while there."""
    there = {role.value: Presence.AWAY.value for role in BOTH}
    there |= {role.value: seat.presence.value for role, seat in seats.items()}
    encryption = {role.value: seat.encryption.value for role, seat in seats.items()}
    guest = seats[Role.GUEST].welcome.known_as if Role.GUEST in seats else {}
    return Room(state.value, there, encryption, {**guest})
