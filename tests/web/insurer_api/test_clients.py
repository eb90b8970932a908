"""The register of clients, on each kind of database."""

import json
from datetime import date

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from sqlalchemy.ext.asyncio import AsyncSession

from tests.web.insurer_api.program import KEY, OTHER, OWN, key_set
from venterom.journal.errors import BadKey
from venterom.journal.jws import public_jwk, thumbprint
from venterom.web.insurer_api import clients
from venterom.web.insurer_api.assertions import Shown
from venterom.web.insurer_api.errors import NotLetIn
from venterom.web.insurer_api.scopes import Scope

DAY, LATER = date(2026, 11, 24), date(2026, 11, 25)
MAY = frozenset({Scope.ELIGIBILITY})
RSA = rsa.generate_private_key(65_537, 2_048)


def jwk(**other: str | None) -> str:
    """A key set of one key that differs from a good one in this."""
    member = {**public_jwk(KEY.public_key()), **other}
    kept = {name: value for name, value in member.items() if value is not None}
    return json.dumps({"keys": [kept]})


def test_keys_for_es256_and_ps256_are_taken() -> None:
    assert list(clients.read_keys(key_set(KEY))) == [thumbprint(KEY.public_key())]
    assert clients.read_keys(key_set(RSA, alg="PS256"))


@pytest.mark.parametrize(
    "document",
    [
        "",
        "[]",
        "{}",
        '{"keys": {}}',
        '{"keys": []}',
        "[" * 100_000,
        jwk(d="AQ"),  # the private half
        jwk(kid=None),
        jwk(use="enc"),
        jwk(alg="ES384"),
        jwk(crv="P-384"),
        jwk(y="AQ"),  # not on the curve
        key_set(RSA),  # for RS256, which is not taken here
        key_set(rsa.generate_private_key(65_537, 1_024), alg="PS256"),
        json.dumps({"keys": [{"kty": "oct", "kid": "a", "k": "AQ"}]}),
        json.dumps({"keys": json.loads(jwk())["keys"] * 2}),
    ],
)
def test_what_is_no_public_key_set_for_us_is_refused(document: str) -> None:
    with pytest.raises(BadKey):
        clients.read_keys(document)


async def add(db: AsyncSession, client: str = "own-web", insurer: str = OWN) -> bool:
    return await clients.add(db, DAY, client=client, insurer=insurer, may=MAY, keys=key_set(KEY))


@pytest.mark.adapter
async def test_a_client_is_found_until_it_is_removed_and_stays_in_the_list(
    db: AsyncSession,
) -> None:
    assert await add(db)
    found = await clients.find(db, "own-web")
    assert found is not None
    assert (found.insurer, found.scopes, found.added, found.removed) == (OWN, MAY, DAY, None)
    assert await clients.insurer_of(db, "own-web") == OWN
    assert await clients.remove(db, LATER, client="own-web")
    assert await clients.find(db, "own-web") is None
    with pytest.raises(NotLetIn):
        await clients.insurer_of(db, "own-web")
    assert [(each.id, each.removed) for each in await clients.listed(db)] == [("own-web", LATER)]
    assert not await clients.remove(db, LATER, client="own-web")


@pytest.mark.adapter
async def test_a_name_is_given_once(db: AsyncSession) -> None:
    assert await add(db)
    assert not await add(db, insurer=OTHER)
    await clients.remove(db, LATER, client="own-web")
    assert not await add(db, insurer=OTHER)  # the log of look-ups names it
    assert await clients.find(db, "own-web") is None


@pytest.mark.adapter
async def test_those_who_may_ask_come_first(db: AsyncSession) -> None:
    for name in ("bbb", "aaa", "ccc"):
        await add(db, name)
    await clients.remove(db, LATER, client="aaa")
    assert [each.id for each in await clients.listed(db)] == ["bbb", "ccc", "aaa"]


@pytest.mark.adapter
async def test_an_assertion_is_used_up_for_as_long_as_it_could_be_believed(
    db: AsyncSession,
) -> None:
    from datetime import UTC, datetime, timedelta

    now = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)
    until = int(now.timestamp()) + 60
    assert await clients.use_up(db, now, Shown("a", "j", until))
    assert not await clients.use_up(db, now, Shown("a", "j", until))
    assert await clients.use_up(db, now, Shown("b", "j", until))
    at_the_end = now + timedelta(seconds=60)
    assert not await clients.use_up(db, at_the_end, Shown("a", "j", until))


def test_a_made_up_name_is_one_that_may_be_given() -> None:
    assert clients.CLIENT_ID.fullmatch(clients.new_id())
