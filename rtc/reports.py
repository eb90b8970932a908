"""What a media worker tells care, one JSON line each: states of seats, and counters."""

import json
from collections import defaultdict
from dataclasses import asdict, dataclass, fields

from venterom.rtc.errors import BadReport

# What a worker counts, by name. Not a Counter: each packet counts twice, and Counter's own way to
# set a number, which is Python's, costs three hundredths of a packet.
Counters = defaultdict[str, int]


@dataclass(frozen=True, slots=True)
class Connected:
    """This seat's connection is up: ICE and DTLS are done."""

    room: str
    seat: str


@dataclass(frozen=True, slots=True)
class Talking:
    """Packets flow both ways."""

    room: str


@dataclass(frozen=True, slots=True)
class Silent:
    """Nothing valid has come from this seat for five seconds."""

    room: str
    seat: str


@dataclass(frozen=True, slots=True)
class Back:
    """A silent seat is heard again, on the same connection."""

    room: str
    seat: str


@dataclass(frozen=True, slots=True)
class Closed:
    """This seat has no connection any more; it may come back with a new one."""

    room: str
    seat: str


@dataclass(frozen=True, slots=True)
class Counted:
    """Once a second: totals since the worker started, rooms open, loop lag in milliseconds."""

    counters: dict[str, int]
    rooms: int
    lag: int


@dataclass(frozen=True, slots=True)
class Lost:
    """The worker of this room has died. Made by care, never sent by a worker."""

    room: str


Report = Connected | Talking | Silent | Back | Closed | Counted | Lost

_KINDS: dict[str, type[Report]] = {
    kind.__name__.lower(): kind for kind in (Connected, Talking, Silent, Back, Closed, Counted)
}


def dump(report: Report) -> str:
    """One line of JSON, without its end."""
    return json.dumps({"event": type(report).__name__.lower()} | asdict(report))


def parse(line: str) -> Report:
    """A worker's line. Raises BadReport: the worker may have been taken over by a packet."""
    try:
        content = json.loads(line)
        kind = _KINDS[content.pop("event")]
        if content.keys() != {field.name for field in fields(kind)}:
            raise BadReport
    except (ValueError, KeyError, AttributeError, TypeError, RecursionError):
        raise BadReport from None
    if not all(_fits(content[field.name], field.type) for field in fields(kind)):
        raise BadReport
    return kind(**content)


def _fits(value: object, wanted: object) -> bool:
    if wanted in (str, int):
        return type(value) is wanted
    return isinstance(value, dict) and all(type(count) is int for count in value.values())
