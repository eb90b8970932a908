"""Where only IPv6 leads to the media worker, and no relay is there: what `test_ipv6.py` runs in a
network of its own."""

import asyncio
from collections.abc import Generator
from ipaddress import IPv6Address, ip_address

import pytest
from playwright.async_api import Browser

from tests.e2e.alone import take
from tests.e2e.relay import HERE_6
from tests.e2e.steps import WHOLE_WAY, meeting, sees_and_hears
from tests.house import House, house

pytestmark = WHOLE_WAY

DIRECT = ("host", "prflx")  # not srflx, which takes a STUN server, and not relay
# Type and address of both candidates of the selected pair, the page's own first.
PATH = """async () => {
    const stats = await call.peer.getStats();
    const transport = [...stats.values()].find(({type}) => type === "transport");
    const {localCandidateId, remoteCandidateId} = stats.get(transport.selectedCandidatePairId);
    return [localCandidateId, remoteCandidateId].map((id) => {
        const {candidateType, address} = stats.get(id);
        return [candidateType, address];
    });
}"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Generator[House]:
    """A demonstration whose media worker has no address but IPv6."""
    take(HERE_6)
    with house(tmp_path_factory.mktemp("house"), VENTEROM_MEDIA__ADDRESSES=HERE_6) as built:
        yield built


async def test_two_see_and_hear_each_other_straight_by_ipv6(home: House, browser: Browser) -> None:
    async with meeting(browser, home) as met:
        pages = met.patient, met.doctor
        await asyncio.gather(*map(sees_and_hears, pages))
        for page in pages:
            for kind, address in await page.evaluate(PATH):
                assert kind in DIRECT and isinstance(ip_address(address), IPv6Address)
