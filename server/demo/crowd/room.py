"""A robot in the room: a face and a voice that cost little, so that many fit on one machine."""

import json
import math
from collections.abc import Iterable
from random import Random

from aiortc import MediaStreamTrack
from av import VideoFrame
from av.frame import Frame
from yarl import URL

from venterom.rtc.peer import SIZE, SOUND_FRAME, MovingPicture, Peer, Tone
from venterom.server.demo.crowd.pages import Page

FACE_EVERY = 0.2  # seconds between two pictures: one sees that it moves
PAPER, INK = 170, 95  # how bright the wall and the person before it are, of 255
TINTS = range(108, 149)  # how much of blue and of red; 128 is grey
HEAD, HEAD_AT = 24, 48  # pixels: radius, and how far down its middle is
SHOULDERS, SHOULDERS_AT = (52, 44), 122  # half width and height of an oval, and its middle
SWAY, SWAY_S = 7, 3.0  # pixels to each side, seconds there and back
BEEP, BEEP_EVERY = 30, 100  # of 100 sound frames (2 s), 30 sound; the others are not sent


class Face(MovingPicture):
    """Somebody before a wall who sways a little; whose colour it is depends on the name."""

    def __init__(self, name: str) -> None:
        super().__init__(FACE_EVERY)
        self._tints = Random(name).sample(TINTS, 2)

    def draw(self, frame: VideoFrame, number: int) -> None:
        """A head and shoulders."""
        bright, *tinted = frame.planes
        sway = round(SWAY * math.sin(math.tau * number * FACE_EVERY / SWAY_S))
        rows = (_row(y, sway, bright.line_size) for y in range(bright.height))
        bright.update(b"".join(rows))
        for plane, tint in zip(tinted, self._tints, strict=True):
            plane.update(bytes([tint]) * plane.line_size * plane.height)


class Beeps(Tone):
    """A beep every two seconds. Sound in between would cost most of what a robot costs."""

    async def recv(self) -> Frame:
        """The next 20 ms that can be heard."""
        if self._sample // SOUND_FRAME % BEEP_EVERY == BEEP:
            self._sample += (BEEP_EVERY - BEEP) * SOUND_FRAME
        return await super().recv()


def enter(page: Page, name: str) -> Peer:
    """This person into the room of this page. Raises Unexpected when it leads into none."""

    def face_and_voice() -> Iterable[MediaStreamTrack]:
        return Beeps(), Face(name)

    room = json.loads(page.mark("room"))
    return Peer(str(page.url.join(URL(room["socket"]))), room["ticket"], face_and_voice)


def _row(y: int, sway: int, width: int) -> bytes:
    half = max(_half(y - HEAD_AT, HEAD, HEAD), _half(y - SHOULDERS_AT, *SHOULDERS))
    left = SIZE[0] // 2 + sway - half
    return (bytes([PAPER]) * left + bytes([INK]) * (2 * half)).ljust(width, bytes([PAPER]))


def _half(below: int, wide: int, high: int) -> int:
    """Half the width of an oval, so far below its middle."""
    inside = 1 - (below / high) ** 2
    return round(wide * math.sqrt(inside)) if inside > 0 else 0
