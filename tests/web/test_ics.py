"""A calendar file is what RFC 5545 asks for, to the octet."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from venterom.web import ics

NOON = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)
LINK = "https://venterom.example.no/visit/abcdefghijklmnopqrstuv"


def file(
    now: datetime = NOON, begins: datetime = NOON, summary: str = "Videosamtale", text: str = LINK
) -> bytes:
    return ics.appointment(
        uid="v1@venterom",
        now=now,
        begins=begins,
        ends=begins + timedelta(minutes=15),
        summary=summary,
        description=text,
    )


def read(content: bytes) -> list[tuple[str, str]]:
    """Each property and its value, read as strictly as the standard is written."""
    assert content.endswith(b"\r\n") and not re.search(rb"(?<!\r)\n|\r(?!\n)", content)
    lines = content[:-2].split(b"\r\n")
    assert all(0 < len(line) <= 75 for line in lines)
    for line in lines:
        line.decode()  # no character is cut in two
    unfolded = content[:-2].replace(b"\r\n ", b"").decode().split("\r\n")
    return [(name, value) for name, _, value in (line.partition(":") for line in unfolded)]


def unescaped(value: str) -> str:
    """A text as it was meant (3.3.11)."""
    return re.sub(r"\\([\\;,nN])", lambda m: "\n" if m[1] in "nN" else m[1], value)


def test_a_file_holds_one_appointment_and_a_reminder() -> None:
    properties = read(file())
    assert properties == [
        ("BEGIN", "VCALENDAR"),
        ("VERSION", "2.0"),
        ("PRODID", "-//Venterom//Venterom//NO"),
        ("METHOD", "PUBLISH"),
        ("BEGIN", "VEVENT"),
        ("UID", "v1@venterom"),
        ("DTSTAMP", "20261124T110000Z"),
        ("SEQUENCE", str(int(NOON.timestamp()) // 60)),
        ("DTSTART", "20261124T110000Z"),
        ("DTEND", "20261124T111500Z"),
        ("SUMMARY", "Videosamtale"),
        ("DESCRIPTION", LINK),
        ("CLASS", "PRIVATE"),
        ("BEGIN", "VALARM"),
        ("ACTION", "DISPLAY"),
        ("DESCRIPTION", "Videosamtale"),
        ("TRIGGER", "-PT10M"),
        ("END", "VALARM"),
        ("END", "VEVENT"),
        ("END", "VCALENDAR"),
    ]


@pytest.mark.parametrize(
    ("begins", "written"),
    [
        ("2026-10-25T02:30:00+02:00", "20261025T003000Z"),  # the first half past two
        ("2026-10-25T02:30:00+01:00", "20261025T013000Z"),  # and the second
        ("2027-03-28T03:00:00+02:00", "20270328T010000Z"),
        ("2026-12-31T23:45:00+01:00", "20261231T224500Z"),
    ],
)
def test_an_instant_is_the_same_in_every_calendar(begins: str, written: str) -> None:
    properties = dict(read(file(begins=datetime.fromisoformat(begins))))
    assert properties["DTSTART"] == written


def test_a_later_file_goes_before_an_earlier_one() -> None:
    first, second = (dict(read(file(now))) for now in (NOON, NOON + timedelta(minutes=1)))
    assert first["UID"] == second["UID"]
    assert int(first["SEQUENCE"]) < int(second["SEQUENCE"]) < 2**31


@pytest.mark.parametrize("character", ["a", "æ", "€", "\U0001f553", ","])
def test_a_long_line_is_folded_between_characters(character: str) -> None:
    for length in range(60, 240):
        properties = dict(read(file(summary=character * length)))
        assert unescaped(properties["SUMMARY"]) == character * length


@given(st.text(st.characters(exclude_categories=["Cc", "Cs"], include_characters="\n")))
def test_any_words_come_out_as_they_went_in(words: str) -> None:
    properties = read(file(text=words, summary=f"{words};"))
    assert unescaped(next(v for name, v in properties if name == "DESCRIPTION")) == words
    assert unescaped(next(v for name, v in properties if name == "SUMMARY")) == f"{words};"
    assert len(properties) == 20
