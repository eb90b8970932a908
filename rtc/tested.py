"""What a page says about a technical test: devices, and the figures of an echo. Read strictly."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import TypeVar

from venterom.rtc.errors import BadFigures
from venterom.rtc.quality import (
    BLOCKED,
    Figures,
    Judgement,
    downward,
    judge,
    per_mille,
)

MOST_MS = 60_000  # as long as an echo lives
MOST_KBIT = 10_000_000  # of a line that nobody has at home
MOST_PACKETS = 1_000_000  # of one echo: a hundred times as many as it can send


class Microphone(StrEnum):
    """What has come of it."""

    HEARD = "heard"
    QUIET = "quiet"  # there is one, and nothing was heard
    NONE = "none"


class Speaker(StrEnum):
    """What the person says to «did you hear the tone»."""

    HEARD = "heard"
    NOT_HEARD = "not_heard"
    NOT_ASKED = "not_asked"


class Way(StrEnum):
    """Whether packets reach the server."""

    OPEN = "open"
    BLOCKED = "blocked"
    UNTRIED = "untried"  # not tried, stopped, or the server was busy


@dataclass(frozen=True, slots=True)
class Echoed:
    """Counts of one echo. A browser that does not know a figure says null."""

    round_trip_ms: int | None
    jitter_ms: int | None
    came_back: int | None  # packets that the browser got back
    lost: int | None  # and those that it missed
    arrived: int | None  # packets that the server got
    lost_up: int | None  # and those that it missed
    kbit_up: int | None
    kbit_down: int | None
    room_kbit: int | None  # what the browser believes it may send, there and back


MOST: Mapping[str, int] = {
    "round_trip_ms": MOST_MS,
    "jitter_ms": MOST_MS,
    "came_back": MOST_PACKETS,
    "lost": MOST_PACKETS,
    "arrived": MOST_PACKETS,
    "lost_up": MOST_PACKETS,
    "kbit_up": MOST_KBIT,
    "kbit_down": MOST_KBIT,
    "room_kbit": MOST_KBIT,
}


@dataclass(frozen=True, slots=True)
class Tested:
    """The outcome of one technical test."""

    camera: bool
    microphone: Microphone
    speaker: Speaker
    way: Way
    echoed: Echoed | None

    @property
    def losses(self) -> tuple[int | None, int | None]:
        """Packets of a thousand that are lost on the way up, and on the way down."""
        if self.echoed is None:
            return None, None
        up = _share(self.echoed.lost_up, self.echoed.arrived)
        loop = _share(self.echoed.lost, self.echoed.came_back)
        return up, loop if loop is None or up is None else downward(loop, up)

    @property
    def figures(self) -> Figures:
        """What its verdict rests on."""
        if self.echoed is None:
            return Figures()
        losses = [each for each in self.losses if each is not None]
        return Figures(
            round_trip=self.echoed.round_trip_ms,
            jitter=self.echoed.jitter_ms,
            lost=max(losses, default=None),
            room=self.echoed.room_kbit,
        )

    @property
    def judgement(self) -> Judgement:
        """What it means for a call."""
        return judgement(self.way, self.figures)


def judgement(way: Way, figures: Figures) -> Judgement:
    """Where nothing comes through, there is nothing to measure."""
    return BLOCKED if way is Way.BLOCKED else judge(figures)


def read(sent: Mapping[str, object]) -> Tested:
    """What a page sent. Raises BadFigures, and nothing else, whatever it is."""
    if sent.keys() != {field.name for field in fields(Tested)}:
        raise BadFigures
    if not isinstance(sent["camera"], bool):
        raise BadFigures
    way = _word(Way, sent["way"])
    echoed = _echoed(sent["echoed"])
    if (way is Way.OPEN) != (echoed is not None):
        raise BadFigures
    return Tested(
        camera=sent["camera"],
        microphone=_word(Microphone, sent["microphone"]),
        speaker=_word(Speaker, sent["speaker"]),
        way=way,
        echoed=echoed,
    )


Word = TypeVar("Word", bound=StrEnum)


def _word(kind: type[Word], value: object) -> Word:
    if not isinstance(value, str):
        raise BadFigures
    try:
        return kind(value)
    except ValueError:
        raise BadFigures from None


def _echoed(sent: object) -> Echoed | None:
    if sent is None:
        return None
    if not isinstance(sent, dict) or sent.keys() != MOST.keys():
        raise BadFigures
    if not all(_fits(sent[name], most) for name, most in MOST.items()):
        raise BadFigures
    return Echoed(**sent)


def _fits(value: object, most: int) -> bool:
    return value is None or (type(value) is int and 0 <= value <= most)


def _share(lost: int | None, came: int | None) -> int | None:
    return None if lost is None or came is None else per_mille(lost, lost + came)
