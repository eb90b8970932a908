"""An invitation is for one browser and one call, until the doctor or the clock ends it."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from tests.web.identity.test_people import KEYS
from venterom.web.identity import invitations
from venterom.web.identity.companions import GuestKind
from venterom.web.identity.errors import BadName, InvitationOver
from venterom.web.identity.invitations import LIVES, NAME_LENGTH, Invitation

pytestmark = pytest.mark.adapter

NOW = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)
KEY = bytes(range(32))


async def asked(db: AsyncSession, name: str = "Anna Tolkeprøve", visit: str = "v1") -> str:
    return await invitations.invite(
        db, KEYS, KEY, NOW, visit=visit, by="d1", kind=GuestKind.INTERPRETER, name=name
    )


async def opened(db: AsyncSession, token: str, browser: str = "", now: datetime = NOW) -> str:
    return await invitations.redeem(db, KEY, now, token=token, browser=browser)


async def who(db: AsyncSession, browser: str, now: datetime = NOW) -> Invitation:
    return await invitations.of_browser(db, KEYS, KEY, now, browser=browser)


async def test_whoever_opens_the_link_is_known_by_name_and_not_let_in_yet(db: AsyncSession) -> None:
    guest = await who(db, await opened(db, await asked(db, "  Anna   Tolkeprøve ")))
    assert (guest.visit, guest.kind, guest.name) == ("v1", GuestKind.INTERPRETER, "Anna Tolkeprøve")
    assert (guest.invited_by, guest.is_let_in) == ("d1", False)
    assert await invitations.by_id(db, KEYS, NOW, guest.id) == guest


async def test_neither_link_nor_browser_nor_name_is_stored_in_clear(db: AsyncSession) -> None:
    token = await asked(db)
    browser = await opened(db, token)
    row = " ".join(map(str, (await db.execute(text("SELECT * FROM invitation"))).one()))
    assert len(token) == len(browser) == 43
    assert not any(secret in row for secret in (token, browser, "Anna", "Tolkeprøve"))


async def test_the_browser_that_opened_it_first_may_open_it_again_and_no_other(
    db: AsyncSession,
) -> None:
    token = await asked(db)
    browser = await opened(db, token)
    assert await opened(db, token, browser) == browser
    for other in ("", "x" * 43, browser[:-1]):
        with pytest.raises(InvitationOver):
            await opened(db, token, other)


async def test_who_is_let_in_stays_so_when_the_page_is_loaded_again(db: AsyncSession) -> None:
    browser = await opened(db, await asked(db))
    await invitations.let_in(db, NOW, visit="v1")
    assert (await who(db, browser)).is_let_in


async def test_nobody_is_let_in_before_somebody_has_come(db: AsyncSession) -> None:
    await asked(db)
    with pytest.raises(InvitationOver):
        await invitations.let_in(db, NOW, visit="v1")
    with pytest.raises(IntegrityError):
        await db.execute(text("UPDATE invitation SET let_in = 1"))


async def test_whoever_is_shown_out_is_out(db: AsyncSession) -> None:
    token = await asked(db)
    browser = await opened(db, token)
    guest = await who(db, browser)
    await invitations.end(db, NOW, visit="v1")
    for door in (
        opened(db, token, browser),
        who(db, browser),
        invitations.by_id(db, KEYS, NOW, guest.id),
        invitations.let_in(db, NOW, visit="v1"),
    ):
        with pytest.raises(InvitationOver):
            await door


async def test_a_visit_has_one_guest_and_the_next_takes_the_place(db: AsyncSession) -> None:
    first = await opened(db, await asked(db))
    second = await asked(db, "Olav Prøvesen")
    with pytest.raises(InvitationOver):
        await who(db, first)
    assert (await who(db, await opened(db, second))).name == "Olav Prøvesen"
    other = await opened(db, await asked(db, visit="v2"))
    assert (await who(db, other)).visit == "v2"


@pytest.mark.parametrize(
    ("after", "stands"), [(LIVES - timedelta(seconds=1), True), (LIVES, False), (2 * LIVES, False)]
)
async def test_an_invitation_ends_by_itself(
    db: AsyncSession, after: timedelta, stands: bool
) -> None:
    token = await asked(db)
    if stands:
        assert await opened(db, token, now=NOW + after)
    else:
        with pytest.raises(InvitationOver):
            await opened(db, token, now=NOW + after)


@pytest.mark.parametrize("name", ["", "   ", "x" * (NAME_LENGTH + 1), "Anna\u202e"])
async def test_a_name_that_is_none_invites_nobody(db: AsyncSession, name: str) -> None:
    with pytest.raises(BadName):
        await asked(db, name)
    assert (await db.execute(text("SELECT count(*) FROM invitation"))).scalar_one() == 0


@pytest.mark.parametrize("token", ["", "x" * 43, "å\udcff"])
async def test_a_secret_that_is_none_says_nothing(db: AsyncSession, token: str) -> None:
    await asked(db)
    with pytest.raises(InvitationOver):
        await opened(db, token)
