"""Builders for tests of rooms: a room with two in it, and views of what it wants done."""

from venterom.rtc import protocol, reports
from venterom.rtc.effects import Effect, Send
from venterom.rtc.protocol import Offer
from venterom.rtc.room import Room
from venterom.rtc.states import State
from venterom.rtc.ticket import BOTH, Role

PATIENT, DOCTOR = Role.PATIENT, Role.DOCTOR
P, D = 1, 2  # the sockets of the first patient and the first doctor
NOW = 1000.0  # seconds of the room's clock


def paired() -> Room:
    """Both are seated, nothing is offered yet."""
    room = Room()
    room.join(PATIENT, "kari", P, NOW)
    room.join(DOCTOR, "dr. berg", D, NOW)
    return room


def talking() -> Room:
    """Both are connected, and packets flow."""
    room = paired()
    for socket in (P, D):
        room.receive(socket, Offer(1, "sdp"), NOW)
        room.answered(socket, 1, "sdp")
    for role in BOTH:
        room.media(reports.Connected("room", role), NOW)
    room.media(reports.Talking("room"), NOW)
    assert room.state is State.TALKING
    return room


def sent(effects: list[Effect], socket: int) -> list[protocol.Outgoing]:
    """What this socket is sent, but for the states of the room."""
    return [each for each in _messages(effects, socket) if not isinstance(each, protocol.Room)]


def told(effects: list[Effect], socket: int) -> list[tuple[str, dict[str, str]]]:
    """The states of the room that this socket is told, in order."""
    return [
        (each.state, each.seats)
        for each in _messages(effects, socket)
        if isinstance(each, protocol.Room)
    ]


def others(effects: list[Effect]) -> list[Effect]:
    """Everything but what sockets are sent."""
    return [each for each in effects if not isinstance(each, Send)]


def _messages(effects: list[Effect], socket: int) -> list[protocol.Outgoing]:
    return [each.message for each in effects if isinstance(each, Send) and each.socket == socket]
