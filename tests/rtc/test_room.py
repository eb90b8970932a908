"""Who gets which message: effects of a room, by what happens in it."""

import pytest

from tests.rtc.make import DOCTOR, NOW, PATIENT, D, P, others, paired, sent, talking, told
from venterom.rtc import protocol, reports
from venterom.rtc.effects import (
    DONE,
    REPLACED,
    Admit,
    Answer,
    Close,
    Gone,
    Seated,
    Send,
    Talking,
    Unseat,
)
from venterom.rtc.errors import BadOffer, OutOfTurn
from venterom.rtc.protocol import Leave, Offer, Ping, Pong, Presence, Refused, Rejoin, Replaced
from venterom.rtc.room import Room
from venterom.rtc.states import State
from venterom.rtc.ticket import BOTH

END_TO_END = protocol.Encryption.END_TO_END

# ---- coming


def test_the_first_is_told_the_seat_and_waits() -> None:
    room = Room()
    effects = room.join(PATIENT, "kari", P, NOW)
    seats, encryption = {"patient": "here", "doctor": "away"}, {"patient": "hop_by_hop"}
    assert sent(effects, P) == [protocol.Joined("patient", "waiting", seats, encryption, {})]
    assert others(effects) == [Seated(PATIENT, "kari")]


def test_the_second_meets_the_first_and_both_are_told() -> None:
    room = Room()
    room.join(PATIENT, "kari", P, NOW)
    effects = room.join(DOCTOR, "dr. berg", D, NOW)
    seats = {"patient": "here", "doctor": "here"}
    encryption = {"patient": "hop_by_hop", "doctor": "hop_by_hop"}
    assert sent(effects, D) == [protocol.Joined("doctor", "connecting", seats, encryption, {})]
    assert told(effects, P) == [("connecting", seats)]


def test_the_newest_socket_of_a_person_wins_and_the_seat_stays_as_it_is() -> None:
    room = talking()
    effects = room.join(PATIENT, "kari", 3, NOW)
    assert sent(effects, P) == [Replaced()]
    assert others(effects) == [Close(P, REPLACED), Seated(PATIENT, "kari")]
    assert room.state is State.TALKING  # what sound and picture do is the connection's business
    assert told(effects, D) == []
    assert room.sockets == [3, D]


def test_another_person_in_the_same_role_takes_the_seat_and_the_first_ones_media_stops() -> None:
    room = talking()
    effects = room.join(DOCTOR, "dr. dahl", 3, NOW)
    assert others(effects) == [Close(D, REPLACED), Unseat(DOCTOR), Seated(DOCTOR, "dr. dahl")]
    assert [state for state, _ in told(effects, P)] == ["waiting", "connecting"]
    assert room.seats[DOCTOR].presence is Presence.HERE


def test_who_comes_back_gets_the_same_seat() -> None:
    room = talking()
    room.dropped(P, NOW)
    assert room.state is State.BROKEN
    effects = room.join(PATIENT, "kari", 3, NOW + 4)
    seats = {"patient": "connected", "doctor": "connected"}
    encryption = {"patient": "hop_by_hop", "doctor": "hop_by_hop"}
    assert sent(effects, 3) == [protocol.Joined("patient", "talking", seats, encryption, {})]
    assert told(effects, D) == [("talking", seats)]


# ---- speaking


@pytest.mark.parametrize("message", [Ping(1), Offer(1, "sdp"), Leave()])
@pytest.mark.parametrize("stranger", [P, 9], ids=["replaced", "never joined"])
def test_only_the_socket_that_holds_a_seat_may_speak(
    message: protocol.Incoming, stranger: int
) -> None:
    room = paired()
    room.join(PATIENT, "kari", 3, NOW)
    with pytest.raises(OutOfTurn):
        room.receive(stranger, message, NOW)


def test_joining_twice_is_out_of_turn() -> None:
    with pytest.raises(OutOfTurn):
        paired().receive(P, protocol.Join("ticket", 2, END_TO_END), NOW)


def test_an_offer_goes_to_the_media_worker_with_the_role_of_the_seat() -> None:
    effects = paired().receive(P, Offer(7, "sdp"), NOW)
    assert others(effects) == [Answer(PATIENT, P, 7, "sdp")]


def test_a_ping_is_answered_to_the_one_who_sent_it() -> None:
    assert paired().receive(D, Ping(41), NOW) == [Send(D, Pong(41))]


def test_an_answer_goes_to_the_one_who_offered() -> None:
    effects = paired().answered(P, 7, "answer")
    assert sent(effects, P) == [protocol.Answer(7, "answer")]
    assert sent(effects, D) == []


def test_a_refusal_names_the_offer() -> None:
    effects = paired().unanswered(P, 7, BadOffer())
    assert sent(effects, P) == [Refused("BadOffer", BadOffer().text, 7)]
    assert others(effects) == []


@pytest.mark.parametrize(
    ("socket", "connection", "waits"),
    [
        (P, 2, True),
        (P, 1, False),  # a newer one has been offered since
        (P, 3, False),
        (D, 2, False),  # somebody else's
        (9, 2, False),
    ],
)
def test_only_the_newest_offer_of_a_seat_is_waited_for(
    socket: int, connection: int, waits: bool
) -> None:
    room = paired()
    for number in (1, 2):
        room.receive(P, Offer(number, "sdp"), NOW)
    assert room.awaits(socket, connection) is waits


def test_nobody_waits_for_the_answer_to_what_was_offered_before_coming_back() -> None:
    room = paired()
    room.receive(P, Offer(1, "sdp"), NOW)
    room.join(PATIENT, "kari", 3, NOW)
    assert not room.awaits(P, 1) and not room.awaits(3, 1)


def test_answers_for_a_socket_that_has_gone_are_dropped() -> None:
    room = paired()
    room.join(PATIENT, "kari", 3, NOW)
    assert room.answered(P, 1, "sdp") == []
    assert room.unanswered(P, 1, BadOffer()) == []


# ---- admission


def test_an_answer_admits_both_when_both_are_seated() -> None:
    assert Admit((PATIENT, DOCTOR)) in paired().answered(P, 1, "sdp")


def test_an_answer_to_one_alone_admits_nobody() -> None:
    room = Room()
    room.join(PATIENT, "kari", P, NOW)
    room.receive(P, Offer(1, "sdp"), NOW)
    assert others(room.answered(P, 1, "sdp")) == []


def test_a_leave_takes_the_route_away_at_once_and_admits_nobody_again() -> None:
    room = talking()
    effects = room.receive(D, Leave(), NOW)
    assert others(effects) == [Unseat(DOCTOR), Close(D, DONE), Gone(DOCTOR)]
    assert told(effects, P) == [("waiting", {"patient": "connected", "doctor": "away"})]
    assert others(room.answered(P, 2, "sdp")) == []


def test_the_last_to_leave_leaves_an_empty_room() -> None:
    room = talking()
    room.receive(D, Leave(), NOW)
    room.receive(P, Leave(), NOW)
    assert room.state is State.EMPTY
    assert room.sockets == []


# ---- what the media worker says


def test_both_talk_when_both_are_connected_and_packets_flow() -> None:
    room = paired()
    room.media(reports.Connected("room", "patient"), NOW)
    room.media(reports.Connected("room", "doctor"), NOW)
    assert room.state is State.CONNECTING
    effects = room.media(reports.Talking("room"), NOW)
    assert others(effects) == [Talking()]
    assert [state for state, _ in told(effects, P)] == ["talking"]


def test_packets_that_flowed_to_somebody_who_has_left_do_not_count_for_the_next() -> None:
    room = talking()
    room.receive(D, Leave(), NOW)
    room.media(reports.Talking("room"), NOW)  # was under way
    effects = room.join(DOCTOR, "dr. dahl", 3, NOW)
    assert room.state is State.CONNECTING
    assert Talking() not in effects


def test_a_silent_seat_is_shown_as_coming_back_and_then_as_back() -> None:
    room = talking()
    effects = room.media(reports.Silent("room", "patient"), NOW)
    assert told(effects, D) == [("broken", {"patient": "reconnecting", "doctor": "connected"})]
    effects = room.media(reports.Back("room", "patient"), NOW)
    assert told(effects, D) == [("connecting", {"patient": "connected", "doctor": "connected"})]
    assert others(room.media(reports.Talking("room"), NOW)) == [Talking()]


def test_a_connection_that_has_closed_is_asked_for_anew() -> None:
    room = talking()
    effects = room.media(reports.Closed("room", "patient"), NOW)
    assert sent(effects, P) == [Rejoin("connection")]
    assert sent(effects, D) == []
    assert room.state is State.BROKEN


def test_when_the_worker_dies_everybody_is_asked_to_come_again() -> None:
    room = talking()
    effects = room.media(reports.Lost("room"), NOW)
    assert sent(effects, P) == sent(effects, D) == [Rejoin("media")]
    assert room.state is State.BROKEN


def test_nobody_is_asked_who_is_not_there() -> None:
    room = talking()
    room.dropped(P, NOW)
    assert sent(room.media(reports.Lost("room"), NOW), P) == []


def test_counters_and_reports_about_nobodys_seat_change_nothing() -> None:
    room = paired()
    assert room.media(reports.Counted({}, 1, 0), NOW) == []
    assert room.media(reports.Connected("room", "interpreter"), NOW) == []
    assert room.state is State.CONNECTING


def test_the_first_offer_of_a_page_that_has_come_back_ends_what_was() -> None:
    room = talking()
    room.join(PATIENT, "kari", 3, NOW)  # the page was loaded again
    effects = room.receive(3, Offer(1, "sdp"), NOW)
    assert told(effects, D) == [("broken", {"patient": "reconnecting", "doctor": "connected"})]


def test_what_flowed_before_does_not_count_on_a_new_connection() -> None:
    room = talking()
    room.join(PATIENT, "kari", 3, NOW)
    room.receive(3, Offer(1, "sdp"), NOW)
    room.media(reports.Connected("room", "patient"), NOW)
    assert room.state is State.CONNECTING


def test_what_flowed_before_does_not_count_on_a_new_worker() -> None:
    room = talking()
    room.media(reports.Lost("room"), NOW)
    for role in BOTH:
        room.media(reports.Connected("room", role), NOW)
    assert room.state is State.CONNECTING


def test_a_later_offer_of_the_same_page_lets_the_old_connection_live() -> None:
    room = talking()
    assert told(room.receive(P, Offer(2, "sdp"), NOW), D) == []
    assert room.state is State.TALKING
