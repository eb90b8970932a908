"""Nothing but what was sealed is ever opened, and that once; without a key nothing is sent."""

from collections.abc import AsyncGenerator
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from tests.e2e.frames import BASE, DELTA_FRAME, FRAMES, KEY_FRAME
from tests.e2e.modules import modules, run

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def page(browser: Browser) -> AsyncGenerator[Page]:
    """Where the modules run."""
    async with modules(browser) as opened:
        yield opened


# `taken`: frames (kind, bytes, when) in the order of arriving; of each, whether it opened.
RECEIVE = """
    const ring = new keyring.Keyring();
    for (const [base, kid] of given.keys) await ring.receiveWith(await baseOf(base), BigInt(kid));
    const opened = [];
    for (const [kind, frame, now] of given.taken) {
        const plain = await ring.open(kind, unhex(frame), now);
        opened.push(plain && hex(plain));
    }
    const failing = [...ring.failing].map(([seat, {since, last}]) => [Number(seat), since, last]);
    return {opened, failing, counts: ring.counts};
"""


async def sealed_frames(page: Page, kid: int, number: int, base: str = BASE) -> list[str]:
    """So many sound frames of one sender."""
    frames = [("audio", f"78{n:04x}") for n in range(number)]
    found: list[str] = await run(page, FRAMES, {"base": base, "kid": kid, "frames": frames})
    return found


async def received(page: Page, keys: list[tuple[str, int]], *taken: tuple[str, str, float]) -> Any:
    """What became of frames that came one after the other."""
    return await run(page, RECEIVE, {"keys": keys, "taken": taken})


async def test_a_frame_opens_once_and_in_any_order(page: Page) -> None:
    one, two, three = await sealed_frames(page, 6, 3)
    taken = [("audio", each, 0) for each in (one, three, two, two, one, three)]
    found = await received(page, [(BASE, 6)], *taken)
    assert found["opened"] == ["780000", "780002", "780001", None, None, None]
    assert found["counts"]["refused"] == 3
    assert found["failing"] == []  # a replay is no reason for new keys


async def test_a_frame_that_comes_twice_at_the_same_time_opens_once(page: Page) -> None:
    [frame] = await sealed_frames(page, 6, 1)
    body = """
        const ring = new keyring.Keyring();
        await ring.receiveWith(await baseOf(given.base), 6n);
        const both = [1, 2].map(() => ring.open('audio', unhex(given.frame), 0));
        return (await Promise.all(both)).filter(Boolean).length;
    """
    assert await run(page, body, {"base": BASE, "frame": frame}) == 1


@pytest.mark.parametrize("kind", ["audio", "video"])
async def test_a_frame_of_which_one_bit_was_changed_does_not_open(page: Page, kind: str) -> None:
    frame = DELTA_FRAME if kind == "video" else "78" * 8
    given = {"base": BASE, "kid": 6, "frames": [(kind, frame)]}
    [sealed] = await run(page, FRAMES, given)
    whole = bytes.fromhex(sealed)
    changed = [
        (whole[:place] + bytes([whole[place] ^ 1 << bit]) + whole[place + 1 :]).hex()
        for place in range(len(whole))
        for bit in range(8)
    ]
    found = await received(page, [(BASE, 6)], *((kind, each, 0) for each in changed))
    assert set(found["opened"]) == {None}
    assert (await received(page, [(BASE, 6)], (kind, sealed, 0)))["opened"] == [frame]


@pytest.mark.parametrize("cut", range(1, 20))
async def test_a_frame_that_is_cut_off_does_not_open(page: Page, cut: int) -> None:
    [sealed] = await sealed_frames(page, 6, 1)
    found = await received(page, [(BASE, 6)], ("audio", sealed[: -2 * cut], 0))
    assert found["opened"] == [None]


async def test_sound_is_not_passed_off_as_picture(page: Page) -> None:
    # One byte of it is clear as sound, three are as a picture: the same frame, read as one.
    given = {"base": BASE, "kid": 6, "frames": [("audio", ""), ("video", "")]}
    sound, picture = await run(page, FRAMES, given)
    taken = [("video", sound, 0), ("audio", picture, 0)]
    assert (await received(page, [(BASE, 6)], *taken))["opened"] == [None, None]


async def test_a_clear_frame_is_not_shown_as_if_it_had_been_sealed(page: Page) -> None:
    frames = [("video", KEY_FRAME, 0), ("video", DELTA_FRAME, 0), ("audio", "78" * 40, 0)]
    assert (await received(page, [(BASE, 6)], *frames))["opened"] == [None] * 3


async def test_the_wrong_key_opens_nothing_and_it_is_known_since_when(page: Page) -> None:
    frames = await sealed_frames(page, 6, 3)
    taken = [("audio", frame, when) for frame, when in zip(frames, (10, 20, 30), strict=True)]
    found = await received(page, [("ff" * 32, 6)], *taken)
    assert found["opened"] == [None] * 3
    assert found["failing"] == [[2, 10, 30]]  # key 6 is seat 2's


async def test_what_opens_ends_what_failed_before(page: Page) -> None:
    good, bad = await sealed_frames(page, 6, 1), await sealed_frames(page, 10, 1)
    taken = [("audio", bad[0], 10), ("audio", good[0], 20)]
    assert (await received(page, [(BASE, 6)], *taken))["failing"] == []


async def test_an_old_key_opens_what_was_under_way_and_then_nothing_more(page: Page) -> None:
    old, new = await sealed_frames(page, 6, 4), await sealed_frames(page, 10, 1)
    taken = [
        ("audio", old[0], 0),
        ("audio", new[0], 1000),  # from here on the old one has four seconds
        ("audio", old[1], 1001),
        ("audio", old[2], 4999),
        ("audio", old[3], 5000),
    ]
    found = await received(page, [(BASE, 6), (BASE, 10)], *taken)
    assert [frame is not None for frame in found["opened"]] == [True, True, True, True, False]


async def test_a_new_key_of_one_seat_ends_no_other_seats(page: Page) -> None:
    other, new = await sealed_frames(page, 5, 1), await sealed_frames(page, 10, 1)
    taken = [("audio", new[0], 0), ("audio", other[0], 99_000)]
    found = await received(page, [(BASE, 5), (BASE, 10)], *taken)
    assert None not in found["opened"]


async def test_without_a_key_nothing_is_sent(page: Page) -> None:
    body = """
        const ring = new keyring.Keyring();
        const sealed = [await ring.seal('video', unhex(given.frame))];
        await ring.sendWith(await baseOf(given.base), 6n);
        await ring.sendWith(null, 0n);
        sealed.push(await ring.seal('video', unhex(given.frame)));
        return [sealed, ring.counts.unsent];
    """
    given = {"base": BASE, "frame": KEY_FRAME}
    assert await run(page, body, given) == [[None, None], 2]


async def test_the_keys_of_somebody_who_has_left_open_nothing(page: Page) -> None:
    gone, here = await sealed_frames(page, 6, 1), await sealed_frames(page, 5, 1)
    body = """
        const ring = new keyring.Keyring();
        for (const kid of [5n, 6n]) await ring.receiveWith(await baseOf(given.base), kid);
        ring.forget(2n);
        const frames = given.frames.map((frame) => ring.open('audio', unhex(frame), 0));
        return (await Promise.all(frames)).map(Boolean);
    """
    given = {"base": BASE, "frames": [*gone, *here]}
    assert await run(page, body, given) == [False, True]
