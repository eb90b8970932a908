"""A calendar file for one booked time, as RFC 5545 wants it. It says nothing about health.

Times are in UTC, so that the file needs no time zones of its own and every calendar shows its own
clock. The file of a moved time has the same UID and a higher SEQUENCE, which is the minute in which
it was made, and so replaces the one before.
"""

from collections.abc import Iterator
from datetime import UTC, datetime

KIND = "text/calendar"
MOST = 75  # octets of a line, without its end (RFC 5545 3.1)
BEFORE = "-PT10M"  # when the calendar reminds: long enough to find a quiet place

_ESCAPED = {"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n"}  # 3.3.11


def appointment(
    *, uid: str, now: datetime, begins: datetime, ends: datetime, summary: str, description: str
) -> bytes:
    """The file, with the words in the reader's language."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Venterom//Venterom//NO",
        "METHOD:PUBLISH",
        "BEGIN:VEVENT",
        f"UID:{uid}",
        f"DTSTAMP:{_utc(now)}",
        f"SEQUENCE:{int(now.timestamp()) // 60}",
        f"DTSTART:{_utc(begins)}",
        f"DTEND:{_utc(ends)}",
        f"SUMMARY:{_text(summary)}",
        f"DESCRIPTION:{_text(description)}",
        "CLASS:PRIVATE",
        "BEGIN:VALARM",
        "ACTION:DISPLAY",
        f"DESCRIPTION:{_text(summary)}",
        f"TRIGGER:{BEFORE}",
        "END:VALARM",
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    return b"".join(b"\r\n ".join(_folded(line)) + b"\r\n" for line in lines)


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _text(words: str) -> str:
    return "".join(_ESCAPED.get(each, each) for each in words)


def _folded(line: str) -> Iterator[bytes]:
    """The line in parts that are short enough; no character is cut in two."""
    part = b""
    room = MOST
    for character in line:
        octets = character.encode()
        if len(part) + len(octets) > room:
            yield part
            part, room = b"", MOST - 1  # each part but the first has a blank before it
        part += octets
    yield part
