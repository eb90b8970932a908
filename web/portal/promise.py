"""How the twenty-minute promise was kept for an insurer's own customers."""

from aiohttp import web

from venterom.queue.coverage import promises
from venterom.queue.coverage.kept import FEWEST, together
from venterom.queue.coverage.usage import months_over
from venterom.web import plots
from venterom.web.pages import page
from venterom.web.plots import TARGET
from venterom.web.portal.desk import at_desk
from venterom.web.text import today
from venterom.web.work import look


async def promise(request: web.Request) -> web.Response:
    """GET /insurer/promise: the last year, month by month, where there were enough."""
    _clerk, insurer = at_desk(request)
    async with look(request.app) as unit:
        months = months_over(today(unit.now))
        told = await promises.year(unit.db, today(unit.now), insurer=insurer)
    shares = {
        place: (each.kept or 0, each.promises)
        for place, month in enumerate(months)
        if (each := told.get(month)) is not None and each.promises is not None
    }
    return page(
        request,
        "insurer/promise.html",
        insurer=insurer,
        year=[(month, told.get(month)) for month in months],
        together=together(told.values()),
        fewest=FEWEST,
        target=TARGET,
        plot=plots.kept_by_month([month.month for month in months], shares, TARGET),
        here="/insurer/promise",
    )
