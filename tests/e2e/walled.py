"""Behind a wall: what `test_walls.py` runs in a network of its own, where browsers get no datagram
out. What reaches the media worker comes from the relay, or not at all.
"""

import asyncio
import subprocess
from collections.abc import AsyncGenerator, Generator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from aioice.stun import TransactionFailed
from aioice.turn import create_turn_endpoint
from playwright.async_api import Browser, Page

from tests.e2e.alone import take
from tests.e2e.browsers import DEVICES, launched
from tests.e2e.relay import HERE, HERE_6, PLAIN, RELAY_PORTS, TLS, Relay, relay
from tests.e2e.steps import PATIENCE_MS, WHOLE_WAY, meeting
from tests.house import House, house
from venterom.rtc import turn
from venterom.server.clock import utcnow

pytestmark = WHOLE_WAY

MEDIA_PORT = 40000
LOW, HIGH = RELAY_PORTS
# Only what the relay sends reaches the media worker, and nobody reaches the relay but by TCP.
WALL = f"""
table inet wall {{
  chain out {{
    type filter hook output priority 0;
    udp dport {MEDIA_PORT} udp sport != {LOW}-{HIGH} counter drop
    udp dport {{ {PLAIN}, {TLS} }} counter drop
  }}
}}"""
ELSEWHERE = {
    HERE: ("127.0.0.2", "10.0.0.1", "192.168.1.1", "169.254.169.254", "8.8.8.8", "0.0.0.0"),
    HERE_6: ("::1", "::", "fd00::1", "fe80::1", "2001:db8::2", "::ffff:127.0.0.1"),
}
KINDS = """async () => {
  const kinds = {};
  for (const each of (await call.peer.getStats()).values()) {
    if (each.type === "candidate-pair" && each.nominated && each.state === "succeeded") {
      const near = (await call.peer.getStats()).get(each.localCandidateId);
      kinds[near.candidateType] = near.relayProtocol;
    }
  }
  return kinds;
}"""


@pytest.fixture(scope="module", params=[HERE, HERE_6])
def coturn(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Generator[Relay]:
    """A relay behind the wall, in either kind of network."""
    with relay(tmp_path_factory.mktemp("relay"), request.param) as running:
        yield running


@pytest.fixture(scope="module", autouse=True)
def wall() -> None:
    """Nobody gets a datagram out but the relay. The namespace has an address of either kind."""
    subprocess.run(["nft", "-f", "-"], input=WALL.encode(), check=True)
    take(HERE_6)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def trusting() -> AsyncGenerator[Browser]:
    """A browser that takes the relay's certificate, which nobody has signed."""
    async with launched([*DEVICES, "--ignore-certificate-errors"]) as started:
        yield started


@pytest.mark.parametrize(
    ("coturn", "way"), [(HERE, "tcp"), (HERE, "tls"), (HERE_6, "tls")], indirect=["coturn"]
)
async def test_two_meet_through_the_relay(
    way: str, coturn: Relay, trusting: Browser, tmp_path: Path
) -> None:
    more: dict[str, Any] = {
        "VENTEROM_MEDIA__TURN_URLS": getattr(coturn, way),
        "VENTEROM_MEDIA__TURN_SECRET_FILE": str(coturn.secret),
        "VENTEROM_MEDIA__PORT": str(MEDIA_PORT),
        "VENTEROM_MEDIA__ADDRESSES": coturn.host,
    }
    with house(tmp_path, **more) as home:
        await meet(home, trusting, way)


async def meet(home: House, browser: Browser, way: str) -> None:
    """See and hear each other, both by the relay."""
    async with meeting(browser, home) as met:
        await met.both_see_and_hear()
        assert await kinds(met.patient) == {"relay": way}
        assert await kinds(met.doctor) == {"relay": way}


async def kinds(page: Page) -> dict[str, str]:
    """By which kinds of address the page is connected, and how it reaches the relay. There is none
    for a moment when another way is chosen."""
    for _ in range(PATIENCE_MS // 100):
        found: dict[str, str] = await page.evaluate(KINDS)
        if found:
            return found
        await asyncio.sleep(0.1)
    raise AssertionError("connected by no address")


async def bind(relay: Relay, peer: str, made_at: datetime) -> None:
    """Ask the relay for a way to a peer, with credentials that were made then."""
    right = turn.credentials(
        relay.secret.read_text().encode(), visit="v1", role="patient", now=made_at
    )
    transport, _ = await create_turn_endpoint(
        asyncio.DatagramProtocol,
        (relay.host, PLAIN),
        right.username,
        right.credential,
        transport="tcp",
    )
    try:
        client = transport._TurnTransport__inner_protocol  # type: ignore[attr-defined]
        await client.channel_bind(0x4000, (peer, MEDIA_PORT))
    finally:
        transport.close()


async def test_the_relay_leads_to_our_media(coturn: Relay) -> None:
    await bind(coturn, coturn.host, utcnow())


async def test_the_relay_leads_nowhere_else(coturn: Relay) -> None:
    for peer in ELSEWHERE[coturn.host]:
        with pytest.raises(TransactionFailed, match="403"):
            await bind(coturn, peer, utcnow())


async def test_old_credentials_are_worth_nothing(coturn: Relay) -> None:
    with pytest.raises(TransactionFailed, match="401"):
        await bind(coturn, coturn.host, utcnow() - turn.LIFETIME - timedelta(minutes=1))
