"""Every message of a room's web socket. docs/protocol.md is the manual of this file.

A message is one JSON object; its `type` is the class name in small letters.
"""

import json
import re
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from typing import Any, NewType

from venterom.rtc.errors import BadMessage

MAX_CHARACTERS = 64 * 1024  # an offer may have 32 KiB, and JSON writes each line end as \r\n
VERSION = 3  # of this protocol; a page that says another one is told to load itself anew


Sealed = NewType("Sealed", str)  # base64url of what one page says to another; nobody's but theirs
SealedText = NewType("SealedText", str)  # the same of what one person writes to another
_SEALED_TEXT = re.compile(r"[A-Za-z0-9_-]{1,4096}")  # 500 characters, some of four bytes
_SEALED = re.compile(r"[A-Za-z0-9_-]{1,1024}")  # a public key and a nonce are about 250


class Encryption(StrEnum):
    """How far a page can encrypt what it sends."""

    END_TO_END = "end_to_end"  # to the other browser
    HOP_BY_HOP = "hop_by_hop"  # to the media worker, which encrypts it anew


class Presence(StrEnum):
    """What one is told about a seat."""

    AWAY = "away"  # nobody has taken it, or the person has left
    KNOCKING = "knocking"  # a guest whom the doctor has not let in yet
    HERE = "here"  # in the room, sound and picture not connected yet
    CONNECTED = "connected"
    RECONNECTING = "reconnecting"  # lost, the seat is kept


# ---- from the page to the room


@dataclass(frozen=True, slots=True)
class Join:
    """The first message: the ticket, the version of the protocol that the page speaks, and how far
    its browser can encrypt."""

    ticket: str
    version: int
    encryption: Encryption


@dataclass(frozen=True, slots=True)
class Offer:
    """A new connection for one's own seat. `connection` counts the page's connections."""

    connection: int
    sdp: str


@dataclass(frozen=True, slots=True)
class Ping:
    """Still here; every two seconds."""

    number: int


@dataclass(frozen=True, slots=True)
class Leave:
    """Gives the seat up."""


@dataclass(frozen=True, slots=True)
class Quality:
    """Figures of one's own connection since the last time; rtc/figures.py says which."""

    figures: dict[str, int]


# ---- between two pages


@dataclass(frozen=True, slots=True)
class Exchange:
    """What two pages say to each other, on their way to keys that the room does not know.

    `seat` is whom it is for when a page says it, and whom it is from when the room does.
    """

    seat: str
    body: Sealed


@dataclass(frozen=True, slots=True)
class Chat:
    """What one person writes to another in the call. The room can neither read nor keep it.

    `seat` as in Exchange.
    """

    seat: str
    body: SealedText


# ---- from the room to the page


@dataclass(frozen=True, slots=True)
class Joined:
    """The seat is taken: you are this role. The rest as in Room."""

    role: str
    state: str
    seats: dict[str, str]
    encryption: dict[str, str]
    guest: dict[str, str]


@dataclass(frozen=True, slots=True)
class Room:
    """How the room stands now, whole: its state, the presence of each role, how far each one that
    is there can encrypt, and who the guest is: `name` and `kind`, or nothing."""

    state: str
    seats: dict[str, str]
    encryption: dict[str, str]
    guest: dict[str, str]


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to the offer with the same `connection`."""

    connection: int
    sdp: str


@dataclass(frozen=True, slots=True)
class Pong:
    """Answers the ping with the same number."""

    number: int


@dataclass(frozen=True, slots=True)
class Rejoin:
    """Sound and picture have gone: make a new connection for your seat and offer it."""

    reason: str


@dataclass(frozen=True, slots=True)
class Replaced:
    """You came back from somewhere else. This socket closes; do not come back by yourself."""


@dataclass(frozen=True, slots=True)
class Network:
    """How each one's network is for a call now: `good`, `weak` or `unknown`."""

    lines: dict[str, str]


@dataclass(frozen=True, slots=True)
class Closed:
    """The room is closed for good. `reason` is a stable code such as `finished`."""

    reason: str


@dataclass(frozen=True, slots=True)
class Refused:
    """Something was not accepted: a code for the page, a sentence for the person reading logs.

    `connection` names the offer that was refused; 0 when it was something else.
    """

    code: str
    text: str
    connection: int


Between = Exchange | Chat
Incoming = Join | Offer | Ping | Leave | Quality | Between
Outgoing = Joined | Room | Answer | Pong | Rejoin | Replaced | Network | Closed | Refused | Between
Message = Incoming | Outgoing


def parse_incoming(text: str) -> Incoming:
    """A message from a page. Raises BadMessage."""
    message = parse(text)
    if not isinstance(message, Incoming):
        raise BadMessage
    return message


def parse(text: str) -> Message:
    """A message from its JSON text. Raises BadMessage, and nothing else, whatever the text is."""
    if len(text) > MAX_CHARACTERS:
        raise BadMessage
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        raise BadMessage from None
    return _build(content)


def dump(message: Message) -> str:
    """The JSON text of a message."""
    content = {"type": type(message).__name__.lower()} | asdict(message)
    return json.dumps(content, separators=(",", ":"))


_KINDS: dict[str, type[Message]] = {
    kind.__name__.lower(): kind
    for kind in (
        *(Join, Offer, Ping, Leave, Quality, Exchange, Chat),
        *(Joined, Room, Answer, Pong, Rejoin, Replaced, Network, Closed, Refused),
    )
}
_SHAPES: dict[type[Message], dict[str, object]] = {
    kind: {field.name: field.type for field in fields(kind)} for kind in _KINDS.values()
}


def _build(content: object) -> Message:
    if not isinstance(content, dict):
        raise BadMessage
    name = content.pop("type", None)
    kind = _KINDS.get(name) if isinstance(name, str) else None
    if kind is None:
        raise BadMessage
    shape = _SHAPES[kind]
    if content.keys() != shape.keys():
        raise BadMessage
    if not all(_fits(content[field], wanted) for field, wanted in shape.items()):
        raise BadMessage
    return kind(**{name: _as(value, shape[name]) for name, value in content.items()})


def _as(value: Any, wanted: object) -> Any:
    return Encryption(value) if wanted is Encryption else value


# A message is an object of strings, numbers and flat mappings: what is nested deeper does not fit.
def _fits(value: object, wanted: object) -> bool:
    if wanted is str:
        return isinstance(value, str)
    if wanted is int:
        return type(value) is int and 0 <= value < 2**31
    if wanted is Sealed:
        return isinstance(value, str) and _SEALED.fullmatch(value) is not None
    if wanted is SealedText:
        return isinstance(value, str) and _SEALED_TEXT.fullmatch(value) is not None
    if wanted is Encryption:
        return isinstance(value, str) and value in set(Encryption)
    kind = int if wanted == dict[str, int] else str
    return isinstance(value, dict) and all(_fits(item, kind) for item in value.values())
