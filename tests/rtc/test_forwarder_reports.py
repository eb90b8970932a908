"""RTCP from one to the other: what passes, in whose numbers, and how often."""

from dataclasses import replace
from struct import pack
from weakref import ref

import pytest
from aiortc.rtp import (
    AnyRtcpPacket,
    RtcpByePacket,
    RtcpPsfbPacket,
    RtcpReceiverInfo,
    RtcpRrPacket,
    RtcpRtpfbPacket,
    RtcpSdesPacket,
    RtcpSenderInfo,
    RtcpSourceInfo,
    RtcpSrPacket,
    pack_remb_fci,
    unpack_remb_fci,
)

from tests.rtc.meeting import DOCTOR, HEARD, PATIENT, REPAIRS, SEEN, film, heard, room, says
from tests.wire import End, rtp_packet, tracks
from venterom.rtc import rtcp, rtp
from venterom.rtc.forwarder import PICTURE_EVERY
from venterom.rtc.rtcp import Block


def report(stream: int, highest: int = 0) -> RtcpReceiverInfo:
    return RtcpReceiverInfo(
        ssrc=stream,
        fraction_lost=1,
        packets_lost=2,
        highest_sequence=highest,
        jitter=3,
        lsr=4,
        dlsr=5,
    )


def sender_report(stream: int, *reports: RtcpReceiverInfo) -> RtcpSrPacket:
    info = RtcpSenderInfo(ntp_timestamp=9, rtp_timestamp=100, packet_count=6, octet_count=7)
    return RtcpSrPacket(ssrc=stream, sender_info=info, reports=list(reports))


# ---- key frames


def pictures_asked(end: End) -> int:
    return sum(isinstance(each, RtcpPsfbPacket) and each.fmt == 1 for each in heard(end))


@pytest.mark.parametrize("fmt", [1, 4], ids=["PLI", "FIR"])
def test_a_key_frame_is_asked_for_at_most_every_half_second(fmt: int) -> None:
    wire, patient, doctor = room()
    asks = RtcpPsfbPacket(fmt=fmt, ssrc=1, media_ssrc=SEEN)
    for _ in range(50):
        says(wire, "doctor", asks)
    assert pictures_asked(patient) == 1
    wire.tick(PICTURE_EVERY)
    assert pictures_asked(patient) == 2  # those that came too early, as one
    wire.tick(PICTURE_EVERY)
    says(wire, "doctor", asks)
    assert pictures_asked(patient) == 3
    assert doctor.rtcp == []


def test_a_request_that_waits_dies_with_the_connection() -> None:
    wire, patient, _ = room()
    for _ in range(2):
        says(wire, "doctor", RtcpPsfbPacket(fmt=1, ssrc=1, media_ssrc=SEEN))
    wire.forwarder.dismiss("patient")
    wire.tick(PICTURE_EVERY)
    assert pictures_asked(patient) == 1


# ---- reports


def test_a_sender_report_passes_in_the_subscribers_stream_without_its_reports() -> None:
    wire, patient, doctor = room()
    film(wire, [10])
    says(wire, "patient", sender_report(PATIENT + 11, report(PATIENT + 61)))
    (passed,) = heard(doctor)
    assert isinstance(passed, RtcpSrPacket)
    assert (passed.ssrc, passed.reports, passed.sender_info.rtp_timestamp) == (SEEN, [], 100)


@pytest.mark.parametrize("stream", [PATIENT + 1, PATIENT + 12, 4711])
def test_a_sender_report_about_a_stream_that_does_not_flow_is_dropped(stream: int) -> None:
    wire, _, doctor = room()
    film(wire, [10])
    says(wire, "patient", sender_report(stream))
    assert doctor.rtcp == []


def test_descriptions_and_goodbyes_are_not_passed_on_and_end_nothing() -> None:
    wire, _, doctor = room()
    film(wire, [10])
    name = RtcpSourceInfo(ssrc=PATIENT + 11, items=[(1, b"somebody")])
    bye = RtcpByePacket(sources=[PATIENT + 11, PATIENT + 1])
    says(wire, "patient", sender_report(PATIENT + 11), RtcpSdesPacket(chunks=[name]), bye)
    assert [type(each) for each in heard(doctor)] == [RtcpSrPacket]
    film(wire, [11])
    assert doctor.sequences == [10, 11]


def test_reports_go_to_the_publisher_about_its_own_streams_only() -> None:
    wire, patient, _ = room()
    film(wire, [10])
    reports = [report(SEEN, 10), report(REPAIRS, 100), report(HEARD), report(4711)]
    says(wire, "doctor", RtcpRrPacket(ssrc=1, reports=reports))
    (passed,) = heard(patient)
    assert isinstance(passed, RtcpRrPacket)
    assert passed.ssrc == PATIENT + 51
    assert [(each.ssrc, each.highest_sequence) for each in passed.reports] == [(PATIENT + 11, 10)]


def test_reports_inside_a_sender_report_go_to_the_publisher_too() -> None:
    wire, patient, doctor = room()
    film(wire, [10])
    says(wire, "doctor", sender_report(DOCTOR + 11, report(SEEN, 10)))
    assert [type(each) for each in heard(patient)] == [RtcpRrPacket]
    assert doctor.rtcp == []


def test_however_many_reports_are_sent_the_publisher_gets_the_last_on_each_stream() -> None:
    wire, patient, _ = room()
    film(wire, [10])
    many = [RtcpRrPacket(ssrc=1, reports=[report(SEEN, n)] * 31) for n in range(5)]
    says(wire, "doctor", *many)
    (passed,) = heard(patient)
    assert isinstance(passed, RtcpRrPacket)
    assert [each.highest_sequence for each in passed.reports] == [4]


def test_what_one_lost_on_a_connection_that_is_over_silences_nobody() -> None:
    wire, patient, doctor = room()
    film(wire, [10])
    says(wire, "doctor", RtcpRrPacket(ssrc=1, reports=[replace(report(SEEN), fraction_lost=200)]))
    wire.forwarder.attach("doctor", doctor)
    film(wire, [11])
    patient.rtcp.clear()
    says(wire, "doctor", RtcpRrPacket(ssrc=1, reports=[report(SEEN)]))
    assert [type(each) for each in heard(patient)] == [RtcpRrPacket]


@pytest.mark.usefixtures("no_collector")
def test_two_who_reported_on_each_other_are_forgotten_at_once_when_they_have_gone() -> None:
    wire, patient, doctor = room()
    film(wire, [10])
    wire.forwarder.on_rtp("doctor", rtp_packet(DOCTOR + 11, 10))
    says(wire, "doctor", RtcpRrPacket(ssrc=1, reports=[report(SEEN)]))
    says(wire, "patient", RtcpRrPacket(ssrc=1, reports=[report(PATIENT + 61)]))
    assert len(heard(patient)) == len(heard(doctor)) == 1
    gone = [ref(patient), ref(doctor)]
    del patient, doctor
    for name in ("patient", "doctor"):
        wire.forwarder.dismiss(name)
    assert [each() for each in gone] == [None, None]


def test_an_estimate_names_the_publishers_streams() -> None:
    wire, patient, _ = room()
    film(wire, [10])
    fci = pack_remb_fci(500_000, [SEEN, HEARD, 4711])
    says(wire, "doctor", RtcpPsfbPacket(fmt=15, ssrc=1, media_ssrc=0, fci=fci))
    (passed,) = heard(patient)
    assert isinstance(passed, RtcpPsfbPacket)
    assert unpack_remb_fci(passed.fci)[1] == [PATIENT + 11]


def test_other_application_feedback_is_dropped() -> None:
    wire, patient, _ = room()
    film(wire, [10])
    says(wire, "doctor", RtcpPsfbPacket(fmt=15, ssrc=1, media_ssrc=SEEN, fci=b"XYZ!" + bytes(8)))
    says(wire, "doctor", RtcpPsfbPacket(fmt=2, ssrc=1, media_ssrc=SEEN))
    says(wire, "doctor", RtcpRtpfbPacket(fmt=3, ssrc=1, media_ssrc=SEEN, lost=[10]))
    assert patient.rtcp == []


def test_transport_wide_feedback_goes_back_in_the_publishers_numbers() -> None:
    wire, _, doctor = room()
    film(wire, [10])
    wire.forwarder.on_rtp("patient", rtp_packet(PATIENT + 11, 11, transport=500))
    patient = End(tracks(5000))
    wire.forwarder.attach("patient", patient)
    wire.forwarder.on_rtp("patient", rtp_packet(5011, 1, transport=20))
    patient.rtcp.clear()
    found = rtp.extension_number(doctor.rtp[-1], 4)
    assert found is not None and found[0] == 501
    body = pack("!LLHH", 1, SEEN, 501, 1) + bytes(8)
    wire.forwarder.on_rtcp("doctor", rtcp.join([Block(205, 15, body)]))
    (block,) = rtcp.split(b"".join(patient.rtcp))
    assert (rtcp.media(block), block.body[8:]) == (5011, pack("!HH", 20, 1) + bytes(8))


# ---- nothing for strangers


SAID = [
    RtcpRrPacket(ssrc=1, reports=[report(SEEN)]),
    sender_report(DOCTOR + 11),
    RtcpPsfbPacket(fmt=1, ssrc=1, media_ssrc=SEEN),
    RtcpRtpfbPacket(fmt=1, ssrc=1, media_ssrc=SEEN, lost=[99]),
]


@pytest.mark.parametrize("said", SAID, ids=lambda said: type(said).__name__)
def test_nothing_is_passed_on_for_one_who_has_left(said: AnyRtcpPacket) -> None:
    wire, patient, doctor = room()
    film(wire, [10])
    wire.forwarder.on_rtp("doctor", rtp_packet(DOCTOR + 11, 10))
    wire.forwarder.dismiss("doctor")
    wire.forwarder.attach("doctor", doctor)
    patient.rtcp.clear()
    says(wire, "doctor", said)
    assert patient.rtcp == []


def test_what_is_no_rtcp_is_an_error_and_goes_nowhere() -> None:
    wire, patient, _ = room()
    with pytest.raises(ValueError, match="RTCP"):
        wire.forwarder.on_rtcp("doctor", b"\x80\xc9\x00\x09")
    assert patient.rtcp == []
