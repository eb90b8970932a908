"""The words. Bokmål stands in the pages and is the source; nynorsk and English are in words/*.po.

Times of day are shown as they are on a clock in Norway, whatever the server's own zone.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cache, lru_cache
from gettext import NullTranslations
from io import BytesIO
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from zoneinfo import ZoneInfo

from babel import dates, numbers
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations

WORDS = Path(__file__).parent / "words"
OSLO = ZoneInfo("Europe/Oslo")
SOURCE = "nb"
NORWEGIAN = "no"  # what some browsers still call it; bokmål, as that is what they mean
LOCALES = {"en": "en_GB"}  # the day before the month, as everybody here writes it
LANGUAGES = {"nb": "Bokmål", "nn": "Nynorsk", "en": "English"}
WISH = re.compile(r"([a-z]+)(?:-[a-z0-9]+)*(?: *; *q=([01](?:\.[0-9]*)?))?")  # nn-NO;q=0.8


def N_(message: str) -> str:  # noqa: N802, the name that gettext's tools look for
    """Mark a text for translation where it is written; the page translates it."""
    return message


@cache
def translations(language: str) -> NullTranslations:
    """The words of one language. Bokmål needs none: it is what is written in the pages."""
    if language == SOURCE:
        return NullTranslations()
    compiled = BytesIO()
    with (WORDS / f"{language}.po").open("rb") as file:
        write_mo(compiled, read_po(file, locale=language))
    compiled.seek(0)
    return Translations(compiled)


@lru_cache(maxsize=1 << 8)  # each part of a page asks, and browsers say few different things
def choose(cookie: str | None, accepted: str) -> str:
    """The language to speak: the chosen one, else what the browser likes best, else bokmål."""
    if cookie in LANGUAGES:
        return cookie
    known = [wish for wish in _wishes(accepted) if wish[0] in LANGUAGES and wish[1] > 0]
    return max(known, key=itemgetter(1), default=(SOURCE, 1.0))[0]


def _wishes(accepted: str) -> Iterator[tuple[str, float]]:
    """Each language that is asked for and its weight. What cannot be read is passed over."""
    for part in accepted.lower().split(","):
        if found := WISH.fullmatch(part.strip()):
            language, weight = found.groups()
            yield SOURCE if language == NORWEGIAN else language, float(weight or 1)


def today(now: datetime) -> date:
    """The day that it is in Norway."""
    return now.astimezone(OSLO).date()


def clock(at: datetime) -> str:
    """14:32"""
    return at.astimezone(OSLO).strftime("%H:%M")


def seconds(at: datetime) -> str:
    """14:32:07"""
    return at.astimezone(OSLO).strftime("%H:%M:%S")


def day(at: datetime | date, language: str) -> str:
    """tirsdag 24. november"""
    local = at.astimezone(OSLO) if isinstance(at, datetime) else at
    form = "EEEE d MMMM" if language == "en" else "EEEE d. MMMM"
    return dates.format_date(local, form, locale=language)


def by_day(moments: Iterable[datetime]) -> list[list[datetime]]:
    """Moments in order, those of one day in Norway together."""
    return [list(those) for _day, those in groupby(moments, key=today)]


def month(at: date, language: str) -> str:
    """november"""
    return dates.format_date(at, "LLLL", locale=language)


def percent(share: float | None, language: str) -> str:
    """99,1 %, and a dash for the share of nothing"""
    if share is None:
        return "–"
    form = "#,##0.#%" if language == "en" else "#,##0.#\u00a0%"
    return numbers.format_percent(share, form, locale=LOCALES.get(language, language))


def number(value: float, language: str) -> str:
    """2,5"""
    return numbers.format_decimal(value, "#,##0.#", locale=LOCALES.get(language, language))


def minutes_between(now: datetime, then: datetime) -> int:
    """Whole minutes from now until then, not below none."""
    # In UTC: two times of the same zone are subtracted as their clocks show them.
    return max(0, (then.astimezone(UTC) - now.astimezone(UTC)) // timedelta(minutes=1))


def minutes_since(now: datetime, then: datetime) -> int:
    """Whole minutes since then."""
    return minutes_between(then, now)


def short_date(at: datetime | date, language: str) -> str:
    """24. nov. 2026"""
    return _short_date(today(at) if isinstance(at, datetime) else at, language)


@lru_cache(maxsize=4_096)  # days, three languages of some years: a log names the same ones again
def _short_date(day: date, language: str) -> str:
    return dates.format_date(day, "medium", locale=LOCALES.get(language, language))
