"""A patient films, a doctor watches and loses packets; both on a wire in memory."""

from collections.abc import Iterable
from dataclasses import replace

from aiortc.rtp import AnyRtcpPacket, RtcpPacket, RtcpRtpfbPacket, RtpPacket

from tests.wire import End, Wire, rtp_packet, tracks
from venterom.rtc import rtp
from venterom.rtc.forwarder import PICTURE_EVERY

PATIENT, DOCTOR = 1000, 2000  # where their SSRCs begin: + 1 sound, + 11 picture, + 12 repairs
SEEN, REPAIRS, HEARD = DOCTOR + 61, DOCTOR + 62, DOCTOR + 51  # what the doctor is sent


def room(*, lost: Iterable[int] = (), repair_type: int | None = 97) -> tuple[Wire, End, End]:
    """A patient and a doctor who loses some packets; nothing has been sent yet."""
    wire = Wire()
    patient, doctor = End(tracks(PATIENT)), End(tracks(DOCTOR), set(lost))
    video = replace(doctor.tracks["video"], repair_type=repair_type)
    doctor.tracks = {**doctor.tracks, "video": video}
    wire.pair(patient, doctor)
    wire.tick(PICTURE_EVERY)
    patient.rtcp.clear()
    doctor.rtcp.clear()
    return wire, patient, doctor


def film(wire: Wire, numbers: Iterable[int], base: int = PATIENT) -> None:
    """The patient's video packets with these numbers."""
    for number in numbers:
        payload = b"frame %d" % number
        wire.forwarder.on_rtp("patient", rtp_packet(base + 11, number, payload=payload))


def says(wire: Wire, name: str, *packets: AnyRtcpPacket) -> None:
    """One of them sends this compound."""
    wire.forwarder.on_rtcp(name, b"".join(map(bytes, packets)))


def misses(wire: Wire, *numbers: int, stream: int = SEEN) -> None:
    """The doctor asks for these packets."""
    says(wire, "doctor", RtcpRtpfbPacket(fmt=1, ssrc=1, media_ssrc=stream, lost=list(numbers)))


def heard(end: End) -> list[AnyRtcpPacket]:
    """What has come to this end, read by an independent parser."""
    return [packet for data in end.rtcp for packet in RtcpPacket.parse(data)]


def repairs(end: End) -> list[RtpPacket]:
    """What has come on the repair stream."""
    stream = end.tracks["video"].repair_out
    return [RtpPacket.parse(each) for each in end.rtp if rtp.ssrc(each) == stream]
