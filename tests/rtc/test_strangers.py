"""Whoever does not belong to a call cannot disturb it, and gets no answer from us."""

import base64
import itertools
import random
import re
import socket
import threading
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from struct import pack

import pytest
from aioice import stun

from tests.rtc import live
from tests.rtc.live import BOTH, Process, Room
from tests.wire import rtp_packet
from venterom.rtc.peer import Connection
from venterom.rtc.reports import Connected

pytestmark = [pytest.mark.media, pytest.mark.slow]

HOST = "127.0.0.1"
DICE = random.Random(7)
COOKIE = bytes.fromhex("2112a442")


def record(content: int, body: bytes) -> bytes:
    """A DTLS record that nothing protects (RFC 6347 4.1)."""
    return pack("!BHQH", content, 0xFEFD, 0, len(body)) + body


STRANGE = {
    "nothing": b"",
    "one byte": b"\x00",
    "one byte of a handshake": b"\x16",
    "one byte of media": b"\x80",
    "200 random bytes": DICE.randbytes(200),
    "a farewell": record(21, b"\x01\x00"),
    "a fatal alert": record(21, b"\x02\x28"),
    "a greeting": record(22, pack("!LLBHB", 0x01000028, 0, 0, 0, 40) + b"\xfe\xfd" + bytes(38)),
    "an empty record": record(22, b""),
    "a junk record": record(23, DICE.randbytes(100)),
    "sound": rtp_packet(4711, 1, payload_type=111, payload=DICE.randbytes(100)),
    "a report": pack("!BBHL", 0x80, 200, 6, 4711) + DICE.randbytes(40),
    "a check without a name": pack("!HH", 1, 0) + COOKIE + bytes(12),
    "an answer to nothing": pack("!HH", 0x101, 0) + COOKIE + bytes(12),
    # short attributes, whose reading fails in a way that the library does not expect (W3)
    "a short attribute": base64.b64decode("LAQABQAAAAAA//8A5gAAAAAAAAAAGQAACg=="),
    "a short check": pack("!HH", 1, 5) + COOKIE + bytes(12) + pack("!HHB", 0x0019, 0, 10),
}


@pytest.fixture
def stranger() -> Generator[socket.socket]:
    """A socket that belongs to nobody in the call."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind((HOST, 0))
        other.setblocking(False)
        yield other


def has_mail(to: socket.socket) -> bool:
    """Whether anything has come to this socket."""
    try:
        return len(to.recv(2048)) >= 0
    except BlockingIOError:
        return False


async def goes_on(room: Room, people: Sequence[Connection], after: str) -> None:
    """The call still lives."""
    try:
        await room.flows(*people)
    except TimeoutError:
        pytest.fail(f"the call did not go on after: {after}")


async def test_a_call_goes_on_whatever_a_stranger_sends(
    room: Room, stranger: socket.socket
) -> None:
    people = await room.meet()
    before = await room.count()
    for name, datagram in STRANGE.items():
        for port in map(room.media_port, BOTH):
            for _ in range(20):
                stranger.sendto(datagram, (HOST, port))
        await goes_on(room, people, name)
    await room.counted(before, empty=20, stranger=20 * (len(STRANGE) - 1))
    assert not has_mail(stranger)


async def test_a_call_goes_on_whatever_comes_with_the_address_of_a_member(room: Room) -> None:
    people = await room.meet()
    way = live.way(people[0])
    for name, datagram in STRANGE.items():
        for _ in range(20):
            way.protocol.transport.sendto(datagram, way.remote_addr)
        await goes_on(room, people, name)


@contextmanager
def spraying(datagrams: Sequence[bytes], port: int) -> Generator[None]:
    """While the context lasts, a stranger sends one of these every half a millisecond."""
    over = threading.Event()

    def spray() -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
            for datagram in itertools.cycle(datagrams):
                if over.wait(0.0005):
                    return
                other.sendto(datagram, (HOST, port))

    thread = threading.Thread(target=spray)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


@pytest.mark.parametrize(
    "kinds",
    [["a greeting"], ["a farewell", "a fatal alert", "nothing", "a junk record"], [*STRANGE]],
    ids=["greetings", "alerts and junk", "everything"],
)
async def test_every_connection_comes_up_whatever_a_stranger_sends_meanwhile(
    room: Room, kinds: list[str]
) -> None:
    before = await room.count()
    for _ in range(20):
        person = await room.prepare("patient")
        with spraying([STRANGE[kind] for kind in kinds], room.media_port("patient")):
            await person.take(room.answers["patient"])
            await room.reported(Connected(room.name, "patient"))
    await room.counted(before, stranger=20)


def named(text: str) -> tuple[str, str]:
    """The user and the password of one side, from its SDP."""
    user, password = (re.findall(rf"a=ice-{word}:(\S+)", text)[0] for word in ("ufrag", "pwd"))
    return user, password


def check(user: str, password: str | None, *, nominates: bool = False) -> bytes:
    """A connectivity check (RFC 8445 7.1); without integrity if there is no password."""
    message = stun.Message(stun.Method.BINDING, stun.Class.REQUEST)
    message.attributes |= {"USERNAME": user, "PRIORITY": 1, "ICE-CONTROLLING": 1}
    if nominates:
        message.attributes["USE-CANDIDATE"] = None
    if password is not None:
        message.add_message_integrity(password.encode())
    return bytes(message)


async def test_who_does_not_know_the_password_gets_no_answer(
    room: Room, stranger: socket.socket
) -> None:
    people = await room.meet()
    ours, password = named(room.answers["patient"])
    theirs, other_password = named(people[0].pc.localDescription.sdp)
    user = f"{ours}:{theirs}"
    address = (HOST, room.media_port("patient"))
    before = await room.count()
    for question in (
        check(f"abcd:{theirs}", password),
        check(f"{theirs}:{ours}", password),
        check(user, None),
        check(user, other_password),
        check(f"{ours}:abcd", password),
    ):
        for _ in range(5):
            stranger.sendto(question, address)
    await room.counted(before, stranger=10, stun_refused=15)
    assert not has_mail(stranger)
    stranger.sendto(check(user, password), address)
    await room.until(lambda: has_mail(stranger))  # so the silence before was no accident
    await room.flows(*people)  # and the sound and picture still go where they went


async def test_packets_do_not_go_elsewhere_because_somebody_asks_from_there(
    room: Room, stranger: socket.socket
) -> None:
    people = await room.meet()
    ours, password = named(room.answers["patient"])
    user = f"{ours}:{named(room.offers['patient'])[0]}"
    before = await room.count()
    for _ in range(10):  # one who cannot prove himself says that he is to be used
        stranger.sendto(check(user, "x" * 32, nominates=True), (HOST, room.media_port("patient")))
    await room.counted(before, stun_refused=10)
    assert not has_mail(stranger)
    stranger.sendto(check(user, password), (HOST, room.media_port("patient")))
    await room.until(lambda: has_mail(stranger))  # proved, but not chosen: an answer, no media
    await room.flows(*people)
    assert not has_mail(stranger)


async def test_a_member_cannot_take_the_address_of_another(room: Room) -> None:
    people = await room.meet()
    ours, password = named(room.answers["doctor"])
    user = f"{ours}:{named(room.offers['doctor'])[0]}"
    way = live.way(people[0])  # the doctor's check seems to come from where the patient is
    before = await room.count()
    for _ in range(5):
        question = check(user, password, nominates=True)
        way.protocol.transport.sendto(question, way.remote_addr)
    await room.counted(before, address_taken=5)
    await room.flows(*people)


async def test_what_was_overheard_is_worth_nothing(room: Room, stranger: socket.socket) -> None:
    people = await room.meet()
    way = live.way(people[0])
    there, overheard = way.protocol.transport, list[bytes]()

    class Ear:
        """The patient's socket, and somebody who keeps a copy of what is protected."""

        def sendto(self, data: bytes, address: object) -> None:
            overheard.extend([data] if data[0] > 127 else [])
            there.sendto(data, address)

    way.protocol.transport = Ear()
    await room.until(lambda: len(overheard) > 60)
    way.protocol.transport = there
    before = await room.count()
    for data in overheard[:60]:
        stranger.sendto(data, way.remote_addr)  # from elsewhere
        there.sendto(data, way.remote_addr)  # and with the patient's own address, once more
    await room.counted(before, stranger=60, srtp_refused=50)
    await room.flows(*people)


async def test_a_flood_of_checks_costs_a_bounded_part_of_each_second(
    room: Room, stranger: socket.socket
) -> None:
    people = await room.meet()
    ours, password = named(room.answers["patient"])
    user = f"{ours}:{named(room.offers['patient'])[0]}"
    way = live.way(people[0])
    question = check(user, password)
    before = await room.count()
    for _ in range(5000):  # from one who knows the password, and from nobody's address
        stranger.sendto(question, way.remote_addr)
        way.protocol.transport.sendto(question, way.remote_addr)
    await room.counted(before, stun_over_rate=5000)
    await room.flows(*people)


async def test_nothing_is_logged_of_thousands_of_malformed_checks(
    worker: Process, room: Room, stranger: socket.socket
) -> None:
    people = await room.meet()
    user = named(room.answers["patient"])[0].encode() + b":abcd"
    attributes = pack("!HH", 6, len(user)) + user + bytes(-len(user) % 4) + pack("!HHL", 36, 1, 0)
    malformed = [
        *(STRANGE["a short attribute"], STRANGE["a short check"]),
        # this one names the user, and so gets as far as to be read
        pack("!HH", 1, len(attributes)) + COOKIE + bytes(12) + attributes,
    ]
    before = await room.count()
    for number in range(6000):
        stranger.sendto(malformed[number % 3], (HOST, room.media_port("patient")))
    await room.counted(before, stranger=1000, stun_refused=1)
    await room.flows(*people)
    assert worker.log == ""


async def test_no_address_is_contacted_because_an_offer_names_it(
    room: Room, stranger: socket.socket
) -> None:
    port = stranger.getsockname()[1]
    lines = [
        f"a=candidate:7 1 udp 2130706431 {HOST} {port} typ host",
        f"a=candidate:8 1 udp 2130706430 ::ffff:{HOST} {port} typ host",
        f"a=candidate:9 1 udp 2130706429 nobody.local {port} typ host",
        f"a=candidate:10 1 udp 2130706428 169.254.169.254 {port} typ srflx raddr {HOST} rport 9",
    ]
    with_more = "".join(f"{line}\r\n" for line in lines) + "a=end-of-candidates\r\n"
    patient = await room.join(
        "patient", lambda offer: offer.replace("a=end-of-candidates\r\n", with_more)
    )
    doctor = await room.join("doctor")
    await room.admit(*BOTH)
    await room.flows(patient, doctor)
    assert not has_mail(stranger)


async def test_an_answer_names_our_address_only_and_none_that_a_server_has_told_us(
    room: Room,
) -> None:
    await room.prepare("patient")
    answer = room.answers["patient"]
    addresses = set(re.findall(r"\d+\.\d+\.\d+\.\d+", answer))
    assert addresses == {HOST, "0.0.0.0"}
    candidates = re.findall(r"a=candidate:.* typ (\S+)(.*)", answer)
    assert {(kind, related.strip()) for kind, related in candidates} == {("host", "")}
    assert set(re.findall(r"a=setup:(\S+)", answer)) == {"passive"}  # so the ciphers are our choice
