"""Whose sign-in has been ended gives up the seat; nobody else does, and the other may go on."""

from tests.rtc.make import DOCTOR, NOW, PATIENT, D, P, others, sent, told
from venterom.rtc.effects import DONE, Close, Gone, Unseat
from venterom.rtc.protocol import Closed
from venterom.rtc.room import Room
from venterom.rtc.ticket import Role


def room() -> Room:
    """Both are here, each by a sign-in."""
    made = Room()
    made.join(PATIENT, "kari", P, NOW, sign_in="s1")
    made.join(DOCTOR, "dr-berg", D, NOW, sign_in="s2")
    return made


def test_who_was_signed_out_is_told_and_media_ends() -> None:
    effects = room().sign_out({"s2"}, NOW)
    assert others(effects) == [Unseat(DOCTOR), Close(D, DONE), Gone(DOCTOR)]
    assert sent(effects, D) == [Closed("signed_out")]
    assert told(effects, P) == [("waiting", {"patient": "here", "doctor": "away"})]


def test_a_seat_whose_page_is_coming_back_is_given_up_too() -> None:
    made = room()
    made.dropped(D, NOW)
    assert Unseat(DOCTOR) in made.sign_out({"s2"}, NOW) and DOCTOR not in made.seats


def test_who_came_back_by_another_sign_in_stays() -> None:
    made = room()
    made.join(DOCTOR, "dr-berg", 3, NOW, sign_in="s3")
    assert made.sign_out({"s2"}, NOW) == []


def test_a_guest_has_no_sign_in_that_could_be_ended() -> None:
    made = room()
    made.join(Role.GUEST, "invitation", 3, NOW)
    assert made.sign_out({"", "s9"}, NOW) == []


def test_in_a_room_that_is_closed_nobody_sits() -> None:
    made = room()
    made.end("finished")
    assert made.sign_out({"s1", "s2"}, NOW) == []
