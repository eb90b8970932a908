"""Frames for the tests of what the worker does with them: hexadecimal digits, sealed by a page."""

BASE = "000102030405060708090a0b0c0d0e0f"  # the secret of RFC 9605's own examples
KEY_FRAME = "10" + "22" * 19  # the lowest bit of VP8's first byte says that it is none
DELTA_FRAME = "11" + "22" * 19

# `given.frames`: (kind, bytes) of one sender, sealed one after the other.
FRAMES = """
    const ring = new keyring.Keyring();
    await ring.sendWith(await baseOf(given.base), BigInt(given.kid));
    const sealed = [];
    for (const [kind, frame] of given.frames) sealed.push(hex(await ring.seal(kind, unhex(frame))));
    return sealed;
"""
