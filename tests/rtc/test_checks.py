"""Connectivity checks are believed when they know name and password, and answered only then."""

import base64
from struct import pack

import pytest
from aioice import stun
from hypothesis import given
from hypothesis import strategies as st

from venterom.rtc import checks

OURS, THEIRS, PASSWORD = "ours", "theirs", "a password of ours 123"
USERNAME = f"{OURS}:{THEIRS}"
HOST, PORT = "192.0.2.7", 4711


def check(
    user: str | None = USERNAME,
    password: str | None = PASSWORD,
    *,
    nominates: bool = False,
    method: stun.Method = stun.Method.BINDING,
    kind: stun.Class = stun.Class.REQUEST,
) -> bytes:
    """What a browser sends to find out whether we can be reached."""
    message = stun.Message(method, kind)
    if user is not None:
        message.attributes["USERNAME"] = user
    message.attributes |= {"PRIORITY": 1, "ICE-CONTROLLING": 1}
    if nominates:
        message.attributes["USE-CANDIDATE"] = None
    if password is not None:
        message.add_message_integrity(password.encode())
    return bytes(message)


@pytest.mark.parametrize("nominates", [False, True])
def test_who_knows_name_and_password_is_believed(nominates: bool) -> None:
    found = checks.read(check(nominates=nominates), USERNAME, PASSWORD)
    assert found is not None and found.nominates == nominates


@pytest.mark.parametrize(
    "data",
    [
        check(f"{OURS}:other"),
        check(f"{THEIRS}:{OURS}"),
        check(None),
        check(password=None),
        check(password="another password 1234"),
        check(method=stun.Method.ALLOCATE),
        check(kind=stun.Class.INDICATION),
        check(kind=stun.Class.RESPONSE),
        check()[:-1],
        check() + b"\0",
        check()[:-4] + bytes(4),  # the fingerprint is another one
        b"",
        base64.b64decode("LAQABQAAAAAA//8A5gAAAAAAAAAAGQAACg=="),  # a short attribute (W3)
    ],
    ids=str.split(
        "stranger turned nobody unproved forged other-method indication response short long"
        " damaged nothing malformed"
    ),
)
def test_nobody_else_is_believed(data: bytes) -> None:
    assert checks.read(data, USERNAME, PASSWORD) is None


def test_a_nomination_that_the_password_does_not_cover_is_none() -> None:
    message = stun.Message(stun.Method.BINDING, stun.Class.REQUEST)
    message.attributes["USERNAME"] = USERNAME
    message.add_message_integrity(PASSWORD.encode())
    message.attributes.pop("FINGERPRINT")
    message.attributes["USE-CANDIDATE"] = None  # behind the integrity
    found = checks.read(bytes(message), USERNAME, PASSWORD)
    assert found is not None and not found.nominates


@pytest.mark.parametrize(
    ("data", "user"),
    [
        (check(), OURS),
        (check(password=None), OURS),  # not believed, but named
        (check(OURS), OURS),  # without a second half
        (check("blå:x"), "bl\ufffd\ufffd"),
        (check(None), None),
        (check()[:19], None),
        (b"\0" * 40, None),  # not the cookie of STUN
        (check()[:24], ""),  # the name is cut off
    ],
    ids=str.split("proved unproved alone odd nobody short other-cookie cut"),
)
def test_whom_a_check_is_for_is_read_without_believing_it(data: bytes, user: str | None) -> None:
    assert checks.user(data) == user


def test_a_name_behind_other_attributes_is_found_and_one_beyond_the_end_is_not() -> None:
    head = pack("!HHL12x", 1, 0, stun.COOKIE)
    other = pack("!HH", 0x24, 5) + bytes(8)  # padded to four
    assert checks.user(head + other + pack("!HH", 6, 4) + b"abcd") == "abcd"
    assert checks.user(head + pack("!HH", 0x24, 65_535) + bytes(40)) is None


@pytest.mark.parametrize(
    ("host", "shown"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8::1", "2001:db8::1"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("fe80::1%eth0", "fe80::1"),
    ],
)
def test_an_answer_shows_where_one_comes_from_and_that_we_know_the_password(
    host: str, shown: str
) -> None:
    asked = checks.read(check(), USERNAME, PASSWORD)
    assert asked is not None
    told = stun.parse_message(checks.answer(asked, host, PORT, PASSWORD))
    assert told.message_class is stun.Class.RESPONSE
    assert told.transaction_id == asked.transaction
    assert told.attributes["XOR-MAPPED-ADDRESS"] == (shown, PORT)
    assert told.check_message_integrity(PASSWORD.encode())
    assert "FINGERPRINT" in told.attributes


def test_what_a_stranger_adds_behind_the_integrity_chooses_no_way() -> None:
    whole = check()[:80]  # up to its integrity; the rest is replaced, as long as it was
    added = (0x25).to_bytes(2, "big") + bytes(2) + bytes(4)  # USE-CANDIDATE, and one unknown
    read = checks.read(whole + added, USERNAME, PASSWORD)
    assert read is not None and not read.nominates


# What follows its integrity, from 80 on, is not covered by it.
@given(st.binary(max_size=200), st.integers(0, 76))
def test_no_datagram_makes_reading_fail(junk: bytes, at: int) -> None:
    for data in (junk, check()[:at] + junk, check()[:20] + junk):
        checks.user(data)
        assert checks.read(data, USERNAME, PASSWORD) is None
