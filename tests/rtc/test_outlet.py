"""What one person is sent is one unbroken stream, whoever publishes and however it arrives."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from tests.wire import rtp_packet, tracks
from venterom.rtc import rtp
from venterom.rtc.offer import ABS_SEND_TIME, AUDIO_LEVEL, TRANSPORT_CC
from venterom.rtc.outlet import Outlet
from venterom.rtc.sink import Sink
from venterom.rtc.streams import Track, translation

NOW = 1000.0
PUBLISHER, AGAIN, SUBSCRIBER = tracks(1000), tracks(5000), tracks(2000)


def sink() -> Sink:
    """A subscriber of the publisher, who has been sent nothing yet."""
    new = Sink([SUBSCRIBER], 65_535, NOW)
    new.slots[0].show(PUBLISHER)
    return new


def publish(to: Sink, tracks: Mapping[str, Track]) -> None:
    """From now on it is this connection that is shown."""
    assert to.slots[0].show(tracks)
    to.anew()


def sent(to: Sink, number: int, transport: int | None, track: Track) -> tuple[int, int | None]:
    """The number, and the transport-wide number, that a packet gets on its way."""
    packet = rtp_packet(1, number, transport=transport)
    head = to.head(to.slots[0].outlets[track.kind], packet, is_repair=False, now=NOW)
    assert head is not None
    found = rtp.extension_number(head, 4)
    return rtp.sequence(head), found[0] if found else None


def test_an_outlet_flows_from_the_first_packet_of_its_publisher_to_the_next_publisher() -> None:
    outlet = Outlet(SUBSCRIBER["video"], 1)
    outlet.connect(PUBLISHER["video"])
    assert not outlet.flows
    outlet.media(rtp_packet(1011, 1), NOW)
    assert outlet.flows
    outlet.connect(AGAIN["video"])
    assert not outlet.flows
    outlet.connect(None)
    assert outlet.publisher is None


def test_late_packets_keep_their_place_and_do_not_move_the_end_of_the_stream() -> None:
    to = sink()
    video = PUBLISHER["video"]
    assert [sent(to, *each, video) for each in ((10, 50), (12, 52), (11, 51))] == [
        (10, 50),
        (12, 52),
        (11, 51),
    ]
    publish(to, AGAIN)
    assert sent(to, 700, 9, AGAIN["video"]) == (13, 53)


def test_sound_and_picture_share_the_transport_wide_numbers() -> None:
    to = sink()
    assert sent(to, 10, 50, PUBLISHER["video"]) == (10, 50)
    assert sent(to, 900, 51, PUBLISHER["audio"]) == (900, 51)
    publish(to, AGAIN)
    assert sent(to, 3, 20, AGAIN["audio"]) == (901, 52)
    assert sent(to, 4, 21, AGAIN["video"]) == (11, 53)


def test_packets_without_transport_wide_numbers_change_none() -> None:
    to = sink()
    assert sent(to, 10, None, PUBLISHER["video"]) == (10, None)
    assert sent(to, 11, 50, PUBLISHER["video"]) == (11, 50)


def test_who_knows_no_transport_wide_numbers_is_sent_packets_and_repairs() -> None:
    plain = {kind: replace(track, extensions={}) for kind, track in SUBSCRIBER.items()}
    to = Sink([plain], 1, NOW)
    publish(to, PUBLISHER)
    packet = rtp_packet(1011, 10, transport=50)
    head = to.head(to.slots[0].outlets["video"], packet, is_repair=False, now=NOW)
    (repair,) = to.retransmit(to.slots[0].outlets["video"], [packet], NOW)
    for each in (head, repair):
        assert each is not None
        assert list(rtp.extensions(each)) == []


def test_repairs_have_the_subscribers_extension_ids_too() -> None:
    other = {kind: replace(each, extensions={TRANSPORT_CC: 9}) for kind, each in SUBSCRIBER.items()}
    to = Sink([other], 1, NOW)
    publish(to, PUBLISHER)
    packet = rtp_packet(1011, 10, transport=50)
    own = rtp_packet(1012, 10, payload=b"\x00\x0apicture", transport=51)
    media = to.head(to.slots[0].outlets["video"], packet, is_repair=False, now=NOW)
    theirs = to.head(to.slots[0].outlets["video"], own, is_repair=True, now=NOW)
    (ours,) = to.retransmit(to.slots[0].outlets["video"], [packet], NOW)
    for each in (media, theirs, ours):
        assert each is not None
        assert [number for _, number, _ in rtp.extensions(each)] == [9]


def test_the_counter_of_repairs_wraps() -> None:
    to = sink()
    packet = rtp_packet(1011, 10)
    to.head(to.slots[0].outlets["video"], packet, is_repair=False, now=NOW)
    repairs = to.retransmit(to.slots[0].outlets["video"], [packet, packet], NOW)
    assert [rtp.sequence(each) for each in repairs] == [65_535, 0]


@pytest.mark.parametrize(
    ("theirs", "ours", "expected"),
    [
        ({}, {}, {}),
        # the same on both sides, and other numbers
        ({TRANSPORT_CC: 4}, {TRANSPORT_CC: 4}, {4: (4, 2)}),
        (
            {AUDIO_LEVEL: 1, TRANSPORT_CC: 4},
            {AUDIO_LEVEL: 4, TRANSPORT_CC: 1},
            {1: (4, 1), 4: (1, 2)},
        ),
        # what the subscriber does not know has no number
        ({ABS_SEND_TIME: 2, TRANSPORT_CC: 4}, {ABS_SEND_TIME: 4}, {2: (4, 3)}),
        # what the publisher does not send needs none
        ({TRANSPORT_CC: 4}, {ABS_SEND_TIME: 2, TRANSPORT_CC: 4}, {4: (4, 2)}),
    ],
)
def test_extension_ids_are_translated_by_their_meaning(
    theirs: dict[str, int], ours: dict[str, int], expected: dict[int, tuple[int, int]]
) -> None:
    publisher = replace(PUBLISHER["video"], extensions=theirs)
    subscriber = replace(SUBSCRIBER["video"], extensions=ours)
    assert translation(publisher, subscriber) == expected
