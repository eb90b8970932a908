"""What was sent to us: taken as text, never lost when something is amiss, never trusted."""

import re
from collections.abc import Mapping
from datetime import date, time

from aiohttp import web
from aiohttp.http import HttpProcessingError

from venterom.web.strict import read_object
from venterom.web.text import N_

Form = Mapping[str, str]
Errors = dict[str, str]

EMPTY = N_("Skriv noe her.")
TOO_LONG = N_("Dette ble litt langt. Kort det ned til 500 tegn.")

BAD_POLICY_NUMBER = N_("Et polisenummer har 6–20 tegn: bokstaver, tall og bindestrek.")

# How systems end a line: browsers send the first, a program may send the second.
LINE_END = re.compile("\r\n|\r")
# What nobody types: control characters, but for tab and line feed, and halves of surrogate pairs.
UNTYPED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
CLOCK = re.compile(r"([0-9]{1,2})(?:[:.]?([0-9]{2}))?")
# What reading a body raises when it is not what its headers say.
UNREADABLE = (ValueError, LookupError, RuntimeError, HttpProcessingError)


async def posted(request: web.Request) -> Mapping[str, object]:
    """Every field of a posted form. Raises HTTPBadRequest for what cannot be read as one."""
    try:
        return await request.post()
    except UNREADABLE:
        raise web.HTTPBadRequest from None


async def read(request: web.Request, *names: str) -> Form:
    """The named fields of a posted form; one that was not sent is empty."""
    fields = await posted(request)
    return {name: as_text(fields.get(name)) for name in names}


async def read_json(request: web.Request) -> Mapping[str, object]:
    """The object that a script sent. Raises HTTPBadRequest for anything else."""
    try:
        return read_object(await request.read())
    except UNREADABLE:
        raise web.HTTPBadRequest from None


def line_number(text: str) -> int | None:
    """The number of a line of the log, as it stands in an address; None for what is none."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 16 else None


def read_date(text: str) -> date | None:
    """A date as people write it: 24.11.2019 or 2019-11-24."""
    day = text.strip()
    if "." in day:
        day = "-".join(part.zfill(2) for part in reversed(day.split(".")))
    try:
        return date.fromisoformat(day) if day.isascii() else None
    except ValueError:
        return None


def read_clock(text: str) -> time | None:
    """A time of day as people write it: 08:30, 8.30, 0830 or 8."""
    typed = CLOCK.fullmatch(text.strip())
    if typed is None:
        return None
    hour, minute = int(typed[1]), int(typed[2] or 0)
    return time(hour, minute) if hour < 24 and minute < 60 else None


def as_text(value: object) -> str:
    """What was typed, with one form of line ends; a file, a number or nothing, where a text was
    asked for, is nothing."""
    return UNTYPED.sub("", LINE_END.sub("\n", value)) if isinstance(value, str) else ""
