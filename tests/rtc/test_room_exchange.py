"""What pages say to each other on their way to keys is passed on unread, and to nobody else."""

import pytest

from tests.rtc.make import DOCTOR, NOW, PATIENT, D, P, paired, sent
from venterom.rtc import protocol
from venterom.rtc.effects import Effect, Send
from venterom.rtc.errors import OutOfTurn, TooFast
from venterom.rtc.protocol import Chat, Encryption, Exchange, Sealed, SealedText
from venterom.rtc.room import Room
from venterom.rtc.seat import BURST, CHAT_BURST, CHATS, EXCHANGES

WORDS = Sealed("c2VhbGVk")


def to(seat: str) -> Exchange:
    """Something that a page says to a seat."""
    return Exchange(seat, WORDS)


def encryption_told(effects: list[Effect], socket: int) -> list[dict[str, str]]:
    """What a socket is told of how far each one can encrypt."""
    return [
        each.message.encryption
        for each in effects
        if isinstance(each, Send)
        and each.socket == socket
        and isinstance(each.message, protocol.Room | protocol.Joined)
    ]


@pytest.mark.parametrize(
    ("speaker", "other", "listener", "says"),
    [(P, "doctor", D, "patient"), (D, "patient", P, "doctor")],
)
def test_it_reaches_the_seat_that_it_is_for_and_says_whom_it_is_from(
    speaker: int, other: str, listener: int, says: str
) -> None:
    effects = paired().receive(speaker, to(other), NOW)
    assert effects == [Send(listener, Exchange(says, WORDS))]


@pytest.mark.parametrize("other", ["patient", "guest", "", "doctor "])
def test_it_reaches_nobody_when_the_seat_is_ones_own_or_none(other: str) -> None:
    assert paired().receive(P, to(other), NOW) == []


def test_alone_in_the_room_one_is_heard_by_nobody() -> None:
    room = Room()
    room.join(PATIENT, "kari", P, NOW)
    assert room.receive(P, to("doctor"), NOW) == []


def test_it_does_not_wait_for_somebody_who_is_coming_back() -> None:
    room = paired()
    room.dropped(D, NOW)
    assert room.receive(P, to("doctor"), NOW) == []
    room.join(DOCTOR, "dr. berg", 3, NOW)
    assert sent(room.receive(P, to("doctor"), NOW), 3) == [Exchange("patient", WORDS)]


def test_only_who_has_a_seat_may_say_it() -> None:
    with pytest.raises(OutOfTurn):
        paired().receive(9, to("doctor"), NOW)


def test_it_may_be_said_so_often_and_a_new_socket_does_not_begin_anew() -> None:
    room = paired()
    for _ in range(int(BURST)):
        room.receive(P, to("doctor"), NOW)
    room.join(PATIENT, "kari", 3, NOW)
    with pytest.raises(TooFast):
        room.receive(3, to("doctor"), NOW)
    assert room.receive(3, to("doctor"), NOW + 1 / EXCHANGES) != []


def test_everybody_is_told_how_far_each_one_who_is_there_can_encrypt() -> None:
    room = Room()
    first = room.join(PATIENT, "kari", P, NOW, Encryption.END_TO_END)
    assert encryption_told(first, P)[0] == {"patient": "end_to_end"}
    second = room.join(DOCTOR, "dr. berg", D, NOW, Encryption.HOP_BY_HOP)
    both = {"patient": "end_to_end", "doctor": "hop_by_hop"}
    assert encryption_told(second, P) == [both]
    assert encryption_told(second, D)[0] == both


def test_who_comes_back_with_another_browser_is_told_of() -> None:
    room = paired()
    effects = room.join(PATIENT, "kari", 3, NOW, Encryption.END_TO_END)
    both = {"patient": "end_to_end", "doctor": "hop_by_hop"}
    assert encryption_told(effects, D) == [both]


def test_what_people_write_goes_the_same_way_and_is_counted_apart() -> None:
    room = paired()
    said = Chat("doctor", SealedText("c2VhbGVk"))
    assert room.receive(P, said, NOW) == [Send(D, Chat("patient", said.body))]
    for _ in range(int(CHAT_BURST) - 1):
        room.receive(P, said, NOW)
    with pytest.raises(TooFast):
        room.receive(P, said, NOW)
    assert room.receive(P, to("doctor"), NOW)  # keys are exchanged all the same
    assert room.receive(P, said, NOW + 1 / CHATS)
