"""Which of a seat's connections counts, when an old one goes, and what care is told.

The connections are a stand-in that does only what it is told; real ones are in test_worker.py.
"""

import asyncio

import pytest

from tests.rtc.offers import CHROMIUM
from tests.wire import rtp_packet
from venterom.rtc.errors import BadOffer, RoomsFull
from venterom.rtc.hall import MOST_ROOMS, SILENT_AFTER, Hall
from venterom.rtc.offer import Offer
from venterom.rtc.reports import (
    Back,
    Closed,
    Connected,
    Counted,
    Counters,
    Report,
    Silent,
    Talking,
)
from venterom.rtc.streams import slots, tracks
from venterom.rtc.transport import Listener

ROOM, SEAT = "room", "patient"
CLOCK = asyncio.get_running_loop  # its time is the hall's


class Line:
    """A stand-in for Transport: connects, is heard and closes when the test says so."""

    made: list["Line"] = []

    def __init__(self, offer: Offer, listener: Listener) -> None:
        self._listener = listener
        self.slots = slots(tracks(offer, [(51, 52), (61, 62)]))
        self.heard = CLOCK().time()
        self.answered: asyncio.Future[str] = CLOCK().create_future()
        self.closed = False
        self.sent: list[bytes] = []
        Line.made.append(self)

    async def answer(self) -> str:
        return await self.answered

    def send_rtp(self, packet: bytes | bytearray, head: bytes | bytearray = b"") -> None:
        self.sent.append(bytes(head) + bytes(packet[len(head) :]))

    def send_rtcp(self, packet: bytes | bytearray) -> None:
        pass

    def begin_closing(self) -> None:
        if not self.closed:
            self.closed = True
            self._listener.state("closed")

    async def close(self) -> None:
        self.begin_closing()
        await asyncio.sleep(0)

    def connect(self) -> None:
        self._listener.state("connected")

    def speak(self) -> None:
        self._listener.rtp(rtp_packet(1001, 1, payload_type=111))


class House:
    """A hall and what it has reported."""

    def __init__(self) -> None:
        self.reports: list[Report] = []
        self.counters = Counters(int)
        self.hall = Hall(self.reports.append, self.counters, Line)

    def offer(self, seat: str = SEAT, room: str = ROOM) -> "asyncio.Task[str]":
        return asyncio.create_task(self.hall.answer(room, seat, CHROMIUM))

    async def join(self, seat: str = SEAT, room: str = ROOM) -> Line:
        """A connection for this seat that is up."""
        answering = self.offer(seat, room)
        await asyncio.sleep(0)
        line = Line.made[-1]
        line.answered.set_result("answer")
        assert await answering == "answer"
        line.connect()
        return line

    def told(self) -> list[Report]:
        """What has been reported since the last time."""
        said, self.reports[:] = [*self.reports], []
        return said


@pytest.fixture
async def house() -> House:
    Line.made = []
    return House()


async def test_a_connection_counts_from_the_moment_it_is_up(house: House) -> None:
    other = await house.join("doctor")
    house.hall.admit(ROOM, [SEAT, "doctor"])
    house.told()
    answering = house.offer()
    await asyncio.sleep(0)
    line = Line.made[-1]
    line.answered.set_result("answer")
    await answering
    line.speak()
    assert (other.sent, house.told()) == ([], [])
    line.connect()
    assert house.told() == [Connected(ROOM, SEAT)]
    line.speak()
    assert len(other.sent) == 1


async def test_an_old_connection_lives_until_the_new_one_is_up(house: House) -> None:
    old = await house.join()
    answering = house.offer()
    await asyncio.sleep(0)
    new = Line.made[-1]
    new.answered.set_result("answer")
    await answering
    assert not old.closed
    new.connect()
    assert old.closed and not new.closed
    assert house.told() == [Connected(ROOM, SEAT), Connected(ROOM, SEAT)]  # and nothing closed


async def test_packets_of_an_old_connection_go_nowhere(house: House) -> None:
    other = await house.join("doctor")
    old = await house.join()
    new = await house.join()
    house.hall.admit(ROOM, [SEAT, "doctor"])
    old.speak()
    assert other.sent == []
    new.speak()
    assert len(other.sent) == 1


async def test_of_many_offers_at_once_the_newest_wins_and_the_others_are_closed(
    house: House,
) -> None:
    answering = [house.offer() for _ in range(4)]
    await asyncio.sleep(0)
    for line in Line.made:
        line.answered.set_result("answer")
    await asyncio.gather(*answering)
    assert [line.closed for line in Line.made] == [True, True, True, False]
    for line in Line.made:
        line.connect()
    assert house.told() == [Connected(ROOM, SEAT)]


async def test_a_seat_is_closed_when_its_last_connection_is(house: House) -> None:
    old = await house.join()
    house.offer()
    await asyncio.sleep(0)
    house.told()
    old.begin_closing()
    assert house.told() == []  # another one is coming
    Line.made[-1].begin_closing()
    assert house.told() == [Closed(ROOM, SEAT)]


async def test_an_offer_that_cannot_be_answered_is_a_bad_one_and_the_old_connection_lives(
    house: House,
) -> None:
    old = await house.join()
    answering = house.offer()
    await asyncio.sleep(0)
    Line.made[-1].answered.set_exception(RuntimeError("as aiortc raises"))
    with pytest.raises(BadOffer):
        await answering
    assert Line.made[-1].closed and not old.closed
    assert house.counters["offer_failed"] == 1


async def test_a_hostile_offer_opens_no_room(house: House) -> None:
    with pytest.raises(BadOffer):
        await house.hall.answer(ROOM, SEAT, "v=0")
    assert house.hall.rooms == {} and Line.made == []


async def test_leaving_closes_what_is_there_and_what_is_coming(house: House) -> None:
    await house.join()
    house.offer()
    await asyncio.sleep(0)
    await house.hall.leave(ROOM, SEAT)
    assert all(line.closed for line in Line.made)
    assert house.hall.rooms[ROOM].places == {}


async def test_who_takes_a_seat_that_was_left_is_not_admitted_with_it(house: House) -> None:
    patient = await house.join()
    await house.join("doctor")
    house.hall.admit(ROOM, [SEAT, "doctor"])
    await house.hall.leave(ROOM, "doctor")
    following = await house.join("doctor")
    patient.speak()
    following.speak()
    assert patient.sent == following.sent == []


async def test_nothing_is_sent_on_a_connection_that_has_closed(house: House) -> None:
    patient, doctor = await house.join(), await house.join("doctor")
    house.hall.admit(ROOM, [SEAT, "doctor"])
    doctor.begin_closing()
    patient.speak()
    assert doctor.sent == []


async def test_a_room_that_is_closed_is_forgotten(house: House) -> None:
    await house.join()
    await house.join("doctor")
    await house.join(room="other")
    await house.hall.close(ROOM)
    assert [line.closed for line in Line.made] == [True, True, False]
    await house.hall.leave(ROOM, SEAT)  # once more is nothing
    await house.hall.close_all()
    assert house.hall.rooms == {}


# ---- how many


async def test_a_room_has_three_seats_and_those_who_have_one_may_come_back(house: House) -> None:
    for seat in (SEAT, "doctor", "guest"):
        await house.join(seat)
    with pytest.raises(RoomsFull):
        await house.hall.answer(ROOM, "stranger", CHROMIUM)
    await house.join()
    assert len(Line.made) == 4


async def test_a_worker_has_so_many_rooms_and_no_more(house: House) -> None:
    for number in range(MOST_ROOMS):
        house.hall.admit(f"room {number}", [])
    with pytest.raises(RoomsFull):
        await house.hall.answer(ROOM, SEAT, CHROMIUM)
    await house.join(room="room 1")
    await house.hall.close("room 2")
    await house.join()


# ---- who is heard


async def test_who_is_not_heard_is_silent_once_and_back_once(house: House) -> None:
    line = await house.join()
    house.hall.watch()
    house.told()
    line.heard = CLOCK().time() - SILENT_AFTER - 1
    house.hall.watch()
    house.hall.watch()
    assert house.told() == [Silent(ROOM, SEAT)]
    line.heard = CLOCK().time()
    house.hall.watch()
    house.hall.watch()
    assert house.told() == [Back(ROOM, SEAT)]
    line.heard = CLOCK().time() - SILENT_AFTER - 1
    house.hall.watch()
    await house.join()
    house.hall.watch()
    assert house.told() == [Silent(ROOM, SEAT), Connected(ROOM, SEAT)]  # and not "back"


async def test_a_seat_without_a_connection_is_neither_silent_nor_heard(house: House) -> None:
    line = await house.join()
    line.begin_closing()
    house.told()
    line.heard = CLOCK().time() - SILENT_AFTER - 1
    house.hall.watch()
    assert house.told() == []


async def test_talk_is_told_once_and_again_after_silence_and_after_a_return(house: House) -> None:
    lines = [await house.join(), await house.join("doctor")]
    house.hall.admit(ROOM, [SEAT, "doctor"])
    house.hall.watch()
    assert Talking(ROOM) not in house.told()
    for line in lines:
        line.speak()
    house.hall.watch()
    house.hall.watch()
    assert house.told() == [Talking(ROOM)]
    lines[0].heard = CLOCK().time() - SILENT_AFTER - 1
    house.hall.watch()
    lines[0].heard = CLOCK().time()
    house.hall.watch()
    assert house.told() == [Silent(ROOM, SEAT), Back(ROOM, SEAT), Talking(ROOM)]
    (await house.join()).speak()
    house.hall.watch()
    assert house.told() == [Connected(ROOM, SEAT), Talking(ROOM)]


async def test_the_count_has_the_rooms_and_the_lag_in_milliseconds(house: House) -> None:
    await house.join()
    house.counters["stranger"] += 2
    assert house.hall.count(0.0126) == Counted({"stranger": 2}, rooms=1, lag=13)
