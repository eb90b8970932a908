"""A datagram is sorted by its first byte, as RFC 7983 7 has it."""

import pytest

from venterom.rtc.sorting import KINDS, Kind


@pytest.mark.parametrize(
    ("first", "last", "kind"),
    [
        (0, 3, Kind.CHECK),
        (4, 19, None),  # among them ZRTP
        (20, 63, Kind.HANDSHAKE),
        (64, 127, None),  # TURN channels, and nobody's
        (128, 191, Kind.MEDIA),
        (192, 255, None),
    ],
)
def test_each_first_byte_is_of_one_kind(first: int, last: int, kind: Kind | None) -> None:
    assert set(KINDS[first : last + 1]) == {kind}
    assert len(KINDS) == 256
