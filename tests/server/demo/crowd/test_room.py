"""A robot is seen to move and heard to speak, and costs little."""

import pytest
from av import AudioFrame, VideoFrame
from yarl import URL

from venterom.rtc.peer import SIZE, SOUND_FRAME
from venterom.server.demo.crowd import room
from venterom.server.demo.crowd.pages import Unexpected
from venterom.server.demo.crowd.reading import read
from venterom.server.demo.crowd.room import Beeps, Face, enter


def picture(name: str, number: int) -> tuple[bytes, ...]:
    """What is bright in one picture, and its two colours."""
    frame = VideoFrame(*SIZE, "yuv420p")
    Face(name).draw(frame, number)
    return tuple(bytes(plane) for plane in frame.planes)


def test_a_face_moves_in_every_second() -> None:
    pictures = [picture("Kari Prøvdal", number)[0] for number in range(30)]
    for second in range(0, 30, 5):
        assert len(set(pictures[second : second + 5])) > 1
    assert set(pictures[0]) == {room.PAPER, room.INK}


def test_each_has_a_colour_of_their_own_and_keeps_it() -> None:
    assert picture("Kari Prøvdal", 1) == picture("Kari Prøvdal", 1)
    assert picture("Kari Prøvdal", 1)[1:] != picture("Ola Testvik", 1)[1:]


async def test_between_two_beeps_nothing_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "BEEP", 2)
    monkeypatch.setattr(room, "BEEP_EVERY", 5)
    voice = Beeps()
    heard = [await voice.recv() for _ in range(4)]
    assert [frame.pts for frame in heard] == [n * SOUND_FRAME for n in (0, 1, 5, 6)]
    for frame in heard:
        assert isinstance(frame, AudioFrame)
        assert max(memoryview(frame.planes[0]).cast("B").cast("h")) > 1_000


def test_a_page_without_a_room_leads_into_none() -> None:
    with pytest.raises(Unexpected):
        enter(read(URL("http://127.0.0.1/visit/x"), "<p>Ingen her</p>"), "Kari Prøvdal")
