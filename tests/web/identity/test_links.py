"""A link leads one person to one visit, and says nothing to anybody else."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from venterom.web.identity import links
from venterom.web.identity.errors import LinkExpired, LinkFinished, LinkForOther, LinkUnknown
from venterom.web.identity.lives import Session
from venterom.web.identity.roles import Role

pytestmark = pytest.mark.adapter

NOW = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)
LATER = NOW + timedelta(minutes=45)
KEY = bytes(range(32))


def session(person: str = "kari", hashed: str = "s1") -> Session:
    return Session(hashed, person, Role.PATIENT, NOW, NOW, None, LATER)


async def issued(db: AsyncSession, visit: str = "v1") -> str:
    return await links.issue(db, NOW, KEY, visit=visit, person="kari", expires=LATER)


async def states(db: AsyncSession) -> list[tuple[str, str | None]]:
    rows = await db.execute(text("SELECT state, bound_session FROM link"))
    return [(row.state, row.bound_session) for row in rows]


async def redeem(
    db: AsyncSession, token: str, who: Session | None = None, now: datetime = NOW
) -> str:
    return await links.redeem(db, now, KEY, token=token, session=who or session())


async def test_the_invited_person_comes_to_the_visit_and_the_link_is_bound(
    db: AsyncSession,
) -> None:
    token = await issued(db)
    assert await states(db) == [("issued", None)]
    assert await redeem(db, token) == "v1"
    assert await states(db) == [("bound", "s1")]


async def test_the_secret_is_stored_nowhere_and_has_256_bits(db: AsyncSession) -> None:
    token = await issued(db)
    row = (await db.execute(text("SELECT * FROM link"))).one()
    assert token not in map(str, row)
    assert len(token) == 43


async def test_the_same_person_may_come_again_from_another_sign_in(db: AsyncSession) -> None:
    token = await issued(db)
    await redeem(db, token)
    assert await redeem(db, token, session(hashed="s2"), LATER - timedelta(seconds=1)) == "v1"
    assert await states(db) == [("bound", "s2")]


async def test_somebody_else_is_refused_and_uses_nothing_up(db: AsyncSession) -> None:
    token = await issued(db)
    with pytest.raises(LinkForOther):
        await redeem(db, token, session("per"))
    assert await states(db) == [("issued", None)]
    assert await redeem(db, token) == "v1"
    with pytest.raises(LinkForOther):
        await redeem(db, token, session("per"))
    assert await states(db) == [("bound", "s1")]


@pytest.mark.parametrize("wrong", ["", "x" * 43, "x" * 10_000, "å", "\ud800", "\x00"])
async def test_an_altered_link_is_unknown(db: AsyncSession, wrong: str) -> None:
    await issued(db)
    with pytest.raises(LinkUnknown):
        await redeem(db, wrong)


async def test_every_single_changed_character_makes_it_unknown(db: AsyncSession) -> None:
    token = await issued(db)
    for place in range(len(token)):
        other = "A" if token[place] != "A" else "B"
        with pytest.raises(LinkUnknown):
            await redeem(db, token[:place] + other + token[place + 1 :])


async def test_another_key_makes_it_unknown(db: AsyncSession) -> None:
    token = await issued(db)
    with pytest.raises(LinkUnknown):
        await links.redeem(db, NOW, bytes(32), token=token, session=session())


async def test_a_link_expires(db: AsyncSession) -> None:
    token = await issued(db)
    with pytest.raises(LinkExpired):
        await redeem(db, token, now=LATER)


async def test_a_bound_link_expires_too(db: AsyncSession) -> None:
    token = await issued(db)
    await redeem(db, token)
    with pytest.raises(LinkExpired):
        await redeem(db, token, now=LATER)


async def test_links_to_a_finished_visit_lead_nowhere(db: AsyncSession) -> None:
    mine, again, other = await issued(db), await issued(db), await issued(db, "v2")
    await redeem(db, mine)
    await links.close_for_visit(db, "v1")
    for token in (mine, again):
        with pytest.raises(LinkFinished):
            await redeem(db, token)
    assert await redeem(db, other) == "v2"


async def test_whose_link_it_is_comes_before_how_the_visit_goes(db: AsyncSession) -> None:
    token = await issued(db)
    await links.close_for_visit(db, "v1")
    with pytest.raises(LinkForOther):
        await redeem(db, token, session("per"), LATER)


async def test_how_many_lead_to_a_visit_and_until_when(db: AsyncSession) -> None:
    assert await links.of_visit(db, NOW, "v1") == links.Links(0, None)
    await issued(db)
    token = await issued(db)
    await issued(db, "v2")
    await redeem(db, token)
    assert await links.of_visit(db, NOW, "v1") == links.Links(2, LATER)
    assert await links.of_visit(db, LATER, "v1") == links.Links(0, None)
    await links.close_for_visit(db, "v1")
    assert await links.of_visit(db, NOW, "v1") == links.Links(0, None)
    assert await links.of_visit(db, NOW, "v2") == links.Links(1, LATER)


async def test_that_somebody_else_came_is_told_once_and_changes_nothing_else(
    db: AsyncSession,
) -> None:
    token = await issued(db)
    told = [await links.tried_by_other(db, NOW, KEY, token=token) for _ in range(3)]
    assert told == [links.LinkTriedByOther("v1"), None, None]
    assert await states(db) == [("issued", None)]
    assert await redeem(db, token) == "v1"


async def test_nobody_is_told_of_a_link_that_is_dead_or_none(db: AsyncSession) -> None:
    token = await issued(db)
    assert await links.tried_by_other(db, NOW, KEY, token="A" * 43) is None
    assert await links.tried_by_other(db, LATER, KEY, token=token) is None
    await links.close_for_visit(db, "v1")
    assert await links.tried_by_other(db, NOW, KEY, token=token) is None
