"""One value, one row of bytes; two values, two rows of bytes."""

import pytest

from venterom.journal.canonical import canonical, framed, sha256_hex


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"b": 1, "a": 2}, b'{"a":2,"b":1}'),  # sorted, no blanks
        ("bla\u030a", "bl\u00e5".encode().join([b'"', b'"'])),  # a + ring becomes å
        ({"a\u030a": None}, '{"\u00e5":null}'.encode()),  # keys too
        ((1, [True, "x"]), b'[1,[true,"x"]]'),  # a tuple is a list
    ],
)
def test_a_value_has_one_canonical_form(value: object, expected: bytes) -> None:
    assert canonical(value) == expected  # type: ignore[arg-type]  # the table holds all kinds


@pytest.mark.parametrize("value", [1.5, {"a": 1.0}, b"bytes", {1: "x"}, [object()]])
def test_what_could_be_written_in_two_ways_is_refused(value: object) -> None:
    with pytest.raises(TypeError):
        canonical(value)  # type: ignore[arg-type]  # that is the test


def test_framing_keeps_lists_apart_that_a_separator_would_not() -> None:
    assert framed(b"ab", b"c") != framed(b"a", b"bc") != framed(b"abc")
    assert framed() == b"" and framed(b"") == b"\0\0\0\0"


def test_hash_is_plain_sha256() -> None:
    assert sha256_hex(b"abc").startswith("ba7816bf8f01cfea")
