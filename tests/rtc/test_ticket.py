"""A ticket opens one room, for one person, in one role, between two instants; nothing else does."""

import base64
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from venterom.rtc.errors import (
    TicketAltered,
    TicketError,
    TicketExpired,
    TicketForOtherVisit,
    TicketTooEarly,
)
from venterom.rtc.ticket import MAX_LENGTH, Role, Ticket, read, sign

KEY = bytes(range(32))
NOON = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)
TICKET = Ticket("visit-1", "person-1", Role.PATIENT, NOON, NOON + timedelta(minutes=30), "s1")


def test_a_ticket_says_who_may_come_where_and_when() -> None:
    assert read(sign(TICKET, KEY), KEY, visit="visit-1", now=NOON) == TICKET


@pytest.mark.parametrize(
    ("visit", "now", "error"),
    [
        ("visit-2", NOON, TicketForOtherVisit),  # another room
        ("visit-2", NOON - timedelta(1), TicketForOtherVisit),  # the room is looked at first
        ("visit-1", NOON - timedelta(seconds=1), TicketTooEarly),
        ("visit-1", NOON + timedelta(minutes=30), TicketExpired),  # the last instant is out
        ("visit-1", NOON + timedelta(days=900), TicketExpired),
    ],
)
def test_a_ticket_opens_no_other_room_and_no_other_time(
    visit: str, now: datetime, error: type[TicketError]
) -> None:
    with pytest.raises(error):
        read(sign(TICKET, KEY), KEY, visit=visit, now=now)


def test_the_last_second_is_in() -> None:
    now = TICKET.expires - timedelta(seconds=1)
    assert read(sign(TICKET, KEY), KEY, visit="visit-1", now=now) == TICKET


@given(place=st.integers(0, 200), character=st.sampled_from("ABCDabcd0123-_.="))
def test_no_character_of_a_ticket_can_be_changed(place: int, character: str) -> None:
    text = sign(TICKET, KEY)
    place %= len(text)
    altered = text[:place] + character + text[place + 1 :]
    if altered != text:
        with pytest.raises(TicketAltered):
            read(altered, KEY, visit="visit-1", now=NOON)


@pytest.mark.parametrize(
    "text",
    [
        "",
        ".",
        "a.b.c",
        "ikke en billett",
        "æ.ø",  # not ASCII
        "A.A",  # no whole byte
        "A" * (MAX_LENGTH + 1),
        sign(TICKET, KEY) + "=",  # a second way to write the same
        sign(TICKET, KEY).split(".")[0] + ".",
    ],
)
def test_what_is_no_ticket_is_altered(text: str) -> None:
    with pytest.raises(TicketAltered):
        read(text, KEY, visit="visit-1", now=NOON)


def test_another_key_or_another_role_is_another_ticket() -> None:
    with pytest.raises(TicketAltered):
        read(sign(TICKET, bytes(32)), KEY, visit="visit-1", now=NOON)
    body = sign(replace(TICKET, role=Role.DOCTOR), KEY).split(".")[0]
    signature = sign(TICKET, KEY).split(".")[1]
    with pytest.raises(TicketAltered):
        read(f"{body}.{signature}", KEY, visit="visit-1", now=NOON)


def test_a_short_key_is_refused_before_anything_is_signed() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        sign(TICKET, b"kort")


def test_the_signature_covers_a_label_so_that_it_means_nothing_elsewhere() -> None:
    import hashlib
    import hmac

    body, signature = sign(TICKET, KEY).split(".")
    raw = base64.urlsafe_b64decode(body + "==")
    bare = base64.urlsafe_b64encode(hmac.new(KEY, raw, hashlib.sha256).digest())
    assert bare.rstrip(b"=").decode() != signature
