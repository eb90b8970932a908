"""Phrases in the database: whose they are, and who may change them."""

import asyncio

import pytest
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from tests.journal.make import NOON
from venterom.journal import phrases, phrasing
from venterom.journal.errors import BadPhrase, NoSuchPhrase

pytestmark = pytest.mark.adapter
ME, YOU = "dr-berg", "dr-dal"


async def keep(
    db: AsyncSession, key: str, *, doctor: str = ME, shared: bool = False, phrase: str = ""
) -> None:
    await phrasing.keep(
        db, NOON, doctor=doctor, key=key, text=f"{key} av {doctor}", shared=shared, phrase=phrase
    )


async def keys(db: AsyncSession, doctor: str = ME) -> list[str]:
    return [f"{each.key}/{each.owner}" for each in await phrasing.usable(db, doctor)]


async def test_what_is_kept_is_ones_own_until_it_is_shared(db: AsyncSession) -> None:
    await keep(db, ".Hals")
    await keep(db, "rygg", shared=True)
    assert await keys(db) == ["hals/dr-berg", "rygg/dr-berg"]
    assert await keys(db, YOU) == ["rygg/dr-berg"]


async def test_ones_own_may_have_the_key_of_a_shared_one_and_goes_first(db: AsyncSession) -> None:
    await keep(db, "hals", shared=True)
    await keep(db, "hals", doctor=YOU)
    assert await keys(db, YOU) == ["hals/dr-dal"]
    assert await keys(db, "a third") == ["hals/dr-berg"]


@pytest.mark.parametrize(("first", "then"), [((ME, False), (ME, True)), ((YOU, True), (ME, True))])
async def test_a_key_means_one_thing(
    db: AsyncSession, first: tuple[str, bool], then: tuple[str, bool]
) -> None:
    await keep(db, "hals", doctor=first[0], shared=first[1])
    with pytest.raises(BadPhrase) as caught:
        await keep(db, "hals", doctor=then[0], shared=then[1])
    assert caught.value.problems == {"key": "taken"}


async def test_only_the_owner_changes_or_removes_a_phrase(db: AsyncSession) -> None:
    await keep(db, "hals", shared=True)
    [made] = await phrasing.usable(db, YOU)
    with pytest.raises(NoSuchPhrase):
        await phrasing.of_doctor(db, YOU, made.id)
    with pytest.raises(NoSuchPhrase):
        await keep(db, "kne", doctor=YOU, phrase=made.id)
    await phrasing.remove(db, doctor=YOU, phrase=made.id)
    assert await keys(db) == ["hals/dr-berg"]
    await keep(db, "kne", phrase=made.id)
    await keep(db, "kne", phrase=made.id)  # its own key is not taken
    assert await keys(db, YOU) == []  # and it is not shared any more
    assert (await phrasing.of_doctor(db, ME, made.id)).text == "kne av dr-berg"
    for _ in range(2):
        await phrasing.remove(db, doctor=ME, phrase=made.id)
    assert await keys(db) == []


async def test_there_is_an_end_to_phrases(
    db: AsyncSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(phrases, "MOST", 1)
    await keep(db, "hals")
    with pytest.raises(BadPhrase) as caught:
        await keep(db, "kne")
    assert caught.value.problems == {"key": "too_many"}


async def test_two_who_share_a_key_at_once_are_one_too_many(
    session_factory: async_sessionmaker[AsyncSession],
) -> None:
    async def share(doctor: str) -> str:
        try:
            async with session_factory() as db, db.begin():
                await keep(db, "hals", doctor=doctor, shared=True)
        except BadPhrase as bad:
            return bad.problems["key"]
        return "kept"

    assert sorted(await asyncio.gather(share(ME), share(YOU))) == ["kept", "taken"]
