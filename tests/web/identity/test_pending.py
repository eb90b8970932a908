"""A sign-in comes back once, in time, to the door and the browser that it began at."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from venterom.web.identity import pending
from venterom.web.identity.errors import SignInExpired, SignInUnknown
from venterom.web.identity.pending import Begun, Pending
from venterom.web.identity.roles import Door

pytestmark = pytest.mark.adapter

NOW = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)
LIFE = timedelta(minutes=10)


async def begin(db: AsyncSession, return_to: str = "/inn", browser: str = "") -> Begun:
    return await pending.begin(db, NOW, door=Door.PATIENT, return_to=return_to, browser=browser)


async def take(db: AsyncSession, begun: Begun, now: datetime = NOW) -> Pending:
    return await pending.take(db, now, door=Door.PATIENT, state=begun.state, browser=begun.browser)


async def test_what_was_remembered_comes_back_once(db: AsyncSession) -> None:
    begun = await begin(db)
    assert await take(db, begun) == Pending(begun.nonce, begun.verifier, "/inn")
    with pytest.raises(SignInUnknown):
        await take(db, begun)


async def test_all_four_secrets_are_different(db: AsyncSession) -> None:
    begun = await begin(db)
    assert len({begun.state, begun.nonce, begun.verifier, begun.browser}) == 4


async def test_neither_state_nor_browser_is_stored(db: AsyncSession) -> None:
    begun = await begin(db)
    cells = [str(cell) for cell in (await db.execute(text("SELECT * FROM pending_sign_in"))).one()]
    assert begun.state not in cells
    assert begun.browser not in cells


@pytest.mark.parametrize(
    ("door", "state", "browser"),
    [
        (Door.PATIENT, "x", None),  # a state that we did not make
        (Door.PATIENT, "", None),
        (Door.PATIENT, None, "x"),  # another browser: a planted sign-in
        (Door.PATIENT, None, ""),  # a browser without our cookie
        (Door.DOCTOR, None, None),  # begun at another door
    ],
)
async def test_what_was_not_begun_here_is_unknown_and_uses_nothing_up(
    db: AsyncSession, door: Door, state: str | None, browser: str | None
) -> None:
    begun = await begin(db)
    with pytest.raises(SignInUnknown):
        await pending.take(
            db,
            NOW,
            door=door,
            state=begun.state if state is None else state,
            browser=begun.browser if browser is None else browser,
        )
    assert (await take(db, begun)).nonce == begun.nonce


async def test_ten_minutes_are_enough_and_no_more(db: AsyncSession) -> None:
    in_time, late = await begin(db), await begin(db)
    await take(db, in_time, NOW + LIFE - timedelta(seconds=1))
    with pytest.raises(SignInExpired):
        await take(db, late, NOW + LIFE)


async def test_sign_ins_that_never_came_back_are_swept_out(db: AsyncSession) -> None:
    await begin(db)
    later = NOW + 3 * LIFE
    await pending.begin(db, later, door=Door.DOCTOR, return_to="/", browser="")
    rows = (await db.execute(text("SELECT door FROM pending_sign_in"))).scalars().all()
    assert rows == ["doctor"]


async def test_two_tabs_of_one_browser_may_sign_in_at_once(db: AsyncSession) -> None:
    one = await begin(db)
    other = await begin(db, browser=one.browser)
    assert other.browser == one.browser
    await take(db, other)
    await take(db, one)


async def test_a_cookie_that_is_none_of_ours_is_replaced(db: AsyncSession) -> None:
    assert (await begin(db, browser="short")).browser != "short"


async def test_where_to_go_back_to_is_a_path_of_ours(db: AsyncSession) -> None:
    begun = await begin(db, return_to="https://evil.example/")
    assert (await take(db, begun)).return_to == "/"


async def test_the_secrets_are_not_printed(db: AsyncSession) -> None:
    begun = await begin(db)
    assert begun.state not in repr(begun)
    assert begun.verifier not in repr(await take(db, begun))
