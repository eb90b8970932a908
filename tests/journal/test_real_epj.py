"""A FHIR server whose code is not ours takes what we send: @medplum/fhir-router, in Node."""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import pytest
from aiohttp import ClientSession
from cryptography.hazmat.primitives.asymmetric import ec

from tests import node
from tests.journal.make import KEYS, NOON
from tests.journal.test_fhir import CONTENT, KEPT, MANIFEST, SIGNED
from tests.journal.test_fhir_amended import ADDED, ANEW
from tests.journal.test_fhir_consent import GIVEN, WITHDRAWN
from venterom.journal import fhir, jws
from venterom.journal.contact import Telephone, Why
from venterom.journal.entry import Picture
from venterom.journal.epj_answer import Said
from venterom.journal.errors import EpjSaid
from venterom.journal.fhir import SignedNote
from venterom.journal.fhir_parts import name_of
from venterom.journal.outside_epj import OutsideEpj, Side

pytestmark = [pytest.mark.adapter, pytest.mark.slow]
CLIENT = "venterom-test"
WHOLE = replace(
    SIGNED,
    content=replace(
        CONTENT,
        protection=KEPT,
        telephone=Telephone(NOON, Why.NETWORK, after_video=True),
        pictures=(Picture("a" * 64, 3, NOON),),
    ),
    pictures=(b"one",),
    consents=(GIVEN, WITHDRAWN),
)


@pytest.fixture(scope="module", autouse=True)
def there() -> None:
    """Without it nothing is shown here."""
    if why := node.fault():
        pytest.skip(
            f"{why}: not shown that a FHIR server which shares no code with ours takes notes"
        )


def now() -> datetime:
    return datetime.now(UTC)  # the other side has its own clock


@dataclass
class Real:
    """The server, and what we know of it."""

    side: Side
    http: ClientSession

    @property
    def epj(self) -> OutsideEpj:
        return OutsideEpj(self.side, self.http, now)

    async def held(self, kind: str, token: str) -> list[dict[str, object]]:
        """What a search finds there."""
        asked = self.http.get(
            f"{self.side.url}/{kind}", headers={"Authorization": f"Bearer {token}"}
        )
        async with asked as answer:
            return [each["resource"] for each in (await answer.json(content_type=None))["entry"]]


@asynccontextmanager
async def real() -> AsyncGenerator[Real]:
    """It is started, and ended with the block."""
    known = {"client": CLIENT, "key": jws.public_jwk(KEYS.signing.public_key())}
    running = await asyncio.create_subprocess_exec(
        *("node", str(node.CLIENTS / "epj.mjs"), json.dumps(known)), stdout=asyncio.subprocess.PIPE
    )
    try:
        assert running.stdout is not None
        url = f"http://127.0.0.1:{json.loads(await running.stdout.readline())['port']}"
        side = Side(f"{url}/fhir", f"{url}/token", url, CLIENT, "epj/write", KEYS.signing)
        async with ClientSession() as http:
            yield Real(side, http)
    finally:
        running.kill()
        await running.wait()


@pytest.mark.parametrize("signed", [SIGNED, WHOLE])
async def test_a_foreign_fhir_server_takes_a_note_once(signed: SignedNote) -> None:
    async with real() as other:
        bundle = fhir.bundle(signed)
        receipt = await other.epj.deliver(MANIFEST.visit, bundle)
        assert receipt.content_hash == MANIFEST.content_hash
        assert await other.epj.deliver(MANIFEST.visit, bundle) == receipt
        kinds = [item["resource"]["resourceType"] for item in bundle["entry"]]
        for kind in set(kinds):
            assert len(await other.held(kind, "a-token-of-the-test")) == kinds.count(kind), kind


@pytest.mark.parametrize("later", [ANEW, ADDED])
async def test_it_takes_a_later_version_beside_the_first(later: SignedNote) -> None:
    async with real() as other:
        await other.epj.deliver(MANIFEST.visit, fhir.bundle(SIGNED))
        name = name_of(MANIFEST.visit, later.manifest.version)
        receipt = await other.epj.deliver(name, fhir.bundle(later))
        assert await other.epj.deliver(name, fhir.bundle(later)) == receipt
        assert receipt.content_hash == later.manifest.content_hash
        for kind, count in (("Encounter", 1), ("Composition", 2), ("DocumentReference", 2)):
            assert len(await other.held(kind, "a-token-of-the-test")) == count, kind


async def test_what_is_no_note_is_not_taken_and_leaves_nothing_there() -> None:
    async with real() as other:
        wrong = fhir.bundle(SIGNED)
        wrong["entry"][2]["resource"]["status"] = ["final"]
        with pytest.raises(EpjSaid) as fault:
            await other.epj.deliver(MANIFEST.visit, wrong)
        assert fault.value.said == Said.REFUSED
        assert (await other.epj.deliver(MANIFEST.visit, fhir.bundle(SIGNED))).note


async def test_only_the_holder_of_our_key_is_let_in() -> None:
    async with real() as other:
        other.side = replace(other.side, key=ec.derive_private_key(8, ec.SECP256R1()))
        with pytest.raises(EpjSaid) as fault:
            await other.epj.deliver(MANIFEST.visit, fhir.bundle(SIGNED))
        assert fault.value.said == Said.NOT_LET_IN
