"""Requests that name themselves: one answer for each, and none for another's."""

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from tests.queue.make import NOON
from venterom.queue import requests
from venterom.queue.errors import BadKey, KeyReused


@pytest.mark.parametrize(
    ("header", "key"),
    [("", ""), ("8e03978e-40d5", "8e03978e-40d5"), ('"8e03978e-40d5"', "8e03978e-40d5")],
)
def test_a_key_stands_with_or_without_quotes(header: str, key: str) -> None:
    assert requests.key_in(header) == key


@pytest.mark.parametrize("header", ["a b", '""', "å", "k" * 256, "a\x00"])
def test_what_is_no_key_is_refused(header: str) -> None:
    with pytest.raises(BadKey):
        requests.key_in(header)


@pytest.mark.adapter
async def test_the_same_request_gets_the_same_answer(db: AsyncSession) -> None:
    own = {"by": "p1", "key": "k"}
    assert await requests.answered(db, **own, wish="now") is None
    await requests.remember(db, NOON, **own, wish="now", visit="v1")
    await requests.remember(db, NOON, **own, wish="now", visit="v2")  # the first one counts
    assert await requests.answered(db, **own, wish="now") == "v1"
    with pytest.raises(KeyReused):
        await requests.answered(db, **own, wish="later")


@pytest.mark.adapter
async def test_a_key_is_its_own_persons(db: AsyncSession) -> None:
    await requests.remember(db, NOON, by="p1", key="k", wish="now", visit="v1")
    assert await requests.answered(db, by="p2", key="k", wish="now") is None


@pytest.mark.adapter
async def test_without_a_key_nothing_is_kept(db: AsyncSession) -> None:
    await requests.remember(db, NOON, by="p1", key="", wish="now", visit="v1")
    assert await requests.answered(db, by="p1", key="", wish="now") is None
