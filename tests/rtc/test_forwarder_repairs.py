"""Lost packets: who repairs them, in which numbers, and what nobody may fetch."""

from struct import pack

import pytest
from aiortc.rtp import RtcpRtpfbPacket, unwrap_rtx

from tests.rtc.meeting import (
    DOCTOR,
    HEARD,
    PATIENT,
    REPAIRS,
    SEEN,
    film,
    heard,
    misses,
    repairs,
    room,
    says,
)
from tests.wire import End, Wire, rtp_packet, tracks
from venterom.rtc import rtp
from venterom.rtc.forwarder import MOST_NACKS
from venterom.rtc.member import CACHE
from venterom.rtc.sink import REPAIR_RATE


def test_a_lost_packet_comes_from_the_cache_as_a_repair() -> None:
    wire, patient, doctor = room(lost=[1])
    film(wire, [10, 11, 12])
    misses(wire, 11)
    (repair,) = repairs(doctor)
    again = unwrap_rtx(repair, payload_type=96, ssrc=SEEN)
    assert (again.sequence_number, again.payload) == (11, b"frame 11")
    assert patient.rtcp == []  # nobody else was asked
    assert wire.counters["nack_cache"] == 1


def test_all_repairs_are_numbered_from_one_counter() -> None:
    wire, _, doctor = room()
    film(wire, [10, 11])
    misses(wire, 10)
    original = pack("!H", 10) + b"frame 10"  # as the patient's own browser repeats it
    own = rtp_packet(PATIENT + 12, 7_000, payload_type=97, payload=original)
    wire.forwarder.on_rtp("patient", own)
    misses(wire, 11)
    wire.forwarder.on_rtp("patient", own)
    assert [each.sequence_number for each in repairs(doctor)] == [100, 101, 102, 103]
    assert [each.payload[:2] for each in repairs(doctor)] == [
        pack("!H", number) for number in (10, 10, 11, 10)
    ]


def test_each_subscriber_has_a_counter_of_its_own() -> None:
    wire, patient, doctor = room()
    film(wire, [10])
    wire.forwarder.on_rtp("doctor", rtp_packet(DOCTOR + 11, 10))
    misses(wire, 10)
    misses(wire, 10)
    nack = RtcpRtpfbPacket(fmt=1, ssrc=1, media_ssrc=PATIENT + 61, lost=[10])
    says(wire, "patient", nack)
    assert [each.sequence_number for each in repairs(doctor)] == [100, 101]
    assert [each.sequence_number for each in repairs(patient)] == [100]


def test_who_knows_no_repairs_gets_the_packet_once_more() -> None:
    wire, _, doctor = room(lost=[1], repair_type=None)
    film(wire, [10, 11])
    misses(wire, 11)
    assert doctor.sequences == [10, 11]
    own = rtp_packet(PATIENT + 12, 1, payload_type=97, payload=b"\x00\x0aframe 10")
    wire.forwarder.on_rtp("patient", own)
    assert doctor.sequences == [10, 11]  # and is sent no repair of the patient's own


def test_a_repair_before_any_picture_cannot_be_placed() -> None:
    wire, _, doctor = room()
    wire.forwarder.on_rtp("patient", rtp_packet(PATIENT + 12, 1, payload_type=97))
    assert doctor.rtp == []


def test_what_is_not_in_the_cache_is_asked_of_the_publisher_at_once() -> None:
    wire, patient, _ = room()
    film(wire, [10, 13])
    misses(wire, 10, 11, 12)
    (asked,) = heard(patient)
    assert isinstance(asked, RtcpRtpfbPacket)
    assert (asked.media_ssrc, asked.lost) == (PATIENT + 11, [11, 12])
    assert wire.counters["nack_upstream"] == 2


def test_a_publisher_is_not_asked_for_more_than_a_few_at_once() -> None:
    wire, patient, _ = room()
    film(wire, [1])
    misses(wire, *range(1000, 1000 + 2 * MOST_NACKS))
    (asked,) = heard(patient)
    assert isinstance(asked, RtcpRtpfbPacket)
    assert asked.lost == [*range(1000, 1000 + MOST_NACKS)]


def test_the_cache_keeps_the_newest_and_is_not_fooled_by_a_number_that_was_reused() -> None:
    wire, patient, doctor = room()
    film(wire, [1, 1 + CACHE])
    misses(wire, 1)
    assert repairs(doctor) == []
    assert len(heard(patient)) == 1


@pytest.mark.parametrize("stream", [HEARD, REPAIRS, 4711])
def test_only_the_picture_is_repaired(stream: int) -> None:
    wire, patient, doctor = room()
    film(wire, [10])
    wire.forwarder.on_rtp("patient", rtp_packet(PATIENT + 1, 10, payload_type=111))
    before = len(doctor.rtp)
    misses(wire, 10, stream=stream)
    assert len(doctor.rtp) == before
    assert patient.rtcp == []


def test_repairs_have_a_share_of_the_line_and_no_more() -> None:
    wire, _, doctor = room()
    wire.forwarder.on_rtp("patient", rtp_packet(PATIENT + 11, 10, payload=bytes(988)))
    for seconds in (0, 0.1):
        wire.tick(seconds)
        for _ in range(1000):
            misses(wire, 10)
        # a burst of one second, then the rate; the packet has a thousand bytes
        assert len(repairs(doctor)) == (1 + seconds) * REPAIR_RATE // 1000


def test_repairs_after_a_return_are_in_the_numbers_that_the_subscriber_knows() -> None:
    wire, patient, doctor = room()
    wire.forwarder.on_rtp("patient", rtp_packet(PATIENT + 11, 10, transport=40))
    patient = End(tracks(5000))
    wire.forwarder.attach("patient", patient)
    for number in (700, 702):
        packet = rtp_packet(5011, number, transport=number)
        wire.forwarder.on_rtp("patient", packet)
    patient.rtcp.clear()
    assert doctor.sequences == [10, 11, 13]
    misses(wire, 12, 13)
    (repair,) = repairs(doctor)
    assert repair.payload == pack("!H", 13) + b"picture"
    found = rtp.extension_number(doctor.rtp[-1], 4)
    assert found is not None and found[0] == 43
    (asked,) = heard(patient)
    assert isinstance(asked, RtcpRtpfbPacket)
    assert (asked.media_ssrc, asked.lost) == (5011, [701])


def test_the_publishers_own_repairs_after_a_return_name_the_packets_that_were_sent() -> None:
    wire, _, doctor = room()
    film(wire, [10])
    wire.forwarder.attach("patient", End(tracks(5000)))
    film(wire, [700], base=5000)
    own = rtp_packet(5012, 1, payload_type=97, payload=pack("!H", 700) + b"frame 700")
    wire.forwarder.on_rtp("patient", own)
    (repair,) = repairs(doctor)
    assert repair.payload == pack("!H", 11) + b"frame 700"


def test_what_was_sent_before_admission_cannot_be_fetched_afterwards() -> None:
    wire = Wire()
    patient, doctor = End(tracks(PATIENT)), End(tracks(DOCTOR))
    wire.forwarder.attach("patient", patient)
    film(wire, [10])
    wire.forwarder.attach("doctor", doctor)
    film(wire, [11])
    wire.forwarder.admit(["patient", "doctor"])
    film(wire, [12])
    misses(wire, 10, 11)
    assert repairs(doctor) == []


def test_what_one_doctor_was_sent_cannot_be_fetched_by_the_next() -> None:
    wire, _, _ = room()
    film(wire, [10])
    wire.forwarder.dismiss("doctor")
    following = End(tracks(6000))
    wire.forwarder.attach("doctor", following)
    wire.forwarder.admit(["patient", "doctor"])
    film(wire, [11])
    nack = RtcpRtpfbPacket(fmt=1, ssrc=1, media_ssrc=6061, lost=[10, 11])
    says(wire, "doctor", nack)
    assert [each.payload[2:] for each in repairs(following)] == [b"frame 11"]


def test_admitting_the_same_two_again_forgets_nothing() -> None:
    wire, _, doctor = room(lost=[0])
    film(wire, [10])
    wire.forwarder.admit(["doctor", "patient"])
    misses(wire, 10)
    assert len(repairs(doctor)) == 1
