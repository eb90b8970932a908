"""Who is not heard is coming back, who does not come back is gone; and how a room ends."""

import pytest

from tests.rtc.make import NOW, PATIENT, D, P, others, paired, talking, told
from venterom.rtc import protocol, reports
from venterom.rtc.effects import DONE, GOING_AWAY, Close, Gone, Send, Shut
from venterom.rtc.errors import RoomClosed
from venterom.rtc.protocol import Ping
from venterom.rtc.room import GONE_AFTER, HEARD_WITHIN
from venterom.rtc.states import State


def test_a_socket_that_says_nothing_is_closed_and_the_seat_kept() -> None:
    room = talking()
    late = NOW + HEARD_WITHIN + 0.1
    room.receive(D, Ping(1), late)
    effects = room.tick(late)
    assert others(effects) == [Close(P, GOING_AWAY)]
    assert told(effects, D) == [("broken", {"patient": "reconnecting", "doctor": "connected"})]


def test_a_socket_that_has_just_come_back_is_not_taken_for_silent() -> None:
    room = paired()
    room.dropped(P, NOW)
    room.receive(D, Ping(1), NOW + 60)
    room.join(PATIENT, "kari", 3, NOW + 60)
    assert others(room.tick(NOW + 61)) == []


def test_a_socket_that_pings_stays() -> None:
    room = talking()
    for socket in (P, D):
        room.receive(socket, Ping(1), NOW + 1)
    assert room.tick(NOW + 1 + HEARD_WITHIN) == []


@pytest.mark.parametrize(
    ("after", "told_gone"),
    [(GONE_AFTER, []), (GONE_AFTER + 0.1, [Gone(PATIENT)])],
)
def test_who_is_coming_back_for_too_long_is_gone(after: float, told_gone: list[Gone]) -> None:
    room = talking()
    room.dropped(P, NOW)
    room.receive(D, Ping(1), NOW + after)
    assert others(room.tick(NOW + after)) == told_gone


def test_one_is_gone_once_and_again_only_after_having_been_back() -> None:
    room = talking()
    now = NOW
    for socket in (P, 3):
        room.dropped(socket, now)
        now += GONE_AFTER + 1
        room.receive(D, Ping(1), now)
        assert Gone(PATIENT) in room.tick(now)
        assert Gone(PATIENT) not in room.tick(now + 1)
        room.join(PATIENT, "kari", 3, now + 1)
    assert room.state is State.TALKING


def test_who_is_here_and_has_no_sound_and_picture_yet_is_not_gone() -> None:
    room = paired()
    now = NOW + GONE_AFTER + 1
    for socket in (P, D):
        room.receive(socket, Ping(1), now)
    assert others(room.tick(now)) == []


def test_at_the_end_media_stops_first_and_everybody_is_told() -> None:
    assert talking().end("finished") == [
        Shut(),
        Send(P, protocol.Closed("finished")),
        Send(D, protocol.Closed("finished")),
        Close(P, DONE),
        Close(D, DONE),
    ]


def test_a_closed_room_takes_nobody_and_says_nothing_more() -> None:
    room = talking()
    room.end("finished")
    with pytest.raises(RoomClosed):
        room.join(PATIENT, "kari", 3, NOW)
    with pytest.raises(RoomClosed):
        room.receive(P, Ping(1), NOW)
    # what was under way when it was closed
    assert room.tick(NOW + 99) == room.dropped(P, NOW) == room.answered(P, 1, "sdp") == []
    assert room.media(reports.Closed("room", "patient"), NOW) == []
    assert room.media(reports.Lost("room"), NOW) == room.end("again") == []
    assert room.state is State.CLOSED
