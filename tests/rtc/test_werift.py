"""Calls of a WebRTC stack that shares no code with ours: with itself, and with aiortc."""

import pytest

from tests import node
from tests.rtc import werift
from tests.rtc.live import BOTH, Process, Room

pytestmark = [pytest.mark.media, pytest.mark.slow]

MANY = 100  # packets of each kind: two seconds of them


@pytest.fixture(scope="module", autouse=True)
def there() -> None:
    """Without it nothing is shown here."""
    if why := node.fault():
        pytest.skip(f"{why}: not shown that a stack which shares no code with ours gets through")


async def test_two_of_them_get_each_others_packets_whole(worker: Process, room: Room) -> None:
    socket = str(worker.socket)
    async with (
        werift.joined(room, socket, "patient", "numbers") as patient,
        werift.joined(room, socket, "doctor", "numbers") as doctor,
    ):
        assert patient.numbered == doctor.numbered == 0, "something came before both were admitted"
        await room.admit(*BOTH)
        both = (patient, doctor)
        await room.until(lambda: all(min(peer.came.values()) >= MANY for peer in both))
        for peer in both:
            print(f"{peer.came}, {peer.numbered} of them as they were sent")
            assert peer.numbered == sum(peer.came.values())


async def test_aiortc_decodes_its_own_picture_and_sound_that_one_of_them_sends_back(
    worker: Process, room: Room
) -> None:
    patient = await room.join("patient")
    async with werift.joined(room, str(worker.socket), "doctor", "mirror") as doctor:
        await room.admit(*BOTH)
        await room.flows(patient)
        print(f"{doctor.came} packets there, {patient.frames} frames decoded of what came back")
        assert min(doctor.came.values()) > 0
