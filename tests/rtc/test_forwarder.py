"""Packets from one to the other: who gets them, in whose numbers, and who does not."""

from dataclasses import replace

import pytest
from aiortc.rtp import RtcpPacket, RtcpPsfbPacket, RtpPacket

from tests.wire import End, Wire, rtp_packet, tracks
from venterom.rtc import rtp
from venterom.rtc.offer import AUDIO_LEVEL

PATIENT, DOCTOR = 1000, 2000  # where their SSRCs begin
SOUND, PICTURE, REPAIR = 1, 11, 12  # what a browser sends; we send it on as + 50


def ends(**doctor: int) -> tuple[End, End]:
    """The ends of a patient and a doctor."""
    return End(tracks(PATIENT)), End(tracks(DOCTOR, **doctor))


def room(**doctor: int) -> tuple[Wire, End, End]:
    """A patient and a doctor, connected and admitted, and nothing sent yet."""
    wire = Wire()
    patient, other = ends(**doctor)
    wire.pair(patient, other)
    patient.rtcp.clear()
    other.rtcp.clear()
    return wire, patient, other


def picture(number: int, **details: int) -> bytes:
    """A video packet of the patient."""
    return rtp_packet(PATIENT + PICTURE, number, **details)  # type: ignore[arg-type]


# ---- who gets what


def test_a_packet_arrives_in_the_numbers_of_the_other_connection() -> None:
    wire, patient, doctor = room(payload_type=120, transport_id=7)
    wire.forwarder.on_rtp("patient", picture(500, timestamp=9000, transport=40))
    (packet,) = doctor.rtp
    parsed = RtpPacket.parse(packet)
    assert (parsed.ssrc, parsed.payload_type) == (DOCTOR + 61, 120)
    assert (parsed.sequence_number, parsed.timestamp) == (500, 9000)
    assert parsed.payload == b"picture"
    assert rtp.extension_number(packet, 7) == (40, 17)
    assert patient.rtp == []


def test_sound_goes_both_ways() -> None:
    wire, patient, doctor = room()
    wire.forwarder.on_rtp("patient", rtp_packet(PATIENT + SOUND, 1, payload_type=111))
    wire.forwarder.on_rtp("doctor", rtp_packet(DOCTOR + SOUND, 1, payload_type=111))
    assert [rtp.ssrc(packet) for packet in doctor.rtp] == [DOCTOR + 51]
    assert [rtp.ssrc(packet) for packet in patient.rtp] == [PATIENT + 51]


@pytest.mark.parametrize("admitted", [[], ["patient"], ["doctor"], ["patient", "interpreter"]])
def test_nothing_passes_before_both_are_admitted(admitted: list[str]) -> None:
    wire = Wire()
    patient, doctor = ends()
    wire.forwarder.attach("patient", patient)
    wire.forwarder.attach("doctor", doctor)
    wire.forwarder.admit(admitted)
    wire.forwarder.on_rtp("patient", picture(1))
    wire.forwarder.on_rtp("doctor", rtp_packet(DOCTOR + PICTURE, 1))
    assert patient.rtp == doctor.rtp == patient.rtcp == doctor.rtcp == []


def test_a_third_who_is_not_admitted_neither_sees_nor_is_seen() -> None:
    wire, patient, doctor = room()
    third = End(tracks(3000))
    wire.forwarder.attach("interpreter", third)
    wire.forwarder.on_rtp("patient", picture(1))
    wire.forwarder.on_rtp("interpreter", rtp_packet(3000 + PICTURE, 1))
    assert len(doctor.rtp) == 1
    assert third.rtp == patient.rtp == []


@pytest.mark.parametrize("leaves", ["patient", "doctor"])
def test_nothing_passes_to_or_from_one_who_has_left(leaves: str) -> None:
    wire, patient, doctor = room()
    wire.forwarder.dismiss(leaves)
    for name, base in (("patient", PATIENT), ("doctor", DOCTOR)):
        wire.forwarder.on_rtp(name, rtp_packet(base + PICTURE, 1))
    assert patient.rtp == doctor.rtp == []


def test_who_has_left_is_not_admitted_by_connecting_again() -> None:
    wire, patient, doctor = room()
    wire.forwarder.dismiss("doctor")
    wire.forwarder.attach("doctor", doctor)
    wire.forwarder.on_rtp("patient", picture(1))
    wire.forwarder.on_rtp("doctor", rtp_packet(DOCTOR + PICTURE, 1))
    assert patient.rtp == doctor.rtp == []


def test_who_is_no_longer_admitted_is_cut_off() -> None:
    wire, patient, doctor = room()
    wire.forwarder.admit(["doctor"])
    wire.forwarder.on_rtp("patient", picture(1))
    assert doctor.rtp == []


@pytest.mark.parametrize(
    ("packet", "counted"),
    [
        (rtp_packet(PATIENT + 99, 1), "rtp_unknown"),  # a stream that was not offered
        (rtp_packet(DOCTOR + PICTURE, 1), "rtp_unknown"),  # somebody else's
        (rtp_packet(PATIENT + PICTURE, 1, payload_type=97), "rtp_other_codec"),
        (rtp_packet(PATIENT + SOUND, 1, payload_type=96), "rtp_other_codec"),
        (rtp_packet(PATIENT + REPAIR, 1, payload_type=96), "rtp_other_codec"),
    ],
)
def test_only_what_was_agreed_on_is_passed(packet: bytes, counted: str) -> None:
    wire, _, doctor = room()
    wire.forwarder.on_rtp("patient", packet)
    assert doctor.rtp == []
    assert wire.counters == {counted: 1, "pli_out": 2}


def test_a_packet_that_ends_in_its_header_is_an_error_and_goes_nowhere() -> None:
    wire, _, doctor = room()
    broken = bytes([0x8F]) + picture(1)[1:]  # says that fifteen contributors follow
    with pytest.raises(ValueError, match="header"):
        wire.forwarder.on_rtp("patient", broken)
    assert doctor.rtp == []


def test_who_has_no_picture_in_the_offer_is_sent_none() -> None:
    wire = Wire()
    patient, doctor = ends()
    doctor.tracks = {"audio": doctor.tracks["audio"]}
    wire.pair(patient, doctor)
    wire.forwarder.on_rtp("patient", picture(1))
    assert doctor.rtp == []
    assert wire.counters["rtp_not_wanted"] == 1


def test_an_extension_that_the_other_has_not_agreed_to_is_blotted_out() -> None:
    wire = Wire()
    patient, doctor = ends()
    video = replace(doctor.tracks["video"], extensions={AUDIO_LEVEL: 4})
    doctor.tracks = {**doctor.tracks, "video": video}
    wire.pair(patient, doctor)
    wire.forwarder.on_rtp("patient", picture(1, transport=40))
    assert doctor.rtp[0][12:20] == b"\xbe\xde\x00\x01" + bytes(4)


# ---- coming back


def back(wire: Wire, name: str, base: int) -> End:
    """The same seat with a new connection, whose numbers have nothing to do with the old ones."""
    end = End(tracks(base))
    wire.forwarder.attach(name, end)
    return end


def test_a_publisher_that_comes_back_goes_on_as_one_stream() -> None:
    wire, _, doctor = room()
    for number in (65534, 65535):
        wire.forwarder.on_rtp("patient", picture(number, timestamp=1000, transport=number))
    wire.tick(2.0)
    back(wire, "patient", 5000)
    for number in (7, 8):
        wire.forwarder.on_rtp(
            "patient",
            rtp_packet(5000 + PICTURE, number, timestamp=77, transport=number),
        )
    assert doctor.sequences == [65534, 65535, 0, 1]
    assert {rtp.ssrc(packet) for packet in doctor.rtp} == {DOCTOR + 61}
    assert [rtp.timestamp(packet) for packet in doctor.rtp] == [1000, 1000, 181_000, 181_000]
    numbers = [rtp.extension_number(packet, 4) for packet in doctor.rtp]
    assert [found and found[0] for found in numbers] == [65534, 65535, 0, 1]


def test_packets_of_the_connection_before_are_not_taken_for_the_new_one() -> None:
    wire, _, doctor = room()
    back(wire, "patient", 5000)
    wire.forwarder.on_rtp("patient", picture(1))
    assert doctor.rtp == []


def test_a_subscriber_that_comes_back_is_sent_what_comes_and_a_key_frame_is_asked_for() -> None:
    wire, patient, doctor = room()
    wire.forwarder.on_rtp("patient", picture(1))
    wire.tick(1.0)
    again = back(wire, "doctor", 6000)
    wire.forwarder.on_rtp("patient", picture(2))
    assert (doctor.sequences, again.sequences) == ([1], [2])
    assert len(patient.rtcp) == 1


def test_one_that_is_gone_is_sent_nothing_until_it_is_back() -> None:
    wire, patient, doctor = room()
    wire.forwarder.detach("doctor")
    wire.forwarder.on_rtp("patient", picture(1))
    assert doctor.rtp == []
    again = back(wire, "doctor", 6000)  # no new admission: the seat was kept
    wire.forwarder.on_rtp("patient", picture(2))
    assert again.sequences == [2]


# ---- key frames


def requests(end: End) -> list[int]:
    """The streams for which a key frame was asked of this one."""
    packets = [each for data in end.rtcp for each in RtcpPacket.parse(data)]
    return [
        each.media_ssrc for each in packets if isinstance(each, RtcpPsfbPacket) and each.fmt == 1
    ]


def test_a_key_frame_is_asked_of_both_when_they_are_admitted() -> None:
    wire = Wire()
    patient, doctor = ends()
    wire.forwarder.attach("patient", patient)
    wire.forwarder.attach("doctor", doctor)
    assert requests(patient) == requests(doctor) == []
    wire.forwarder.admit(["patient", "doctor"])
    assert requests(patient) == [PATIENT + PICTURE]
    assert requests(doctor) == [DOCTOR + PICTURE]


def test_who_sends_no_picture_is_asked_for_none() -> None:
    wire = Wire()
    patient, doctor = ends()
    patient.tracks = {**patient.tracks, "video": replace(patient.tracks["video"], ssrcs_in=())}
    doctor.tracks = {"audio": doctor.tracks["audio"]}
    wire.pair(patient, doctor)
    assert patient.rtcp == doctor.rtcp == []


# ---- whether they talk


def test_two_talk_when_packets_of_both_have_reached_the_other() -> None:
    wire, _, _ = room()
    wire.forwarder.on_rtp("patient", picture(1))
    assert not wire.forwarder.talking
    wire.forwarder.on_rtp("doctor", rtp_packet(DOCTOR + SOUND, 1, payload_type=111))
    assert wire.forwarder.talking
    wire.forwarder.dismiss("doctor")
    assert not wire.forwarder.talking


def test_nobody_waits_for_packets_of_one_who_sends_none() -> None:
    wire = Wire()
    patient, doctor = ends()
    patient.tracks = {kind: replace(track, ssrcs_in=()) for kind, track in patient.tracks.items()}
    wire.pair(patient, doctor)
    assert not wire.forwarder.talking
    wire.forwarder.on_rtp("doctor", rtp_packet(DOCTOR + SOUND, 1, payload_type=111))
    assert wire.forwarder.talking


def test_what_flows_before_admission_is_no_talk() -> None:
    wire = Wire()
    patient, doctor = ends()
    wire.forwarder.attach("patient", patient)
    wire.forwarder.attach("doctor", doctor)
    wire.forwarder.on_rtp("patient", picture(1))
    wire.forwarder.on_rtp("doctor", rtp_packet(DOCTOR + PICTURE, 1))
    assert not wire.forwarder.talking
    wire.forwarder.admit(["patient", "doctor"])
    assert not wire.forwarder.talking


def test_packets_from_a_seat_without_a_connection_are_nobodys() -> None:
    wire, _, doctor = room()
    wire.forwarder.on_rtp("interpreter", picture(1))
    wire.forwarder.on_rtcp("interpreter", b"")
    assert doctor.rtp == []
    assert wire.counters["rtp_unknown"] == 1
