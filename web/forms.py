"""What was typed into a form: taken as text, cut to size, never lost when something is amiss."""

import unicodedata
from collections.abc import Mapping
from datetime import date

from aiohttp import web

from venterom.web.text import N_

MAX_FIELD = 4_000  # characters; longer than any field's own limit, so that its message can be shown

Form = Mapping[str, str]
Errors = dict[str, str]

EMPTY = N_("Skriv noe her.")
TOO_LONG = N_("Dette ble litt langt. Kort det ned til 500 tegn.")


async def read(request: web.Request, *names: str) -> Form:
    """The named fields of a posted form; one that was not sent is empty."""
    posted = await request.post()
    return {name: _text(posted.get(name, "")) for name in names}


def read_date(text: str) -> date | None:
    """A date as people write it: 24.11.2019 or 2019-11-24."""
    day = text.strip()
    if "." in day:
        day = "-".join(part.zfill(2) for part in reversed(day.split(".")))
    try:
        return date.fromisoformat(day) if day.isascii() else None
    except ValueError:
        return None


def _text(value: object) -> str:
    if not isinstance(value, str):
        return ""  # a file where a text was asked for
    kept = value.replace("\r\n", "\n")[:MAX_FIELD]
    return "".join(c for c in kept if c in "\n\t" or unicodedata.category(c) not in {"Cc", "Cs"})
