"""A member of a call who misbehaves hurts nobody but himself, and is not believed unproved."""

import asyncio
from collections.abc import Iterable
from struct import pack
from typing import Any

import pytest
from aiortc.rtcdtlstransport import RTCCertificate
from aiortc.rtp import RtcpByePacket, RtcpPsfbPacket, RtcpRrPacket

from tests.rtc.live import Room
from tests.wire import rtp_packet
from venterom.rtc import offer
from venterom.rtc.offer import ABS_SEND_TIME, Section
from venterom.rtc.peer import Connection
from venterom.rtc.reports import Closed, Connected, Report

pytestmark = [pytest.mark.media, pytest.mark.slow]


def dtls(person: Connection) -> Any:
    """The secured connection of a member, with the keys of the call."""
    return person.pc.getSenders()[0].transport


async def send(person: Connection, packets: Iterable[bytes]) -> None:
    """Protect these packets as this member and send them, a few at a time."""
    for number, packet in enumerate(packets):
        await dtls(person)._send_rtp(packet)
        if number % 20 == 19:
            await asyncio.sleep(0.001)  # or they would only fill the buffers of the kernel


def streams(room: Room, seat: str = "patient") -> list[int]:
    """All streams that this seat has offered."""
    return [ssrc for each in offer.read(room.offers[seat]).sections for ssrc in each.ssrcs]


def picture(room: Room, seat: str = "patient") -> Section:
    """What this seat has offered as video."""
    return next(each for each in offer.read(room.offers[seat]).sections if each.kind == "video")


def repair(person: Connection, video: Section, payload: bytes) -> bytes:
    """The next packet on a member's repair stream, counted as his own browser counts them."""
    assert video.repair_type is not None
    sender = next(each for each in person.pc.getSenders() if each.kind == "video")
    counter = "_RTCRtpSender__rtx_sequence_number"
    number = getattr(sender, counter)
    setattr(sender, counter, (number + 1) % 65536)
    return rtp_packet(video.ssrcs[1], number, payload_type=video.repair_type, payload=payload)


def broken(video: Section) -> list[bytes]:
    """Ends of packets whose header extensions are not what they say."""
    number = video.extensions[ABS_SEND_TIME] << 4
    return [
        pack("!HH", 0xBEDE, 1) + bytes([number | 15, 0, 0, 0]),  # says sixteen bytes, has three
        pack("!HH", 0xBEDE, 1) + bytes([number | 0, 7, 0, 0]),  # one byte where three are meant
        pack("!HH", 0xBEDE, 1) + bytes([0, 0, 0, number | 2]),  # begins at the very end
        pack("!HH", 0xBEDE, 1) + bytes([15 << 4 | 3, 1, 2, 3]),  # a number that ends the list
        pack("!HH", 0xBEDE, 0),
        pack("!HH", 0x1000, 0),  # another form
        pack("!HH", 0xFFFF, 0),
    ]


async def test_a_malformed_extension_does_not_end_the_call(room: Room) -> None:
    people = await room.meet()
    before = await room.count()
    video = picture(room)
    packets = [repair(people[0], video, rest) for rest in broken(video) * 20]
    await send(people[0], (b"\x90" + packet[1:] for packet in packets))
    await room.counted(before, rtp_in=100)
    await room.flows(*people)


async def test_a_malformed_report_does_not_end_the_call(room: Room) -> None:
    people = await room.meet()
    before = await room.count()
    reports = [
        pack("!BBHL", 0x9F, kind, 1, picture(room).ssrcs[0])  # 31 of something, and there is none
        for kind in (200, 201, 202, 204, 205, 206, 207)
    ]
    await send(people[0], reports * 5)
    await room.counted(before, rtcp_in_failed=5)
    await room.flows(*people)


async def test_a_flood_of_streams_is_refused_and_closing_takes_no_longer(room: Room) -> None:
    patient, doctor = await room.meet()
    before = await room.count()
    payload_type = picture(room).payload_type
    await send(patient, (rtp_packet(n, 1, payload_type=payload_type) for n in range(1, 2000)))
    await send(patient, (bytes(RtcpRrPacket(ssrc=n)) for n in range(1, 2000)))
    await room.counted(before, ssrc_refused=2000)
    await room.flows(patient, doctor)
    await room.leave("patient")
    await room.until(lambda: patient.pc.connectionState == "closed")


async def test_a_farewell_of_a_stream_ends_nothing(room: Room) -> None:
    people = await room.meet()
    before = await room.count()
    await send(people[0], [bytes(RtcpByePacket(sources=streams(room)))] * 20)
    await room.counted(before, rtcp_in=20)
    await room.flows(*people)


async def test_one_who_sends_too_much_is_cut_down_and_goes_on(room: Room) -> None:
    patient, doctor = await room.meet()
    before = await room.count()
    video = picture(room)
    await send(patient, (repair(patient, video, bytes(1100)) for _ in range(6000)))
    await room.counted(before, over_rate=200)
    await room.flows(patient, doctor)


async def test_many_requests_for_key_frames_become_few(room: Room) -> None:
    patient, doctor = await room.meet()
    before = await room.count()
    request = bytes(RtcpPsfbPacket(fmt=1, ssrc=1, media_ssrc=1))
    await send(patient, [request] * 300)
    await room.counted(before, rtcp_in=300)
    assert room.counters["pli_out"] - before["pli_out"] < 100
    await room.flows(patient, doctor)


# ---- who one is


async def refused(room: Room) -> list[Report]:
    """What is reported until a connection of the patient is given up."""
    await room.until(lambda: Closed(room.name, "patient") in room.reports)
    return room.reports


async def test_another_certificate_than_the_one_in_the_offer_is_refused(room: Room) -> None:
    def other(text: str) -> str:
        wrong = RTCCertificate.generateCertificate().getFingerprints()[0].value
        return text.replace(offer.read(text).fingerprint, f"sha-256 {wrong}")

    await room.join("patient", other)
    assert Connected(room.name, "patient") not in await refused(room)


async def test_a_weak_cipher_is_refused(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    strong = RTCCertificate._create_ssl_context

    def weak(self: RTCCertificate, srtp_profiles: Any) -> Any:
        context = strong(self, srtp_profiles)
        context.set_cipher_list(b"ECDHE-ECDSA-AES128-SHA:ECDHE-ECDSA-AES256-SHA")
        return context

    monkeypatch.setattr(RTCCertificate, "_create_ssl_context", weak)
    await room.join("patient")
    assert Connected(room.name, "patient") not in await refused(room)


async def test_sound_and_picture_are_sealed_by_the_strongest_profile(room: Room) -> None:
    patient = await room.join("patient")
    await room.reported(Connected(room.name, "patient"))
    await room.until(lambda: patient.pc.connectionState == "connected")
    assert dtls(patient)._ssl.get_selected_srtp_profile() == b"SRTP_AEAD_AES_256_GCM"
