"""A real media worker: two see and hear each other through it, and it says what happens.

ICE, DTLS and RTP are real and go over loopback; the worker is a process of its own.
"""

import asyncio
import signal
import socket
import sys
from pathlib import Path

import pytest

from tests.rtc import live
from tests.rtc.live import BOTH, Process, Room
from tests.rtc.offers import CHROMIUM, changed
from venterom.rtc.hall import MOST_ROOMS
from venterom.rtc.reports import Back, Closed, Connected, Silent, Talking

pytestmark = [pytest.mark.media, pytest.mark.slow]


async def test_two_see_moving_pictures_and_hear_each_other(room: Room) -> None:
    await room.meet()
    for seat in BOTH:
        await room.reported(Connected(room.name, seat))
    await room.reported(Talking(room.name))


async def test_nothing_is_seen_or_heard_before_both_are_admitted(room: Room) -> None:
    patient, doctor = [await room.join(seat) for seat in BOTH]
    await room.admit("patient")
    await room.counted(await room.count(), rtp_in=60)
    assert patient.frames == doctor.frames == patient.loud == doctor.loud == 0
    await room.admit(*BOTH)
    await room.flows(patient, doctor)


async def test_who_has_left_is_not_seen_any_more(room: Room) -> None:
    patient, doctor = await room.meet()
    await room.leave("doctor")
    await room.until(lambda: doctor.pc.connectionState == "closed")
    sent = await room.count()
    await room.counted(sent, rtp_in=20)  # the patient's own go on, and the last has been decoded
    seen = patient.frames
    await room.counted(sent, rtp_in=60)
    assert patient.frames == seen
    await room.reported(Closed(room.name, "doctor"))


async def test_a_new_connection_takes_over_when_it_is_up_and_not_before(room: Room) -> None:
    patient, old = await room.meet()
    new = await room.prepare("doctor")
    await room.flows(patient, old)
    await new.take(room.answers["doctor"])
    await room.flows(patient, new)
    await room.until(lambda: old.pc.connectionState == "closed")
    await room.flows(patient, new)
    assert [each for each in room.reports if isinstance(each, Connected | Closed)] == [
        *(Connected(room.name, seat) for seat in (*BOTH, "doctor")),
    ]


async def test_who_is_not_heard_is_silent_until_heard_again(room: Room) -> None:
    patient, doctor = await room.meet()
    room.reports.clear()
    with live.cut_off(doctor):
        await room.reported(Silent(room.name, "doctor"))
    await room.reported(Back(room.name, "doctor"))
    await room.reported(Talking(room.name))
    await room.flows(patient, doctor)


async def test_who_goes_away_has_no_connection_any_more(room: Room) -> None:
    _, doctor = await room.meet()
    await doctor.close()
    await room.reported(Closed(room.name, "doctor"))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"v=0\r\n",
        b"\xff\xfe",  # no text at all
        "v=0\r\ns=blåbær\r\n".encode(),
        b"a" * (32 * 1024 + 1),
        b"a" * (1024 * 1024),
        changed("sha-256", "sha-1").encode(),
        changed("a=setup:actpass\n", "").encode(),
        (CHROMIUM + "a=rtcp-fb:* nack\n" * 700).encode(),
    ],
    ids=lambda body: f"{len(body)} bytes of {body[:6]!r}",
)
async def test_a_bad_offer_is_answered_by_400_and_by_nothing_else(room: Room, body: bytes) -> None:
    assert await room.post("patient", body) == (400, '{"code": "BadOffer"}')
    async with room.http.get("/health") as health:
        assert (await health.json())["rooms"] == 0
    assert room.reports == []


@pytest.mark.parametrize("body", ["", "[", '"x"', '{"seats": "patient"}', '{"seats": [1]}'])
async def test_a_bad_admission_is_refused(room: Room, body: str) -> None:
    async with room.http.post(f"/rooms/{room.name}/admit", data=body) as answer:
        assert (answer.status, await answer.json()) == (400, {"code": "BadMessage"})


async def test_a_bad_offer_does_not_disturb_the_call(room: Room) -> None:
    patient, doctor = await room.meet()
    assert (await room.post("patient", "v=0"))[0] == 400
    await room.flows(patient, doctor)


async def test_health_says_how_many_rooms_and_how_busy(room: Room) -> None:
    await room.join("patient")
    async with room.http.get("/health") as health:
        content = await health.json()
    assert content.keys() == {"rooms", "echoes", "lag"}
    assert content["rooms"] == 1


async def test_a_room_has_three_seats(room: Room) -> None:
    for seat in (*BOTH, "guest"):
        assert (await room.post(seat, CHROMIUM))[0] == 201
    assert await room.post("stranger", CHROMIUM) == (503, '{"code": "RoomsFull"}')
    assert (await room.post("doctor", CHROMIUM))[0] == 201


async def test_a_worker_takes_so_many_rooms_and_no_more(room: Room) -> None:
    names = [f"room-{number}" for number in range(MOST_ROOMS)]
    for name in names:
        async with room.http.post(f"/rooms/{name}/admit", json={"seats": []}) as answer:
            assert answer.status == 204
    assert await room.post("patient", CHROMIUM) == (503, '{"code": "RoomsFull"}')
    for name in names:
        async with room.http.delete(f"/rooms/{name}") as answer:
            assert answer.status == 204
    assert (await room.post("patient", CHROMIUM))[0] == 201


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux shows what a process has open")
async def test_a_worker_has_one_socket_however_many_connections(
    worker: Process, room: Room
) -> None:
    assert live.udp_sockets(worker) == 1
    answers = await asyncio.gather(*(room.post(seat, CHROMIUM) for seat in BOTH * 10))
    assert len({port for _, answer in answers for port in live.PORT.findall(answer)}) == 1
    await room.meet()
    assert live.udp_sockets(worker) == 1


async def test_a_worker_has_the_port_that_it_was_told(tmp_path: Path) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        number = free.getsockname()[1]
    with live.process(tmp_path, "--port", f"{number}") as worker:
        async with live.opened(worker, "room") as room:
            _, answer = await room.post("patient", CHROMIUM)
    assert live.PORT.findall(answer) == [f"{number}"] * 2


@pytest.mark.parametrize("stop", ["standard input ends", signal.SIGTERM, signal.SIGINT])
async def test_a_worker_ends_by_itself_in_the_middle_of_a_call(
    stop: str | signal.Signals, tmp_path: Path, loopback: None
) -> None:
    with live.process(tmp_path) as worker:
        async with live.opened(worker, "room") as room:
            _, doctor = await room.meet()
            if isinstance(stop, signal.Signals):
                worker.running.send_signal(stop)
            assert await asyncio.to_thread(worker.stop) == 0
            await room.until(lambda: doctor.pc.connectionState == "closed")
        assert worker.log == ""
