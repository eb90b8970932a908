"""What is kept of a photograph: the picture, and nothing that stands beside it in the file."""

import random

import pytest

from tests.journal.jpegs import BARE, LOCATION, PLAIN, POINTS, SCAN, frame, photograph, segment
from venterom.journal import jpeg
from venterom.journal.errors import BadPicture


def test_what_is_not_the_picture_is_left_out() -> None:
    assert LOCATION in photograph() and b"a remark" in photograph()
    assert jpeg.clean(photograph()) == PLAIN


def test_a_clean_picture_stays_as_it_is() -> None:
    assert jpeg.clean(PLAIN) == PLAIN
    assert jpeg.clean(jpeg.clean(photograph())) == PLAIN


def test_which_colours_are_meant_stays_but_not_more_than_that() -> None:
    adobe = segment(0xEE, b"Adobe\x00\x64\x00\x00\x00\x00\x01")
    assert jpeg.clean(PLAIN[:2] + adobe + PLAIN[2:]) == PLAIN[:2] + adobe + PLAIN[2:]
    assert jpeg.clean(PLAIN[:2] + segment(0xEE, b"Adobe and where") + PLAIN[2:]) == PLAIN


def test_all_scans_of_one_that_comes_bit_by_bit_are_kept() -> None:
    table = segment(0xC4, b"t" * 9)
    two = BARE.replace(frame(), frame(marker=0xC2)) + SCAN + POINTS + table + SCAN + POINTS
    assert jpeg.clean(two + b"\xff\xd9") == two + b"\xff\xd9"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xd8",
        b"\xff\xd8\xff",
        b"\xff\xd8\xff\xd9",
        b"\x89PNG\r\n\x1a\n" + b"x" * 99,
        b"GIF89a" + PLAIN,
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        PLAIN[:-2],  # without an end
        BARE + b"\xff\xd9" * 0,
        BARE.replace(frame(), b"") + SCAN + POINTS + b"\xff\xd9",  # of no size
        BARE + frame() + SCAN + POINTS + b"\xff\xd9",  # of two sizes
        BARE.replace(frame(), frame(0, 480)) + SCAN + POINTS + b"\xff\xd9",
        BARE.replace(frame(), frame(65_000, 65_000)) + SCAN + POINTS + b"\xff\xd9",
        PLAIN[:2] + b"\xff\xe1\x00\x01" + PLAIN[2:],  # a length that cannot be
        PLAIN[:2] + b"\xff\xe1\xff\xff" + PLAIN[2:],  # past the end
    ],
)
def test_what_is_no_picture_is_refused(data: bytes) -> None:
    with pytest.raises(BadPicture):
        jpeg.clean(data)


def test_one_that_is_too_large_is_refused() -> None:
    room = jpeg.MOST_BYTES - len(PLAIN)
    most = PLAIN[:-2] + b"\x11" * room + b"\xff\xd9"
    assert len(most) == jpeg.MOST_BYTES and jpeg.clean(most) == most
    with pytest.raises(BadPicture, match="too_large"):
        jpeg.clean(most[:-2] + b"\x11\xff\xd9")


def test_whatever_comes_it_is_cleaned_or_refused() -> None:
    dice = random.Random(7)
    whole = photograph()
    for _ in range(3000):
        cut = bytearray(whole[: dice.randrange(len(whole) + 1)])
        for _ in range(dice.randrange(4)):
            if cut:
                cut[dice.randrange(len(cut))] = dice.randrange(256)
        try:
            kept = jpeg.clean(bytes(cut))
        except BadPicture:
            continue
        assert jpeg.clean(kept) == kept
