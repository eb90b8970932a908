"""Whatever a member sends, the forwarder has one error for it, and the other can read the rest."""

import random
from struct import pack

import pytest
from aiortc.rtcrtpparameters import RTCRtpHeaderExtensionParameters, RTCRtpParameters
from aiortc.rtp import (
    HeaderExtensionsMap,
    RtcpPacket,
    RtcpPsfbPacket,
    RtcpReceiverInfo,
    RtcpRrPacket,
    RtcpRtpfbPacket,
    RtcpSenderInfo,
    RtcpSrPacket,
    RtpPacket,
    pack_remb_fci,
)

from tests.rtc.meeting import DOCTOR, PATIENT, room
from tests.wire import rtp_packet
from venterom.rtc import rtcp, rtp
from venterom.rtc.offer import ABS_SEND_TIME, TRANSPORT_CC
from venterom.rtc.rtcp import Block

TO_PATIENT = PATIENT + 61  # the stream that the patient sees
INFO = RtcpReceiverInfo(
    ssrc=TO_PATIENT, fraction_lost=1, packets_lost=2, highest_sequence=3, jitter=4, lsr=5, dlsr=6
)
SENDER = RtcpSenderInfo(ntp_timestamp=9, rtp_timestamp=1, packet_count=6, octet_count=7)
FEEDBACK = pack("!LLHH", 1, TO_PATIENT, 501, 1) + bytes(8)
EXTENDED = pack("!HH", 0xBEDE, 2) + b"\x22abc\x41\x00\x07\x00"
SENT = [
    rtp_packet(PATIENT + 11, 10, transport=5),
    b"\x90" + rtp_packet(PATIENT + 11, 11, payload=EXTENDED + b"picture")[1:],
    rtp_packet(PATIENT + 12, 12, payload_type=97, payload=b"\x00\x0apicture"),
    rtp_packet(PATIENT + 1, 13, payload_type=111),
    bytes(RtcpSrPacket(ssrc=PATIENT + 11, sender_info=SENDER, reports=[INFO])),
    bytes(RtcpRrPacket(ssrc=PATIENT + 11, reports=[INFO]))
    + bytes(RtcpRtpfbPacket(fmt=1, ssrc=1, media_ssrc=TO_PATIENT, lost=[1, 2, 9])),
    bytes(RtcpPsfbPacket(fmt=1, ssrc=1, media_ssrc=TO_PATIENT)),
    bytes(RtcpPsfbPacket(fmt=15, ssrc=1, media_ssrc=0, fci=pack_remb_fci(9000, [TO_PATIENT]))),
    rtcp.join([Block(205, 15, FEEDBACK)]),
]


def mutant(dice: random.Random) -> bytes:
    """One of these with a few of its bytes changed, some added, or its end cut off."""
    packet = bytearray(dice.choice(SENT))
    for _ in range(dice.randint(1, 3)):
        at = dice.randrange(len(packet))
        match dice.randrange(4):
            case 0:
                packet[at] ^= 1 << dice.randrange(8)
            case 1:
                packet[at] = dice.choice([0, 1, 15, 127, 128, 255])
            case 2:
                packet[at:at] = dice.randbytes(dice.randint(1, 8))
            case _:
                del packet[max(at, rtp.HEADER) :]  # shorter ones are not even decrypted
    return bytes(packet)


def known() -> HeaderExtensionsMap:
    """What the doctor's stock receiver reads of header extensions."""
    agreed = {2: ABS_SEND_TIME, 4: TRANSPORT_CC}
    ids = [RTCRtpHeaderExtensionParameters(id=number, uri=uri) for number, uri in agreed.items()]
    extensions = HeaderExtensionsMap()
    extensions.configure(RTCRtpParameters(headerExtensions=ids))
    return extensions


def read(packet: bytes, extensions: HeaderExtensionsMap) -> None:
    """Read a packet as the stock receiver does, which expects ValueError and nothing else."""
    try:
        if rtp.is_rtcp(packet):
            RtcpPacket.parse(packet)
        else:
            RtpPacket.parse(packet, extensions)
    except ValueError:
        pass  # it drops the packet


@pytest.mark.parametrize(
    ("number", "seed"), [(3_000, 1), pytest.param(60_000, 2, marks=pytest.mark.slow)]
)
def test_a_spoilt_packet_is_refused_in_one_way_or_can_be_read(number: int, seed: int) -> None:
    dice = random.Random(seed)
    wire, _, doctor = room()
    wire.forwarder.on_rtp("doctor", rtp_packet(DOCTOR + 11, 1))
    extensions, refused, passed = known(), 0, 0
    for _ in range(number):
        packet = mutant(dice)
        wire.tick(0.01)
        try:
            hear = wire.forwarder.on_rtcp if rtp.is_rtcp(packet) else wire.forwarder.on_rtp
            hear("patient", packet)
        except ValueError:
            refused += 1
        for each in (*doctor.rtp, *doctor.rtcp):
            passed += 1
            read(each, extensions)
        doctor.rtp.clear()
        doctor.rtcp.clear()
    assert refused > number / 50 and passed > number / 5  # both kinds are tried
