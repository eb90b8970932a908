"""Sessions on the server: new at each sign-in, revocable, and worthless to a thief of the table."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from venterom.web.identity import sessions
from venterom.web.identity.lives import Session
from venterom.web.identity.roles import PersonKind, Role
from venterom.web.identity.tables import PersonRow

pytestmark = pytest.mark.adapter

NOW = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


async def someone(db: AsyncSession, person: str = "p1") -> str:
    db.add(
        PersonRow(
            id=person,
            kind=PersonKind.PATIENT,
            number_index=person,
            key_id="1",
            nonce=bytes(12),
            sealed=b"",
            created=NOW,
        )
    )
    await db.flush()
    return person


async def signed_in(db: AsyncSession, replaces: str = "") -> tuple[Session, str]:
    if await db.get(PersonRow, "p1") is None:
        await someone(db)
    return await sessions.open_session(db, NOW, person="p1", role=Role.PATIENT, replaces=replaces)


async def test_the_secret_finds_the_session_and_is_stored_nowhere(db: AsyncSession) -> None:
    session, secret = await signed_in(db)
    assert await sessions.look_up(db, NOW, secret) == session
    assert len(secret) == 43
    row = (await db.execute(text("SELECT * FROM session"))).one()
    assert secret not in map(str, row)


@pytest.mark.parametrize("wrong", ["", "x" * 43, "å", "\ud800", "' OR 1=1 --"])
async def test_another_secret_finds_nothing(db: AsyncSession, wrong: str) -> None:
    await signed_in(db)
    assert await sessions.look_up(db, NOW, wrong) is None


async def test_the_id_of_a_session_is_not_its_secret(db: AsyncSession) -> None:
    session, _ = await signed_in(db)
    assert await sessions.look_up(db, NOW, session.id) is None


async def test_signing_in_again_ends_the_session_that_the_browser_came_with(
    db: AsyncSession,
) -> None:
    _, planted = await signed_in(db)
    _, fresh = await signed_in(db, replaces=planted)
    assert fresh != planted
    assert await sessions.look_up(db, NOW, planted) is None
    assert await sessions.look_up(db, NOW, fresh) is not None


async def test_idle_sessions_die_and_used_ones_live(db: AsyncSession) -> None:
    _, secret = await signed_in(db)
    for use in range(1, 6):
        assert await sessions.look_up(db, NOW + use * 19 * MINUTE, secret) is not None
    assert await sessions.look_up(db, NOW + (95 + 20) * MINUTE, secret) is None


async def test_the_last_use_is_written_at_most_once_a_minute(db: AsyncSession) -> None:
    _, secret = await signed_in(db)
    await sessions.look_up(db, NOW + timedelta(seconds=59), secret)
    found = await sessions.find(db, NOW + timedelta(seconds=59), secret)
    assert found is not None
    assert found.last_seen == NOW
    await sessions.look_up(db, NOW + MINUTE, secret)
    found = await sessions.find(db, NOW + MINUTE, secret)
    assert found is not None
    assert found.last_seen == NOW + MINUTE


async def test_finding_alone_is_no_use(db: AsyncSession) -> None:
    _, secret = await signed_in(db)
    assert await sessions.find(db, NOW + 19 * MINUTE, secret) is not None
    assert await sessions.find(db, NOW + 20 * MINUTE, secret) is None


async def test_who_waits_is_not_signed_out_while_the_phone_is_locked(db: AsyncSession) -> None:
    session, secret = await signed_in(db)
    await sessions.keep(db, session.id, NOW + 50 * MINUTE)
    assert await sessions.find(db, NOW + 49 * MINUTE, secret) is not None
    assert await sessions.find(db, NOW + 50 * MINUTE, secret) is None


async def test_signing_out_ends_one_session_and_everywhere_ends_all_of_one_person(
    db: AsyncSession,
) -> None:
    one, first = await signed_in(db)
    _, second = await signed_in(db)
    await someone(db, "p2")
    _, other = await sessions.open_session(db, NOW, person="p2", role=Role.PATIENT)
    await sessions.revoke(db, NOW, one.id)
    assert await sessions.look_up(db, NOW, first) is None
    assert await sessions.look_up(db, NOW, second) is not None
    await sessions.revoke_all(db, NOW, "p1")
    assert await sessions.look_up(db, NOW, second) is None
    assert await sessions.look_up(db, NOW, other) is not None


ENDED = "SELECT id FROM session WHERE revoked >= 0"
PLAN = {"sqlite": f"EXPLAIN QUERY PLAN {ENDED}", "postgresql": f"EXPLAIN {ENDED}"}


async def test_who_was_ended_is_found_by_an_index_not_by_reading_every_sign_in(
    db: AsyncSession,
) -> None:
    kind = db.get_bind().dialect.name
    if kind == "postgresql":
        await db.execute(text("SET LOCAL enable_seqscan = off"))  # of an empty table it is cheaper
    assert "session_revoked" in str((await db.execute(text(PLAN[kind]))).all())
