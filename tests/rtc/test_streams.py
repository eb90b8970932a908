"""What an offer and our own numbers make of a connection."""

import pytest

from tests.rtc.offers import CHROMIUM, changed
from venterom.rtc import offer
from venterom.rtc.streams import tracks

OURS = {"audio": (51, 52), "video": (61, 62)}


def test_a_track_has_what_was_offered_and_our_two_streams() -> None:
    found = tracks(offer.read(CHROMIUM), OURS)
    video = found["video"]
    assert [*found] == ["audio", "video"]
    assert (video.payload_type, video.repair_type, video.ssrcs_in) == (96, 97, (2001, 2002))
    assert video.outgoing == {61: 0, 62: 1}
    assert found["audio"].outgoing == {51: 0, 52: 1}


@pytest.mark.parametrize(("direction", "taken"), [("recvonly", 0), ("sendonly", 1)])
def test_streams_are_taken_only_from_who_wants_to_send(direction: str, taken: int) -> None:
    read = offer.read(changed("a=sendrecv", f"a={direction}"))
    assert len(tracks(read, OURS)["audio"].ssrcs_in) == taken


def test_sound_and_picture_count_time_as_their_formats_say() -> None:
    found = tracks(offer.read(CHROMIUM), OURS)
    assert {kind: track.clock_rate for kind, track in found.items()} == {
        "audio": 48_000,  # RFC 7587 4.1
        "video": 90_000,  # RFC 7741 4.1
    }
