"""What an insurer is billed for, month by month: a page to look at, and files for the accounts."""

from datetime import datetime

from aiohttp import web

from venterom.queue.coverage import charges
from venterom.queue.coverage.billing import SEVERAL, Bill
from venterom.web import plots, sheets
from venterom.web.pages import language, page
from venterom.web.portal.desk import at_desk, month_of
from venterom.web.sheets import CSV, XLSX, Sheet
from venterom.web.text import N_, today, translations
from venterom.web.work import look

HERE = "/insurer/months"
TITLE = N_("Fakturagrunnlag")
HEADINGS = (N_("Måned"), N_("Forsikring"), N_("Timer"))
TOGETHER = N_("Flere forsikringer")
ALL = N_("I alt")
LATER = N_("Av dem gjort opp etterpå")
NOT_TOLD = N_("for få til å vises")


async def months(request: web.Request) -> web.Response:
    """GET /insurer/months: the last year, at a glance."""
    _clerk, insurer = at_desk(request)
    async with look(request.app) as unit:
        year = await charges.year(unit.db, today(unit.now), insurer=insurer)
    plot = plots.by_month([(each.month.month, each.uses) for each in year])
    return page(request, "insurer/months.html", insurer=insurer, year=year, plot=plot, here=HERE)


async def month(request: web.Request) -> web.Response:
    """GET /insurer/months/{month}"""
    insurer, bill, _now = await _bill(request)
    return page(request, "insurer/month.html", insurer=insurer, bill=bill, here=HERE)


async def as_csv(request: web.Request) -> web.Response:
    """GET /insurer/months/{month}/basis.csv"""
    _insurer, bill, _now = await _bill(request)
    return sheets.download(sheets.as_csv(_sheet(request, bill)), CSV, _name(bill, "csv"))


async def as_xlsx(request: web.Request) -> web.Response:
    """GET /insurer/months/{month}/basis.xlsx"""
    _insurer, bill, now = await _bill(request)
    return sheets.download(sheets.as_xlsx(_sheet(request, bill), now), XLSX, _name(bill, "xlsx"))


async def _bill(request: web.Request) -> tuple[str, Bill, datetime]:
    """The insurer, its bill of a month that is over, and now. Raises HTTPNotFound."""
    _clerk, insurer = at_desk(request)
    asked = month_of(request)
    async with look(request.app) as unit:
        if not asked.is_over(today(unit.now)):
            raise web.HTTPNotFound
        return insurer, await charges.bill(unit.db, insurer=insurer, month=asked), unit.now


def _sheet(request: web.Request, bill: Bill) -> Sheet:
    """The bill as rows, in the reader's language."""
    say = translations(language(request)).gettext
    lines: list[tuple[str, str | int]] = [
        (say(TOGETHER) if part.product == SEVERAL else part.product, part.uses)
        for part in bill.products
    ]
    lines.append((say(ALL), bill.uses))
    lines.append((say(LATER), say(NOT_TOLD) if bill.later is None else bill.later))
    rows = [(str(bill.month), *line) for line in lines]
    return Sheet(say(TITLE), tuple(say(heading) for heading in HEADINGS), rows)


def _name(bill: Bill, kind: str) -> str:
    return f"fakturagrunnlag-{bill.month}.{kind}"
