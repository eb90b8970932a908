"""A provider ends the sign-ins that came from it, once for each order, and nobody else's."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from tests.web.identity.rig import BACK, CLIENT_KEY, HIGH, KARI
from tests.web.identity.test_sessions import someone
from venterom.journal.seal import KekRing
from venterom.web.identity import ended, sessions
from venterom.web.identity.claims import SignedIn
from venterom.web.identity.errors import LogoutTaken
from venterom.web.identity.logout import Order
from venterom.web.identity.provider import Provider
from venterom.web.identity.roles import Door, Role
from venterom.web.identity.sealed import Keys

pytestmark = pytest.mark.adapter

NOW = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)
LATER = NOW + timedelta(minutes=5)
KEYS = Keys(KekRing("kek-1", {"kek-1": bytes(32)}), bytes(32))
PROVIDER = Provider(Door.PATIENT, "https://id.example", "venterom", BACK, CLIENT_KEY, (HIGH,), True)
OTHERS = (
    replace(PROVIDER, issuer="https://other.example"),
    replace(PROVIDER, client_id="another-client"),
)
SAID = SignedIn(Door.PATIENT, PROVIDER.issuer, "kari", HIGH, KARI.name, None, KARI.number, None)


async def comes(
    db: AsyncSession, subject: str, sid: str, provider: Provider = PROVIDER, now: datetime = NOW
) -> str:
    """The secret of a new sign-in that came from this session at the provider."""
    person = f"p-{subject}"
    if (await db.execute(text(f"SELECT 1 FROM person WHERE id = '{person}'"))).first() is None:
        await someone(db, person)
    session, secret = await sessions.open_session(db, now, person=person, role=Role.PATIENT)
    await ended.remember(db, KEYS, provider, session, replace(SAID, subject=subject, sid=sid))
    return secret


def order(subject: str = "", sid: str = "", token_id: str = "once") -> Order:
    return Order(subject, sid, token_id, NOW + timedelta(minutes=12))


async def alive(db: AsyncSession, *secrets: str) -> list[bool]:
    return [await sessions.find(db, LATER, secret) is not None for secret in secrets]


@pytest.mark.parametrize(
    ("said", "left"),
    [
        (order("kari", "one"), [False, True, True]),
        (order(sid="one"), [False, True, True]),
        (order("kari"), [False, False, True]),  # everywhere
        (order("per", "one"), [True, True, True]),  # the session is another's
        (order("nobody"), [True, True, True]),
        (order(sid="none"), [True, True, True]),
    ],
)
async def test_an_order_ends_what_it_names_and_nothing_else(
    db: AsyncSession, said: Order, left: list[bool]
) -> None:
    own, phone = await comes(db, "kari", "one"), await comes(db, "kari", "two")
    other = await comes(db, "per", "three")
    over = await ended.end(db, KEYS, PROVIDER, said, LATER)
    assert await alive(db, own, phone, other) == left
    assert len(over) == left.count(False)


async def test_a_sign_in_without_a_session_at_the_provider_ends_by_its_subject(
    db: AsyncSession,
) -> None:
    secret = await comes(db, "kari", "")
    assert await ended.end(db, KEYS, PROVIDER, order(sid="one"), LATER) == []
    assert len(await ended.end(db, KEYS, PROVIDER, order("kari", token_id="2"), LATER)) == 1
    assert await alive(db, secret) == [False]


@pytest.mark.parametrize("other", OTHERS)
async def test_one_provider_does_not_end_what_came_from_another(
    db: AsyncSession, other: Provider
) -> None:
    secret = await comes(db, "kari", "one")
    assert await ended.end(db, KEYS, other, order("kari", "one"), LATER) == []
    assert await alive(db, secret) == [True]


async def test_two_doors_behind_one_client_end_together(db: AsyncSession) -> None:
    doctor = await comes(db, "kari", "one", replace(PROVIDER, door=Door.DOCTOR))
    director = await comes(db, "kari", "one", replace(PROVIDER, door=Door.DIRECTOR))
    await ended.end(db, KEYS, PROVIDER, order(sid="one"), LATER)
    assert await alive(db, doctor, director) == [False, False]


async def test_an_order_is_carried_out_once_and_ends_nothing_that_came_later(
    db: AsyncSession,
) -> None:
    await comes(db, "kari", "one")
    await ended.end(db, KEYS, PROVIDER, order("kari"), NOW)
    back = await comes(db, "kari", "one", now=LATER)
    with pytest.raises(LogoutTaken):
        await ended.end(db, KEYS, PROVIDER, order("kari"), LATER)
    assert await alive(db, back) == [True]
    await ended.end(db, KEYS, OTHERS[0], order("kari"), LATER)  # its ids are its own


async def test_what_is_over_already_is_not_told_again(db: AsyncSession) -> None:
    await comes(db, "kari", "one")
    tomorrow = NOW + timedelta(days=1)
    assert await ended.end(db, KEYS, PROVIDER, order("kari"), tomorrow) == []


async def test_neither_subject_nor_session_nor_token_is_kept_in_the_clear(db: AsyncSession) -> None:
    await comes(db, "kari-at-the-provider", "session-at-the-provider")
    await ended.end(db, KEYS, PROVIDER, order("kari-at-the-provider", token_id="token-id"), LATER)
    for table in ("vouched_sign_in", "logout_taken"):
        row = str(tuple((await db.execute(text(f"SELECT * FROM {table}"))).one()))
        assert "provider" not in row and "token-id" not in row
