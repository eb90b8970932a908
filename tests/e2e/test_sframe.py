"""Frames are sealed as RFC 9605 says, and nothing but what was sealed is ever opened."""

from collections.abc import AsyncGenerator
from typing import Any

import pytest
import pytest_asyncio
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA512
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from playwright.async_api import Browser, Page

from tests.e2e.modules import modules, run

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

SUITE = 5  # AES_256_GCM_SHA512_128
BASE = "000102030405060708090a0b0c0d0e0f"
KEY_FRAME = "10" + "22" * 19  # the lowest bit of VP8's first byte says that it is none
DELTA_FRAME = "11" + "22" * 19

# RFC 9605, appendix C.1: key number, counter, header.
HEADERS = [
    (0x0, 0x0, "00"),
    (0x0, 0x1, "01"),
    (0x0, 0xFF, "08ff"),
    (0x0, 0x100, "090100"),
    (0x1, 0xFFFFFFFFFFFFFFFF, "1fffffffffffffffff"),
    (0xFF, 0x0, "80ff"),
    (0xFF, 0xFF, "88ffff"),
    (0x100, 0x1, "910100"),
    (0x100, 0x100, "9901000100"),
]
# RFC 9605, appendix C.3, cipher suite 5.
SEALED = {
    "kid": 0x123,
    "counter": 0x4567,
    "salt": "84991c167b8cd23c93708ec7",
    "metadata": b"IETF SFrame WG".hex(),
    "plain": b"draft-ietf-sframe-enc".hex(),
    "sealed": "9901234567"
    "94f509d36e9beacb0e261d99c7d1e972f1fed787d4049f17ca21353c1cc24d56ceabced279",
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def page(browser: Browser) -> AsyncGenerator[Page]:
    """Where the modules run."""
    async with modules(browser) as opened:
        yield opened


def header_of(kid: int, counter: int) -> str:
    """A header by a second hand: this page shares no code with the browser's."""
    bits, more = zip(*(_field(number) for number in (kid, counter)), strict=True)
    return f"{bits[0] << 4 | bits[1]:02x}{more[0]}{more[1]}"


def _field(number: int) -> tuple[int, str]:
    if number < 8:
        return number, ""
    length = (number.bit_length() + 7) // 8
    return 8 | (length - 1), number.to_bytes(length, "big").hex()


def cipher_of(base: bytes, kid: int, counter: int) -> tuple[AESGCM, bytes]:
    """Key and nonce of a frame by a second hand."""
    end = kid.to_bytes(8, "big") + SUITE.to_bytes(2, "big")
    key = HKDF(SHA512(), 32, None, b"SFrame 1.0 Secret key " + end).derive(base)
    salt = HKDF(SHA512(), 12, None, b"SFrame 1.0 Secret salt " + end).derive(base)
    nonce = int.from_bytes(salt, "big") ^ counter
    return AESGCM(key), nonce.to_bytes(12, "big")


# ---- the header

WRITE = "return given.map(([k, c]) => hex(sframe.writeHeader(BigInt(k), BigInt(c))));"
READ = """return given.map((text) => {
    const found = sframe.readHeader(unhex(text));
    return found && [String(found.kid), String(found.counter), found.length];
});"""


def texts(numbers: list[tuple[int, int]]) -> list[list[str]]:
    """Numbers of 64 bits, which JavaScript reads from text only."""
    return [[str(kid), str(counter)] for kid, counter in numbers]


async def test_headers_are_those_of_the_rfc(page: Page) -> None:
    numbers = [(kid, counter) for kid, counter, _ in HEADERS]
    assert await run(page, WRITE, texts(numbers)) == [header for _, _, header in HEADERS]


async def test_every_length_of_both_numbers_is_written_and_read(page: Page) -> None:
    edges = [0, 1, 7, 8, *(n for k in range(1, 9) for n in (256**k - 1, 256**k) if n < 2**64)]
    numbers = [(kid, counter) for kid in edges for counter in edges]
    written = await run(page, WRITE, texts(numbers))
    assert written == [header_of(*pair) for pair in numbers]
    read = await run(page, READ, [header + "ff" for header in written])
    assert read == [
        [str(kid), str(counter), len(header) // 2]
        for (kid, counter), header in zip(numbers, written, strict=True)
    ]


@pytest.mark.parametrize(
    "text",
    ["", "08", "80", "88ff", "9f01", "0807", "8007", "090001", "90000f"],
    ids=lambda text: text or "nothing",
)
async def test_a_header_that_is_cut_off_or_longer_than_it_has_to_be_is_none(
    page: Page, text: str
) -> None:
    assert await run(page, READ, [text]) == [None]


# ---- one frame

SEAL = """
    const key = await sframe.frameKey(await baseOf(given.base), BigInt(given.kid), 'encrypt');
    const parts = [unhex(given.metadata), unhex(given.plain)];
    const sealed = await sframe.seal(key, BigInt(given.counter), ...parts);
    return [hex(key.salt), hex(sealed)];
"""
OPEN = """
    const key = await sframe.frameKey(await baseOf(given.base), BigInt(given.kid), 'decrypt');
    return hex(await sframe.open(key, unhex(given.metadata), unhex(given.sealed)));
"""


async def test_a_frame_is_sealed_and_opened_as_in_the_rfc(page: Page) -> None:
    given = {"base": BASE, **SEALED}
    assert await run(page, SEAL, given) == [SEALED["salt"], SEALED["sealed"]]
    assert await run(page, OPEN, given) == SEALED["plain"]


FRAMES = """
    const ring = new keyring.Keyring();
    await ring.sendWith(await baseOf(given.base), BigInt(given.kid));
    const sealed = [];
    for (const [kind, frame] of given.frames) sealed.push(hex(await ring.seal(kind, unhex(frame))));
    return sealed;
"""


@pytest.mark.parametrize(
    ("kind", "frame", "clear"),
    [
        ("video", KEY_FRAME, 10),
        ("video", DELTA_FRAME, 3),
        ("audio", KEY_FRAME, 1),
        ("audio", "78", 1),  # nothing but the first byte of Opus
        ("audio", "", 0),
        ("video", "10aabb", 3),  # shorter than a key frame's beginning
    ],
)
async def test_only_what_the_packetiser_has_to_read_stays_clear(
    page: Page, kind: str, frame: str, clear: int
) -> None:
    given = {"base": BASE, "kid": 6, "frames": [(kind, frame)]}
    [sealed] = [bytes.fromhex(each) for each in await run(page, FRAMES, given)]
    plain, header = bytes.fromhex(frame), bytes.fromhex(header_of(6, 0))
    assert sealed.startswith(plain[:clear] + header)
    assert len(sealed) == len(plain) + len(header) + 16
    aes, nonce = cipher_of(bytes.fromhex(BASE), 6, 0)
    metadata = header + kind.encode() + plain[:clear]
    assert aes.decrypt(nonce, sealed[clear + len(header) :], metadata) == plain[clear:]
    with pytest.raises(InvalidTag):
        aes.decrypt(nonce, sealed[clear + len(header) :], header + plain[:clear])


async def test_sound_and_picture_of_one_sender_never_share_a_counter(page: Page) -> None:
    frames = [("audio", "78" * 20), ("video", DELTA_FRAME)] * 6
    sealed = await run(page, FRAMES, {"base": BASE, "kid": 6, "frames": frames})
    counters = [
        (await run(page, READ, [each[2 if kind == "audio" else 6 :]]))[0][1]
        for (kind, _), each in zip(frames, sealed, strict=True)
    ]
    assert counters == [str(number) for number in range(12)]


# ---- what is not opened

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


WINDOW = """
    const seen = new sframe.ReplayWindow();
    for (const counter of given.seen) seen.add(BigInt(counter));
    return given.asked.map((counter) => seen.has(BigInt(counter)));
"""


@pytest.mark.parametrize(
    ("seen", "fresh", "old"),
    [
        ([], [0, 5, 2**40], []),
        ([0], [1], [0]),
        ([5, 3], [4, 6, 0], [5, 3]),
        ([2000], [2001, 1999, 977], [2000, 976, 0]),  # 1,024 frames behind is too old
        ([1, 2**50], [2**50 - 1, 2**50 - 1023], [2**50, 2**50 - 1024, 1]),
        ([0, 1024], [1, 1023, 1025], [0, 1024]),
    ],
)
async def test_the_window_knows_what_was_seen_and_what_is_too_old(
    page: Page, seen: list[int], fresh: list[int], old: list[int]
) -> None:
    given = {"seen": [str(n) for n in seen], "asked": [str(n) for n in fresh + old]}
    assert await run(page, WINDOW, given) == [False] * len(fresh) + [True] * len(old)


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
