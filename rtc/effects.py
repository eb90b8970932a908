"""What a room wants done: to its sockets, to the media worker, and what the domain should know."""

from collections.abc import Mapping
from dataclasses import dataclass

from venterom.rtc import protocol
from venterom.rtc.ticket import Role

# Web socket close codes (RFC 6455 7.4.1; from 4000 on they are ours)
DONE, GOING_AWAY, PROTOCOL, REFUSED, INTERNAL, TOO_SLOW = 1000, 1001, 1002, 1008, 1011, 1013
REPLACED = 4001


@dataclass(frozen=True, slots=True)
class Send:
    """Send this message to this socket."""

    socket: int
    message: protocol.Outgoing


@dataclass(frozen=True, slots=True)
class Close:
    """Close this socket."""

    socket: int
    code: int


@dataclass(frozen=True, slots=True)
class Answer:
    """Have the media worker answer this offer; the result comes back by `answered`."""

    role: Role
    socket: int
    connection: int
    sdp: str


@dataclass(frozen=True, slots=True)
class Admit:
    """These seats, and no others, may see and hear each other."""

    roles: tuple[Role, ...]


@dataclass(frozen=True, slots=True)
class Unseat:
    """The media worker drops this seat at once."""

    role: Role


@dataclass(frozen=True, slots=True)
class Shut:
    """The media worker drops the room."""


@dataclass(frozen=True, slots=True)
class Seated:
    """For the domain: this person has taken this seat, or come back to it."""

    role: Role
    person: str


@dataclass(frozen=True, slots=True)
class Talking:
    """For the domain: both are seen or heard."""


@dataclass(frozen=True, slots=True)
class Gone:
    """For the domain: has left, or has been coming back for too long."""

    role: Role


@dataclass(frozen=True, slots=True)
class Measured:
    """For the call's figures: what this seat's page has measured, not looked at yet."""

    role: Role
    figures: Mapping[str, int]


Media = Answer | Admit | Unseat | Shut
Notice = Seated | Talking | Gone | Measured
Effect = Send | Close | Media | Notice
