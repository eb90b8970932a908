"""What an insurer's own clerks and programs have looked up: for the insurer's own control."""

import asyncio
from dataclasses import dataclass
from datetime import date

from aiohttp import web

from venterom.queue.coverage import looked
from venterom.queue.coverage.usage import Month, months_over
from venterom.web import sheets
from venterom.web.identity import people
from venterom.web.keys import IDENTITY_KEYS
from venterom.web.pages import language, page
from venterom.web.portal.desk import at_desk, month_of
from venterom.web.sheets import CSV, Sheet
from venterom.web.text import N_, today, translations
from venterom.web.work import Unit, look

HERE = "/insurer/log"
MOST = 200  # lines on the page; the file has all of them
TITLE = N_("Oppslag")
HEADINGS = (N_("Dag"), N_("Hvem"), N_("Polisenummer"), N_("Ganger"))
PROGRAM = N_("Systemet %(name)s")


@dataclass(frozen=True, slots=True)
class Line:
    """On a day, a colleague or a program looked up a number, so many times."""

    day: date
    clerk: str  # by name
    program: bool
    number: str
    times: int


async def log(request: web.Request) -> web.Response:
    """GET /insurer/log and /insurer/log/{month}: the latest lines of this month, or of another."""
    _clerk, insurer = at_desk(request)
    async with look(request.app) as unit:
        running = Month.of(today(unit.now))
        asked = month_of(request) if "month" in request.match_info else running
        lines = await _lines(request, unit, insurer, asked, MOST + 1)
        choices = (running, *reversed(months_over(today(unit.now))))
    return page(
        request,
        "insurer/log.html",
        insurer=insurer,
        month=asked,
        months=choices,
        lines=lines[:MOST],
        more=len(lines) > MOST,
        here=HERE,
    )


async def as_csv(request: web.Request) -> web.Response:
    """GET /insurer/log/{month}/look-ups.csv: all of a month."""
    _clerk, insurer = at_desk(request)
    asked = month_of(request)
    async with look(request.app) as unit:
        lines = await _lines(request, unit, insurer, asked, None)
    say = translations(language(request)).gettext
    rows = [
        (
            line.day.isoformat(),
            say(PROGRAM) % {"name": line.clerk} if line.program else line.clerk,
            line.number,
            line.times,
        )
        for line in lines
    ]
    sheet = Sheet(say(TITLE), tuple(say(heading) for heading in HEADINGS), rows)
    body = await asyncio.to_thread(sheets.as_csv, sheet)  # a program may ask very often
    return sheets.download(body, CSV, f"oppslag-{asked}.csv")


async def _lines(
    request: web.Request, unit: Unit, insurer: str, asked: Month, most: int | None
) -> list[Line]:
    found = await looked.of_insurer(unit.db, insurer=insurer, month=asked, most=most)
    clerks = {each.clerk for each in found}
    known = await people.persons(unit.db, request.app[IDENTITY_KEYS], clerks)
    return [
        Line(
            day=each.day,
            clerk=known[each.clerk].name if each.clerk in known else each.clerk,
            program=each.clerk not in known,
            number=each.number,
            times=each.times,
        )
        for each in found
    ]
