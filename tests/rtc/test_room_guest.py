"""A guest in a room: who is told what, and that the two whose call it is do not depend on one."""

import pytest

from tests.rtc.make import DOCTOR, NOW, PATIENT, D, P, others, paired, sent, talking, told
from venterom.rtc import protocol, reports
from venterom.rtc.effects import DONE, Admit, Answer, Close, Gone, Seated, Send, Unseat
from venterom.rtc.errors import OutOfTurn, RoomClosed
from venterom.rtc.protocol import Closed, Exchange, Leave, Offer, Presence, Sealed
from venterom.rtc.room import Room
from venterom.rtc.seat import Welcome
from venterom.rtc.states import State
from venterom.rtc.ticket import Role

GUEST, G = Role.GUEST, 3
ANNA = {"name": "Anna", "kind": "interpreter"}
SAID = Sealed("c2VhbGVk")


def knocking() -> Room:
    """Two talk, and a guest is at the door."""
    room = talking()
    room.join(GUEST, "invitation", G, NOW, welcome=Welcome(False, ANNA))
    return room


def with_guest() -> Room:
    """The doctor has let the guest in."""
    room = knocking()
    room.let_in(NOW)
    return room


def test_everybody_is_told_who_knocks_and_the_call_goes_on() -> None:
    room = talking()
    effects = room.join(GUEST, "invitation", G, NOW, welcome=Welcome(False, ANNA))
    (joined,) = sent(effects, G)
    assert isinstance(joined, protocol.Joined)
    assert (joined.role, joined.state, joined.guest) == ("guest", "talking", ANNA)
    assert joined.seats["guest"] == Presence.KNOCKING
    for socket in (P, D):
        ((state, seats),) = told(effects, socket)
        assert (state, seats["guest"]) == ("talking", "knocking")
    assert Seated(GUEST, "invitation") in effects
    assert Admit((PATIENT, DOCTOR)) in effects


def test_without_a_guest_nobody_is_told_of_one() -> None:
    effects = Room().join(PATIENT, "kari", P, NOW)
    (joined,) = sent(effects, P)
    assert isinstance(joined, protocol.Joined)
    assert (joined.guest, [*joined.seats]) == ({}, ["patient", "doctor"])


def test_a_guest_may_prepare_a_connection_before_being_let_in() -> None:
    room = knocking()
    assert others(room.receive(G, Offer(1, "sdp"), NOW)) == [Answer(GUEST, G, 1, "sdp")]
    assert others(room.answered(G, 1, "sdp")) == [Admit((PATIENT, DOCTOR))]


def test_who_is_let_in_is_admitted_after_the_two() -> None:
    room = knocking()
    effects = room.let_in(NOW)
    assert others(effects) == [Admit((PATIENT, DOCTOR, GUEST))]
    assert [seats["guest"] for _, seats in told(effects, P)] == ["here"]


def test_letting_in_nobody_does_nothing() -> None:
    assert talking().let_in(NOW) == talking().show_out(NOW) == []


def test_who_is_shown_out_is_told_and_the_others_too() -> None:
    room = with_guest()
    effects = room.show_out(NOW)
    assert others(effects) == [Unseat(GUEST), Close(G, DONE)]
    assert sent(effects, G) == [Closed("shown_out")]
    assert [[*seats] for _, seats in told(effects, D)] == [["patient", "doctor"]]
    assert room.state is State.TALKING
    with pytest.raises(OutOfTurn):
        room.receive(G, Leave(), NOW)


def test_who_is_shown_out_while_away_is_told_nothing() -> None:
    room = with_guest()
    room.dropped(G, NOW)
    assert others(room.show_out(NOW)) == [Unseat(GUEST)]


def test_a_guest_who_leaves_or_is_lost_breaks_no_call() -> None:
    room = with_guest()
    room.media(reports.Connected("room", GUEST), NOW)
    room.media(reports.Closed("room", GUEST), NOW)
    assert room.state is State.TALKING
    room.dropped(G, NOW)
    assert room.state is State.TALKING
    room.join(GUEST, "invitation", 4, NOW, welcome=Welcome(True, ANNA))
    assert others(room.receive(4, Leave(), NOW)) == [Unseat(GUEST), Close(4, DONE), Gone(GUEST)]
    assert room.state is State.TALKING


def test_nobody_is_together_when_one_of_the_two_has_left() -> None:
    room = with_guest()
    assert Admit(()) in room.receive(P, Leave(), NOW)
    assert room.state is State.WAITING


def test_a_guest_alone_keeps_an_empty_room() -> None:
    room = Room()
    effects = room.join(GUEST, "invitation", G, NOW, welcome=Welcome(False, ANNA))
    assert Admit(()) in effects
    assert (room.state, room.sockets) == (State.EMPTY, [G])
    room.join(PATIENT, "kari", P, NOW)
    assert room.state is State.WAITING


@pytest.mark.parametrize(("speaker", "other"), [(G, "doctor"), (D, "guest"), (P, "guest")])
def test_a_guest_at_the_door_neither_speaks_nor_is_spoken_to(speaker: int, other: str) -> None:
    assert knocking().receive(speaker, Exchange(other, SAID), NOW) == []


def test_who_was_let_in_agrees_on_keys_with_each_of_the_others() -> None:
    room = with_guest()
    assert room.receive(G, Exchange("patient", SAID), NOW) == [Send(P, Exchange("guest", SAID))]
    assert room.receive(D, Exchange("guest", SAID), NOW) == [Send(G, Exchange("doctor", SAID))]


def test_the_end_is_told_to_a_guest_too() -> None:
    room = with_guest()
    assert sent(room.end("finished"), G) == [Closed("finished")]
    with pytest.raises(RoomClosed):
        room.join(GUEST, "invitation", 4, NOW)


def test_two_without_a_guest_are_not_admitted_before_an_answer() -> None:
    assert not [each for each in others(paired().tick(NOW)) if isinstance(each, Admit)]
