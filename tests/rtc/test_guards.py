"""The wrappers around the stock libraries, one by one, and the check at start."""

import ast
import asyncio
import struct
import subprocess
import sys
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import aioice.ice
import aiortc.sdp
import pytest
from aioice import Candidate, stun
from aiortc import RTCCertificate, RTCPeerConnection
from aiortc.rtcdtlstransport import SRTP_PROFILES, RTCDtlsTransport, RtpRouter
from aiortc.rtp import RtpPacket
from OpenSSL import SSL

from tests.imports import FOLDERS, sources, tree
from tests.rtc.offers import CHROMIUM
from venterom.rtc import guards
from venterom.rtc.errors import BadOffer, UnknownStack
from venterom.rtc.offer import MAX_CHARACTERS, MAX_SSRCS

ROOT = Path(__file__).resolve().parents[2]


# ---- the check at start


async def test_the_libraries_are_the_ones_that_the_guards_were_written_for() -> None:
    guards.check()


@pytest.mark.parametrize("library", guards.PINNED)
async def test_another_version_is_refused(library: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(guards.PINNED, library, "0.0.1")
    with pytest.raises(UnknownStack, match=library):
        guards.check()


NAMES = pytest.mark.parametrize(
    ("owner", "name"),
    [(owner, name) for owner, name, _ in guards.NAMES],
    ids=[f"{owner.__name__}.{name}" for owner, name, _ in guards.NAMES],
)


@NAMES
async def test_a_name_that_is_missing_is_refused(
    owner: Any, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(owner, name)
    with pytest.raises(UnknownStack, match=name):
        guards.check()


@NAMES
async def test_a_name_with_other_parameters_is_refused(
    owner: Any, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(owner, name, lambda something_else: None)
    with pytest.raises(UnknownStack, match=name):
        guards.check()


@pytest.mark.parametrize("names", ["ICE_ATTRIBUTES", "DTLS_ATTRIBUTES"])
async def test_an_attribute_that_is_missing_is_refused(
    names: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guards, names, ("_a_name_of_another_release",))
    with pytest.raises(UnknownStack, match="_a_name_of_another_release"):
        guards.check()


@pytest.mark.slow
def test_a_worker_that_checks_no_assertions_does_not_start(tmp_path: Path) -> None:
    command = [sys.executable, "-O", "-m", "venterom.rtc.worker", "--socket", str(tmp_path / "s")]
    ended = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    assert ended.returncode != 0
    assert (ended.stdout, "UnknownStack" in ended.stderr) == ("", True)
    assert not (tmp_path / "s").exists()


# ---- the wrappers


async def test_outside_the_guards_everything_is_as_it_was() -> None:
    before = [vars(owner)[name] for owner, name, _ in guards.NAMES]
    with guards.guarded(Counter()):
        assert [vars(owner)[name] for owner, name, _ in guards.NAMES] != before
    assert [vars(owner)[name] for owner, name, _ in guards.NAMES] == before


class Asked(aioice.ice.Connection):
    """A stand-in that notes the checks that get through to it, and what is no check."""

    def __init__(self) -> None:
        super().__init__(ice_controlling=False)
        self.checks = 0
        self.data: list[bytes] = []

    def request_received(self, *_: object) -> None:
        self.checks += 1

    def data_received(self, data: bytes, component: int) -> None:
        self.data.append(data)


def check(user: str) -> bytes:
    """What a browser sends to find out whether we can be reached."""
    message = stun.Message(stun.Method.BINDING, stun.Class.REQUEST, attributes={"USERNAME": user})
    return bytes(message)


async def test_a_crowd_of_strangers_leaves_room_for_those_who_are_invited() -> None:
    counters: Counter[str] = Counter()
    with guards.guarded(counters):
        connection = Asked()
        protocol = aioice.ice.StunProtocol(connection)
        for port in range(1, 2 * guards.STRANGERS):
            protocol.datagram_received(check("nobody:x"), ("192.0.2.1", port))
        protocol.datagram_received(check(f"{connection.local_username}:x"), ("192.0.2.2", 1))
    assert connection.checks == 1
    assert counters == {"stranger": 2 * guards.STRANGERS - 1}


async def test_one_address_that_has_not_proved_itself_is_heard_so_often_and_no_more() -> None:
    counters: Counter[str] = Counter()
    with guards.guarded(counters):
        connection = Asked()
        protocol = aioice.ice.StunProtocol(connection)
        for _ in range(1000):
            protocol.datagram_received(check(f"{connection.local_username}:x"), ("192.0.2.1", 9))
    seconds = 4  # that this may take on the slowest machine; then it is heard once more in each
    assert guards.STUN_A_SECOND <= connection.checks <= seconds * guards.STUN_A_SECOND
    assert counters["stranger"] == 1000 - connection.checks


@pytest.mark.parametrize(
    ("data", "counted"),
    [
        (b"", "empty"),
        (b"\x16" + bytes(40), "stranger"),
        (b"\x80" + bytes(40), "stranger"),
        (check("nobody:x")[:19], "stranger"),
        (b"\x04" + check("nobody:x")[1:], "stranger"),
    ],
    ids=["nothing", "a handshake", "sound or picture", "half a check", "no check"],
)
async def test_what_is_no_check_is_not_taken_from_a_stranger(data: bytes, counted: str) -> None:
    counters: Counter[str] = Counter()
    with guards.guarded(counters):
        connection = Asked()
        aioice.ice.StunProtocol(connection).datagram_received(data, ("192.0.2.1", 9))
    assert (connection.checks, connection.data, counters) == (0, [], {counted: 1})


async def test_no_candidate_is_taken_and_no_name_is_looked_up() -> None:
    counters: Counter[str] = Counter()
    with guards.guarded(counters):
        connection = aioice.ice.Connection(ice_controlling=False)
        for host in ("127.0.0.1", "169.254.169.254", "10.0.0.1", "::1", "224.0.0.1", "a.local"):
            await connection.add_remote_candidate(Candidate("1", 1, "udp", 1, host, 4711, "host"))
        await connection.add_remote_candidate(None)
    assert connection.remote_candidates == []
    assert not connection._remote_candidates_end  # it goes on waiting for the browser's checks
    assert counters == {"candidate_ignored": 6}


@pytest.mark.parametrize(
    ("addresses", "v4", "v6"),
    [
        (["192.0.2.1"], ["192.0.2.1"], []),
        (["192.0.2.1", "2001:db8::1"], ["192.0.2.1"], ["2001:db8::1"]),
        (["2001:db8::1"], [], ["2001:db8::1"]),
    ],
)
def test_only_the_chosen_addresses_are_bound(
    addresses: list[str], v4: list[str], v6: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(aioice.ice, "get_host_addresses", None)  # so that it is put back
    guards.use_addresses(addresses)
    found = aioice.ice.get_host_addresses
    assert found(use_ipv4=True, use_ipv6=False) == v4
    assert found(use_ipv4=False, use_ipv6=True) == v6


async def test_the_ciphers_are_few_and_strong() -> None:
    with guards.guarded(Counter()):
        context = RTCCertificate.generateCertificate()._create_ssl_context(SRTP_PROFILES)
    strong = SSL.Connection(context).get_cipher_list()
    assert {"ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384"} <= set(strong)
    assert all("GCM" in name or name.startswith("TLS_") for name in strong)


async def test_a_router_learns_sixteen_streams_and_no_more() -> None:
    class Receiver:
        """A stand-in: whoever gets packets of type 96."""

    counters: Counter[str] = Counter()
    with guards.guarded(counters):
        router = RtpRouter()
        router.payload_type_table[96] = {Receiver()}  # type: ignore[arg-type]
        routed = [
            router.route_rtp(RtpPacket(payload_type=96, ssrc=n)) for n in range(MAX_SSRCS + 4)
        ]
        assert router.route_rtp(RtpPacket(payload_type=96, ssrc=0)) is routed[0]
    assert [each is not None for each in routed] == [True] * MAX_SSRCS + [False] * 4
    assert counters == {"ssrc_refused": 4}


@pytest.mark.parametrize("name", ["_handle_rtp_data", "_handle_rtcp_data"])
async def test_a_packet_that_cannot_be_read_ends_nothing_and_a_lost_connection_does(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def handle(error: type[Exception]) -> None:
        raise error

    monkeypatch.setattr(RTCDtlsTransport, name, staticmethod(handle))
    counters: Counter[str] = Counter()
    with guards.guarded(counters):
        guarded: Callable[[type[Exception]], Awaitable[None]] = vars(RTCDtlsTransport)[name]
        await guarded(struct.error)
        with pytest.raises(ConnectionError):
            await guarded(ConnectionError)
    assert counters == {"packet_failed": 1}


@pytest.mark.parametrize(
    "text",
    [
        "m=audio\n",  # fails by AssertionError
        "m=audio 9 UDP/TLS/RTP/SAVPF x\n",  # ValueError
        "m=audio 9 UDP/TLS/RTP/SAVPF 1\na=fmtp:5 x\n",  # StopIteration
        "m=audio 9 UDP/TLS/RTP/SAVPF 1\na=setup:x\n",  # KeyError
    ],
)
async def test_a_text_that_cannot_be_parsed_gives_one_error_whatever_it_is(text: str) -> None:
    with guards.guarded(Counter()):
        assert len(aiortc.sdp.SessionDescription.parse(CHROMIUM).media) == 2
        with pytest.raises(BadOffer):
            aiortc.sdp.SessionDescription.parse(text)


async def test_a_text_that_is_too_long_is_not_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    def parse(sdp: str) -> None:
        pytest.fail("it was parsed although it is too long")

    monkeypatch.setattr(aiortc.sdp.SessionDescription, "parse", parse)
    with guards.guarded(Counter()), pytest.raises(BadOffer):
        aiortc.sdp.SessionDescription.parse("a" * (MAX_CHARACTERS + 1))


async def test_closing_takes_a_bounded_time(monkeypatch: pytest.MonkeyPatch) -> None:
    class Stuck(RTCPeerConnection):
        """A stand-in that closes only when it is told to."""

        async def close(self) -> None:
            await asyncio.Event().wait()

    monkeypatch.setattr(guards, "CLOSE_WITHIN", 0.01)
    assert not await guards.close(Stuck())
    assert await guards.close(RTCPeerConnection())


def test_no_connection_of_ours_asks_a_foreign_server_for_its_address() -> None:
    made = [
        (path, ast.unparse(call.args[0]) if call.args else "")
        for path in sources(ROOT, *FOLDERS, "bench")
        for call in ast.walk(tree(ROOT, path))
        if isinstance(call, ast.Call) and ast.unparse(call.func).endswith("RTCPeerConnection")
    ]
    assert len(made) >= 2
    assert [path for path, how in made if "iceServers=[]" not in how] == []
