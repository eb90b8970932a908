"""What an offer and our own numbers make of a connection."""

from collections.abc import Mapping

import pytest

from tests.rtc.offers import CHROMIUM, THREE, changed
from venterom.rtc import offer
from venterom.rtc.streams import Track, slots, tracks

OURS = [(51, 52), (61, 62)]


def first(text: str) -> Mapping[str, Track]:
    """What the browser sends, and the first other that it is shown."""
    return slots(tracks(offer.read(text), OURS))[0]


def test_a_track_has_what_was_offered_and_our_two_streams() -> None:
    found = first(CHROMIUM)
    video = found["video"]
    assert [*found] == ["audio", "video"]
    assert (video.payload_type, video.repair_type, video.ssrcs_in) == (96, 97, (2001, 2002))
    assert video.outgoing == {61: 0, 62: 1}
    assert found["audio"].outgoing == {51: 0, 52: 1}


@pytest.mark.parametrize(("direction", "taken"), [("recvonly", 0), ("sendonly", 1)])
def test_streams_are_taken_only_from_who_wants_to_send(direction: str, taken: int) -> None:
    found = first(changed("a=sendrecv", f"a={direction}"))
    assert len(found["audio"].ssrcs_in) == taken


def test_sound_and_picture_count_time_as_their_formats_say() -> None:
    found = first(CHROMIUM)
    assert {kind: track.clock_rate for kind, track in found.items()} == {
        "audio": 48_000,  # RFC 7587 4.1
        "video": 90_000,  # RFC 7741 4.1
    }


def test_a_second_slot_only_shows_somebody() -> None:
    ours = [(51, 52), (61, 62), (71, 72), (81, 82)]
    own, other = slots(tracks(offer.read(THREE), ours))
    assert [*own] == [*other] == ["audio", "video"]
    assert own["video"].ssrcs_in and not other["video"].ssrcs_in
    assert [track.ssrc_out for track in other.values()] == [71, 81]
