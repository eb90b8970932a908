"""Frames are sealed as RFC 9605 says, and it is known which have been seen."""

from collections.abc import AsyncGenerator

import pytest
import pytest_asyncio
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA512
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from playwright.async_api import Browser, Page

from tests.e2e.frames import BASE, DELTA_FRAME, FRAMES, KEY_FRAME
from tests.e2e.modules import modules, run

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

SUITE = 5  # AES_256_GCM_SHA512_128

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


@pytest_asyncio.fixture(scope="module", loop_scope="session")
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


# ---- the window

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
