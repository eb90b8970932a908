"""The code at the foot of a paper."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from venterom.journal.errors import Unreadable
from venterom.journal.papers import code


@given(st.binary(min_size=16, max_size=16))
def test_what_is_written_is_read_however_it_is_typed(made: bytes) -> None:
    said = code.write(made)
    assert re.fullmatch(r"([0-9A-HJKMNP-TV-Z]{4}-){6}[0-9A-HJKMNP-TV-Z]{2}", said)
    messy = said.lower().replace("-", " ").replace("0", "o").replace("1", "l")
    assert code.read(said) == code.read(messy) == code.read(f"  {said}\n") == made


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "-",
        "0" * 25,
        "0" * 27,
        "U" * 26,
        "8" + "0" * 25,
        "Z" * 26,
        "0" * 10_000,
        "١" * 26,
        "é" * 26,
    ],
)
def test_what_is_no_code_is_none(typed: str) -> None:
    assert code.read(typed) is None


def test_the_database_alone_opens_nothing_and_a_change_is_seen() -> None:
    one, other = bytes(16), bytes(15) + b"\x01"
    sealed = code.seal(one, b"resept")
    assert code.unseal(one, sealed) == b"resept"
    assert code.name(one) != code.name(other) and one.hex() not in code.name(one)
    for key, data in ((other, sealed), (one, sealed[:-1] + bytes([sealed[-1] ^ 1]))):
        with pytest.raises(Unreadable):
            code.unseal(key, data)
