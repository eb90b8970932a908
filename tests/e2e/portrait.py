"""Somebody for the browser's invented camera: head and shoulders, drawn, breathing.

Chromium's own test picture flickers in green; a call of two such is no picture of a call.
"""

from collections.abc import Iterator
from math import cos, pi
from pathlib import Path

WIDTH, HEIGHT = 640, 360
FRAMES, RATE = 20, 10  # one breath, and how many pictures a second
BREATH = 3  # pixels

Colour = tuple[int, int, int]
DOCTOR: tuple[Colour, Colour] = ((222, 232, 232), (11, 85, 99))
PATIENT: tuple[Colour, Colour] = ((239, 226, 205), (138, 98, 66))


def write(path: Path, ground: Colour, person: Colour) -> Path:
    """A film of one breath, in the format that the browser plays in a circle (YUV4MPEG2)."""
    lifts = [round(BREATH * (1 - cos(2 * pi * n / FRAMES)) / 2) for n in range(FRAMES)]
    frames = {lift: _frame(ground, person, lift) for lift in set(lifts)}
    head = f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F{RATE}:1 Ip A1:1 C420jpeg\n".encode()
    path.write_bytes(head + b"".join(b"FRAME\n" + frames[lift] for lift in lifts))
    return path


def _frame(ground: Colour, person: Colour, lift: int) -> bytes:
    rows = [list(_row(y + lift)) for y in range(HEIGHT)]
    planes = bytearray()
    for plane, step in ((0, 1), (1, 2), (2, 2)):  # colour has half the rows and half the columns
        shades = (_yuv(ground)[plane], _yuv(person)[plane])
        planes += bytes(shades[there] for row in rows[::step] for there in row[::step])
    return bytes(planes)


def _row(y: int) -> Iterator[bool]:
    """Where in this row the person is."""
    for x in range(WIDTH):
        across = x - WIDTH / 2
        head = (across / 62) ** 2 + ((y - 140) / 78) ** 2 < 1
        neck = abs(across) < 28 and 140 < y < 260
        shoulders = (across / 150) ** 2 + ((y - 370) / 130) ** 2 < 1
        yield head or neck or shoulders


def _yuv(colour: Colour) -> tuple[int, int, int]:
    """Brightness and two differences of colour, as JPEG has them (ITU-R BT.601)."""
    red, green, blue = colour
    bright = 0.299 * red + 0.587 * green + 0.114 * blue
    return round(bright), round(128 + (blue - bright) * 0.564), round(128 + (red - bright) * 0.713)
