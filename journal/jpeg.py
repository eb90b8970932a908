"""A photograph as it may be kept: a JPEG, whole, with nothing in it but the picture.

Cameras write more into a file than what was seen: where, when, with which telephone, and a small
copy of the picture as it was before it was cut. All of that is left out, and so is what stands
behind the end. What is left is read segment by segment and never decoded.
"""

from dataclasses import dataclass

from venterom.journal.errors import BadPicture

MOST_BYTES = 5 * 1024 * 1024
MOST_POINTS = 100_000_000  # a hundred megapixels: more than any telephone's camera has
START, END, SCAN = 0xD8, 0xD9, 0xDA
FRAMES = {0xC0, 0xC1, 0xC2}  # baseline, extended, progressive: what browsers write and read
TABLES = {0xC4, 0xDB, 0xDD}  # Huffman tables, quantisation tables, restart interval
ADOBE = 0xEE  # which colours are meant; with any other length than this it says more than that
ADOBE_BYTES = 14
RESTARTS = range(0xD0, 0xD8)


@dataclass(frozen=True, slots=True)
class _Segment:
    """From the marker on; `end` is where the next one begins."""

    marker: int
    start: int
    end: int


def clean(data: bytes) -> bytes:
    """The same picture and nothing else. Raises BadPicture for what is none, or is too large."""
    if len(data) > MOST_BYTES:
        raise BadPicture("too_large")
    if data[:3] != b"\xff\xd8\xff":
        raise BadPicture("no_jpeg")
    kept = [data[:2]]
    at, frames = 2, 0
    while True:
        segment = _read(data, at)
        if segment.marker == END:
            break
        frames += _is_frame(data, segment)
        if _is_picture(segment):
            kept.append(data[segment.start : segment.end])
        at = segment.end
    if frames != 1:
        raise BadPicture("no_jpeg")
    return b"".join([*kept, bytes((0xFF, END))])


def _read(data: bytes, at: int) -> _Segment:
    if at + 2 > len(data) or data[at] != 0xFF:
        raise BadPicture("no_jpeg")
    marker = data[at + 1]
    if marker == END:
        return _Segment(marker, at, at + 2)
    length = int.from_bytes(data[at + 2 : at + 4], "big")
    end = at + 2 + length
    if length < 2 or end > len(data):
        raise BadPicture("no_jpeg")
    return _Segment(marker, at, _after_scan(data, end) if marker == SCAN else end)


def _after_scan(data: bytes, at: int) -> int:
    """Where the coded points end: at the first marker that is no restart and no escaped byte."""
    while (at := data.find(b"\xff", at)) >= 0:
        follows = data[at + 1 : at + 2]
        if follows and follows[0] != 0 and follows[0] not in RESTARTS and follows[0] != 0xFF:
            return at
        at += 1 if follows[:1] == b"\xff" else 2
    raise BadPicture("no_jpeg")


def _is_frame(data: bytes, segment: _Segment) -> bool:
    if segment.marker not in FRAMES:
        return False
    height = int.from_bytes(data[segment.start + 5 : segment.start + 7], "big")
    width = int.from_bytes(data[segment.start + 7 : segment.start + 9], "big")
    if not 0 < width * height <= MOST_POINTS:
        raise BadPicture("too_large")
    return True


def _is_picture(segment: _Segment) -> bool:
    if segment.marker == ADOBE:
        return segment.end - segment.start == 2 + ADOBE_BYTES
    return segment.marker in {SCAN, *FRAMES, *TABLES}
