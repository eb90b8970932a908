"""A room's web socket: who gets in, who hears what, how it ends, and what is asked of media."""

import asyncio
import re
from collections.abc import AsyncGenerator
from datetime import timedelta
from pathlib import Path

import pytest
from aiohttp import WSCloseCode, WSServerHandshakeError
from structlog.testing import capture_logs

from tests.conftest import FakeClock
from tests.server.rooms import DOCTOR, OURS, PATIENT, VISIT, WITHIN, Page, Rig, rooms
from venterom.rtc import effects, errors, protocol, reports
from venterom.rtc.errors import MediaUnavailable, RtcError
from venterom.rtc.protocol import (
    VERSION,
    Answer,
    Closed,
    Exchange,
    Join,
    Joined,
    Leave,
    Offer,
    Ping,
    Pong,
    Refused,
    Rejoin,
    Replaced,
    Sealed,
)
from venterom.rtc.room import GONE_AFTER, HEARD_WITHIN
from venterom.rtc.ticket import Role
from venterom.server.line import BURST, MAX_BYTES, RATE, WAITING, Patience

END_TO_END = protocol.Encryption.END_TO_END


@pytest.fixture
async def rig(clock: FakeClock) -> AsyncGenerator[Rig]:
    """Rooms without anybody in them."""
    async with rooms(clock) as built:
        yield built


# ---- getting in


@pytest.mark.parametrize(
    "origin",
    [
        pytest.param({}, id="none: not a browser's page"),
        pytest.param({"Origin": "null"}, id="a page in a sandbox, or a file"),
        pytest.param({"Origin": "http://evil.example"}, id="another site"),
        pytest.param({"Origin": "https://127.0.0.1:8080"}, id="another scheme"),
        pytest.param({"Origin": "http://127.0.0.1:8081"}, id="another port"),
        pytest.param({"Origin": f"{OURS}.evil.example"}, id="ours as a beginning"),
    ],
)
async def test_only_our_own_pages_open_a_socket(rig: Rig, origin: dict[str, str]) -> None:
    with pytest.raises(WSServerHandshakeError) as refused:
        await rig.page(headers=origin)
    assert refused.value.status == 403


async def test_who_has_a_ticket_is_told_who_they_are_and_how_the_room_stands(rig: Rig) -> None:
    page = await rig.page()
    await page.says(Join(rig.ticket(Role.PATIENT), VERSION, END_TO_END))
    seats = {"patient": "here", "doctor": "away"}
    assert await page.hears() == Joined("patient", "waiting", seats, {"patient": END_TO_END}, {})
    assert rig.floor.told == [("seated", VISIT, "patient", PATIENT)]


async def test_a_page_that_says_nothing_is_not_waited_for(clock: FakeClock) -> None:
    async with rooms(clock, Patience(join=0.05)) as rig:
        page = await rig.page()
        assert await page.ended() == ([], effects.GOING_AWAY)


@pytest.mark.parametrize(
    ("said", "code"),
    [
        (protocol.dump(Ping(1)), "OutOfTurn"),
        (protocol.dump(Offer(1, "v=0")), "OutOfTurn"),
        (
            protocol.dump(Join("ticket", VERSION + 1, END_TO_END)),
            "OutOfTurn",
        ),  # another protocol
        (protocol.dump(Pong(1)), "BadMessage"),  # what only the server says
        ("", "BadMessage"),
        ("{", "BadMessage"),
        (b"\x00", "BadMessage"),  # not text
    ],
)
async def test_the_first_message_is_a_join(rig: Rig, said: str | bytes, code: str) -> None:
    page = await rig.page()
    await page.sends(said)
    assert await page.ended() == ([refusal(code)], effects.PROTOCOL)


def refusal(code: str, connection: int = 0) -> Refused:
    """What is said when this error is raised."""
    error: RtcError = getattr(errors, code)()
    return Refused(code, error.text, connection)


HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        pytest.param({"visit": "visit-2"}, "TicketForOtherVisit", id="of another visit"),
        pytest.param({"expires": -HOUR}, "TicketExpired", id="of yesterday"),
        pytest.param({"expires": timedelta()}, "TicketExpired", id="until this moment"),
        pytest.param({"not_before": HOUR}, "TicketTooEarly", id="for later"),
        pytest.param({"person": "dr-dal"}, "NotAdmitted", id="of a doctor who has not taken it"),
    ],
)
async def test_a_ticket_that_does_not_fit_is_refused_with_its_code(
    rig: Rig, change: dict[str, object], code: str
) -> None:
    times = {k: rig.clock() + v for k, v in change.items() if isinstance(v, timedelta)}
    inside = await rig.enter(Role.PATIENT)
    await refused(rig, inside, rig.ticket(Role.DOCTOR, **change | times), code)


@pytest.mark.parametrize("place", [0, 30, -1], ids=["body", "middle", "signature"])
async def test_an_altered_ticket_is_refused(rig: Rig, place: int) -> None:
    letters = [*rig.ticket(Role.PATIENT)]
    letters[place] = "A" if letters[place] != "A" else "B"
    await refused(rig, await rig.enter(Role.PATIENT), "".join(letters), "TicketAltered")


async def test_a_ticket_of_a_finished_visit_is_refused(rig: Rig) -> None:
    inside = await rig.enter(Role.PATIENT)
    rig.floor.open_to.clear()
    await refused(rig, inside, rig.ticket(Role.PATIENT), "NotAdmitted")


async def refused(rig: Rig, inside: Page, ticket: str, code: str) -> None:
    """Turned away with this code, told nothing about the visit, and seen by nobody inside."""
    await inside.hears_room()
    page = await rig.page()
    await page.says(Join(ticket, VERSION, END_TO_END))
    told, closed = await page.ended()
    assert (told, closed) == ([refusal(code)], effects.REFUSED)
    assert not re.search(f"{VISIT}|{PATIENT}|{DOCTOR}|patient|waiting", protocol.dump(told[0]))
    await inside.answers()
    assert rig.floor.told == [("seated", VISIT, "patient", PATIENT)]


async def test_nobody_slips_into_a_room_that_is_closed_while_the_door_is_asked(rig: Rig) -> None:
    rig.floor.may_answer.clear()
    page = await rig.page()
    await page.says(Join(rig.ticket(Role.PATIENT), VERSION, END_TO_END))
    await asyncio.wait_for(rig.floor.asked.wait(), WITHIN)
    rig.floor.open_to.clear()
    await rig.signaling.close_room(VISIT, "finished")
    rig.floor.may_answer.set()
    assert await page.ended() == ([refusal("NotAdmitted")], effects.REFUSED)
    assert rig.floor.told == []


# ---- coming back


async def test_the_same_person_in_a_second_tab_replaces_the_first(rig: Rig) -> None:
    first, doctor = await rig.pair()
    second = await rig.enter(Role.PATIENT)
    assert await first.ended() == ([Replaced()], effects.REPLACED)
    await second.answers()
    await doctor.answers()  # who was told nothing: the seat was never empty


async def test_a_lost_socket_keeps_the_seat_and_the_same_ticket_brings_back(rig: Rig) -> None:
    patient, doctor = await rig.pair()
    await patient.socket.close()
    assert await doctor.hears_room() == ("broken", "reconnecting", "here")
    back = await rig.enter(Role.PATIENT)
    for page in (back, doctor):
        assert await page.hears_room() == ("connecting", "here", "here")


async def test_a_silent_page_is_sent_away_and_its_seat_shown_as_reconnecting(rig: Rig) -> None:
    patient, doctor = await rig.pair()
    rig.seconds += HEARD_WITHIN + 0.1
    await doctor.answers()
    rig.signaling.tick()
    assert (await patient.ended())[1] == effects.GOING_AWAY
    assert await doctor.hears_room() == ("broken", "reconnecting", "here")


async def test_who_stays_away_is_reported_once(rig: Rig) -> None:
    patient, doctor = await rig.pair()
    await patient.socket.close()
    await doctor.hears_room()
    rig.seconds += GONE_AFTER + 0.1
    await doctor.answers()
    rig.signaling.tick()
    rig.signaling.tick()
    await rig.until(lambda: ("gone", VISIT, "patient") in rig.floor.told)
    assert rig.floor.told.count(("gone", VISIT, "patient")) == 1


# ---- what a page may do wrong

BAD = [
    pytest.param("{", effects.PROTOCOL, id="not JSON"),
    pytest.param('{"type":"open"}', effects.PROTOCOL, id="a type that is none"),
    pytest.param('{"type":"ping"}', effects.PROTOCOL, id="a field too few"),
    pytest.param("[" * 10_000, effects.PROTOCOL, id="nested"),
    pytest.param(protocol.dump(Join("x", 1, END_TO_END)), effects.PROTOCOL, id="a second join"),
    pytest.param(protocol.dump(Pong(1)), effects.PROTOCOL, id="the server's own words"),
    pytest.param(b"{}", effects.PROTOCOL, id="binary"),
    pytest.param(" " * (protocol.MAX_CHARACTERS + 1), effects.PROTOCOL, id="too many characters"),
    pytest.param(" " * (MAX_BYTES + 1), WSCloseCode.MESSAGE_TOO_BIG, id="too many bytes"),
]


@pytest.mark.parametrize(("said", "code"), BAD)
async def test_what_is_no_message_ends_this_socket_alone(
    rig: Rig, said: str | bytes, code: int
) -> None:
    patient, doctor = await rig.pair()
    await patient.sends(said)
    assert (await patient.ended())[1] == code
    assert await doctor.hears_room() == ("broken", "reconnecting", "here")
    await doctor.answers()


async def test_text_that_is_no_text_ends_the_socket(rig: Rig) -> None:
    page = await rig.enter(Role.PATIENT)
    await page.socket.send_frame(b"\xff\xfe", 1)  # type: ignore[arg-type]  # 1: a frame of text
    assert (await page.ended())[1] == WSCloseCode.INVALID_TEXT


async def test_too_many_messages_end_the_socket(rig: Rig) -> None:
    page = await rig.enter(Role.PATIENT)
    await page.hears_room()
    left = int(BURST) - 1  # the join was one
    for number in range(left + 1):
        await page.says(Ping(number))
    told, code = await page.ended()
    assert told == [*(Pong(number) for number in range(left)), refusal("TooFast")]
    assert code == effects.REFUSED


async def test_an_even_pace_is_not_too_fast(rig: Rig) -> None:
    page = await rig.enter(Role.PATIENT)
    await page.hears_room()
    for _ in range(int(BURST) * 2):
        rig.seconds += 1 / RATE
        await page.answers()


async def test_pings_of_the_socket_itself_are_answered_and_counted(rig: Rig) -> None:
    page = await rig.enter(Role.PATIENT)
    await page.hears_room()
    await page.socket.ping(b"?")
    await page.answers()
    for _ in range(int(BURST)):
        await page.socket.ping(b"?")
    assert await page.ended() == ([refusal("TooFast")], effects.REFUSED)


# ---- slow readers


async def stall(rig: Rig, patient: Page) -> asyncio.Transport:
    """The page reads nothing more, and is sent more than the machine will hold for it."""
    assert patient.socket._conn is not None
    wire = patient.socket._conn.transport
    assert isinstance(wire, asyncio.Transport)
    wire.pause_reading()
    rig.media.says = "v" * 32_000_000
    await patient.says(Offer(1, "v=0"))
    await rig.until(lambda: (VISIT, "answer", "patient", "v=0") in rig.media.asked)
    return wire


async def test_a_reader_who_is_too_slow_is_sent_away_and_nobody_else(clock: FakeClock) -> None:
    async with rooms(clock, Patience(send=0.05, part=WITHIN)) as rig:
        patient, doctor = await rig.pair()
        wire = await stall(rig, patient)
        assert await doctor.hears_room() == ("broken", "reconnecting", "here")
        await doctor.answers()
        wire.resume_reading()
        assert await patient.frames() == (1, effects.TOO_SLOW)


async def test_a_reader_who_is_far_behind_is_told_only_to_come_back(clock: FakeClock) -> None:
    async with rooms(clock, Patience(send=WITHIN, part=WITHIN)) as rig:
        patient, doctor = await rig.pair()
        wire = await stall(rig, patient)
        await rig.until(lambda: len(rig.media.asked) == 2)  # admitted: the answer is on the wire
        for number in range(WAITING + 1):
            report = reports.Silent if number % 2 else reports.Connected
            rig.media.report(report(VISIT, "doctor"))
            await doctor.hears_room()
        wire.resume_reading()
        assert await patient.frames() == (1, effects.TOO_SLOW)  # not the many states in between


async def test_a_reader_who_never_reads_is_cut_off(clock: FakeClock) -> None:
    async with rooms(clock, Patience(send=0.05, part=0.05)) as rig:
        patient, doctor = await rig.pair()
        wire = await stall(rig, patient)
        assert await doctor.hears_room() == ("broken", "reconnecting", "here")
        await rig.until(lambda: rig.connections == 1)
        await doctor.answers()
        wire.resume_reading()


# ---- what pages say to each other


async def test_what_one_page_says_to_the_other_is_passed_on_as_it_is(rig: Rig) -> None:
    patient, doctor = await rig.pair()
    await patient.says(Exchange("doctor", Sealed("c2VhbGVk")))
    assert await doctor.hears() == Exchange("patient", Sealed("c2VhbGVk"))
    await patient.answers()  # and was told nothing of it


# ---- signs of life, leaving, and the end


async def test_a_ping_is_answered_with_its_number(rig: Rig) -> None:
    page = await rig.enter(Role.PATIENT)
    await page.hears_room()
    await page.says(Ping(41))
    assert await page.hears() == Pong(41)


async def test_whoever_leaves_gives_the_seat_up(rig: Rig) -> None:
    patient, doctor = await rig.pair()
    await patient.says(Leave())
    assert await patient.ended() == ([], effects.DONE)
    assert await doctor.hears_room() == ("waiting", "away", "here")
    assert rig.media.asked == [(VISIT, "leave", "patient")]
    assert ("gone", VISIT, "patient") in rig.floor.told


async def test_a_room_that_everybody_has_left_is_forgotten_by_media_too(rig: Rig) -> None:
    patient, doctor = await rig.pair()
    await patient.says(Leave())
    await doctor.hears_room()
    await doctor.says(Leave())
    assert await doctor.ended() == ([], effects.DONE)
    leaves = [(VISIT, "leave", "patient"), (VISIT, "leave", "doctor")]
    await rig.until(lambda: rig.media.asked == [*leaves, (VISIT, "close")])
    await rig.pair()  # and both can come back


async def test_closing_a_room_tells_everybody_in_it_and_nobody_else(rig: Rig) -> None:
    rig.floor.open_to.add(("visit-2", PATIENT))
    patient, doctor = await rig.pair()
    other = await rig.enter(Role.PATIENT, "visit-2")
    await other.hears_room()
    await rig.signaling.close_room(VISIT, "finished")
    for page in (patient, doctor):
        assert await page.ended() == ([Closed("finished")], effects.DONE)
    assert rig.media.asked == [(VISIT, "close")]
    await other.answers()


async def test_a_room_that_nobody_is_in_can_be_closed(rig: Rig) -> None:
    await rig.signaling.close_room(VISIT, "finished")
    await rig.until(lambda: rig.media.asked == [(VISIT, "close")])


async def test_when_the_service_stops_everybody_is_asked_to_come_back(rig: Rig) -> None:
    pages = [*await rig.pair(), await rig.page()]
    await rig.signaling.close_all(rig.app)
    for page in pages:
        assert await page.ended() == ([], effects.GOING_AWAY)


def test_the_manual_lists_the_close_codes_that_there_are() -> None:
    manual = Path("docs/protocol.md").read_text(encoding="utf-8").partition("## Close codes")[2]
    listed = {
        int(code)
        for row in re.findall(r"^\| ([\d, ]+) \|", manual, re.M)
        for code in row.split(",")
    }
    ours = {
        *(effects.DONE, effects.GOING_AWAY, effects.PROTOCOL, effects.REFUSED, effects.INTERNAL),
        *(effects.TOO_SLOW, effects.REPLACED),
    }
    assert listed == ours | {WSCloseCode.INVALID_TEXT, WSCloseCode.MESSAGE_TOO_BIG}


# ---- media


async def test_packets_flow_only_when_both_are_there(rig: Rig) -> None:
    patient = await rig.enter(Role.PATIENT)
    await patient.hears_room()
    await patient.says(Offer(1, "patient's"))
    assert await patient.hears() == Answer(1, "v=0")
    doctor = await rig.enter(Role.DOCTOR)
    await doctor.hears_room()
    assert rig.media.asked == [(VISIT, "answer", "patient", "patient's")]
    await doctor.says(Offer(1, "doctor's"))
    assert await doctor.hears() == Answer(1, "v=0")
    await rig.until(
        lambda: rig.media.asked[1:] == [(VISIT, "answer", "doctor", "doctor's"), (VISIT, "admit")]
    )


async def test_what_media_reports_reaches_both_pages(rig: Rig) -> None:
    pages = await rig.pair()
    steps: list[tuple[reports.Report, tuple[str, str, str]]] = [
        (reports.Connected(VISIT, "patient"), ("connecting", "connected", "here")),
        (reports.Connected(VISIT, "doctor"), ("connecting", "connected", "connected")),
        (reports.Talking(VISIT), ("talking", "connected", "connected")),
        (reports.Silent(VISIT, "patient"), ("broken", "reconnecting", "connected")),
        (reports.Back(VISIT, "patient"), ("connecting", "connected", "connected")),
        (reports.Talking(VISIT), ("talking", "connected", "connected")),
    ]
    for report, room in steps:
        rig.media.report(report)
        assert [await page.hears_room() for page in pages] == [room, room]
    assert rig.floor.told.count(("talking", VISIT)) == 2


async def test_when_a_worker_is_lost_both_are_asked_for_a_new_connection(rig: Rig) -> None:
    pages = await rig.pair()
    rig.media.report(reports.Lost(VISIT))
    for page in pages:
        assert await page.hears() == Rejoin("media")


async def test_when_a_connection_is_lost_its_page_is_asked_for_a_new_one(rig: Rig) -> None:
    patient, doctor = await rig.pair()
    rig.media.report(reports.Connected(VISIT, "patient"))
    for page in (patient, doctor):
        await page.hears_room()
    rig.media.report(reports.Closed(VISIT, "patient"))
    assert await doctor.hears_room() == ("broken", "reconnecting", "here")
    heard = [await patient.hears(), await patient.hears()]
    assert Rejoin("connection") in heard


async def test_reports_of_rooms_that_are_gone_change_nothing(rig: Rig) -> None:
    patient, _ = await rig.pair()
    rig.media.report(reports.Connected("visit-9", "patient"))
    rig.media.report(reports.Counted({}, 1, 0))
    await patient.answers()


async def test_only_the_newest_offer_is_answered(rig: Rig) -> None:
    patient, _ = await rig.pair()
    rig.media.open.clear()
    await patient.says(Offer(1, "offer 1"))
    await rig.until(lambda: len(rig.media.asked) == 1)  # it is at the worker already
    for number in (2, 3):
        await patient.says(Offer(number, f"offer {number}"))
    await patient.answers()
    rig.media.open.set()
    assert await patient.hears() == Answer(3, "v=0")
    await patient.answers()
    assert [each[3] for each in rig.media.asked if each[1] == "answer"] == ["offer 1", "offer 3"]


async def test_an_offer_is_answered_after_the_seat_was_given_up_never_before(rig: Rig) -> None:
    patient, _ = await rig.pair()
    rig.media.open.clear()
    await patient.says(Leave())
    await patient.ended()
    back = await rig.enter(Role.PATIENT)
    await back.hears_room()
    await back.says(Offer(2, "again"))
    await back.answers()
    assert rig.media.asked == [(VISIT, "leave", "patient")]
    rig.media.open.set()
    assert await back.hears() == Answer(2, "v=0")


async def test_an_offer_that_media_refuses_leaves_the_socket_open(rig: Rig) -> None:
    patient, _ = await rig.pair()
    rig.media.refuses = MediaUnavailable()
    await patient.says(Offer(5, "v=0"))
    assert await patient.hears() == refusal("MediaUnavailable", 5)
    rig.media.refuses = None
    await patient.says(Offer(6, "v=0"))
    assert await patient.hears() == Answer(6, "v=0")


# ---- faults of our own


async def test_a_fault_at_the_door_is_logged_and_the_page_comes_back(rig: Rig) -> None:
    rig.floor.fault = RuntimeError("the database is away")
    page = await rig.page()
    with capture_logs() as logs:
        await page.says(Join(rig.ticket(Role.PATIENT), VERSION, END_TO_END))
        assert await page.ended() == ([], effects.INTERNAL)
    assert [each["event"] for each in logs] == ["room_socket_failed"]


async def test_a_fault_in_what_is_told_to_others_is_logged_and_the_call_goes_on(rig: Rig) -> None:
    with capture_logs() as logs:
        page = await rig.enter(Role.PATIENT)
        await page.hears_room()
        rig.floor.fault = RuntimeError("the database is away")
        rig.floor.may_answer.set()
        rig.floor.told.clear()
        await page.says(Leave())
        await page.ended()
    assert [each["event"] for each in logs] == ["task_failed"]
