"""Photographs, put together from the segments that a JPEG is made of."""

LOCATION = b"Exif\x00\x00N59.9139 E10.7522 and a small copy"


def segment(marker: int, body: bytes) -> bytes:
    """A marker, its length and what it holds."""
    return bytes((0xFF, marker)) + (len(body) + 2).to_bytes(2, "big") + body


def frame(width: int = 640, height: int = 480, marker: int = 0xC0) -> bytes:
    """How large the picture is, in one colour."""
    sizes = height.to_bytes(2, "big") + width.to_bytes(2, "big")
    return segment(marker, b"\x08" + sizes + b"\x01\x01\x11\x00")


SCAN = segment(0xDA, b"\x01\x01\x00\x00\x3f\x00")
POINTS = b"\x12\xff\x00\x34\xff\xd0\x56"  # an escaped byte, and a restart
BARE = b"\xff\xd8" + segment(0xDB, b"q" * 65) + frame() + segment(0xC4, b"h" * 20)
PLAIN = BARE + SCAN + POINTS + b"\xff\xd9"


def photograph(salt: bytes = b"") -> bytes:
    """As a telephone makes it: with where it was, a remark, and something behind its end."""
    noted = segment(0xE0, b"JFIF\x00") + segment(0xE1, LOCATION) + segment(0xFE, b"a remark")
    return PLAIN[:2] + noted + PLAIN[2:-2] + salt + b"\xff\xd9<script>behind</script>"
