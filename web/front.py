"""The front page, which everybody sees who only looks by: it is made once a second, not for each.

Whoever is signed in has a page of their own, with a name and a token on it, and is never shown
one that was kept.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from aiohttp import web

from venterom.journal import chart
from venterom.queue import desk, view
from venterom.web.keys import CLOCK, HOURS
from venterom.web.pages import language, page, render
from venterom.web.session import me
from venterom.web.work import Unit, look

# A forecast tells minutes, so a second changes nothing that anybody reads; and a second is enough
# for a crowd that comes at once after the evening news to cost no more than one of them.
FRESH = timedelta(seconds=1)
TEMPLATE = "landing.html"


@dataclass(frozen=True, slots=True)
class Kept:
    """The page as strangers see it, and when it was made."""

    made: datetime
    body: bytes


KEPT = web.AppKey[dict[str, Kept]]("KEPT")  # by language


async def landing(request: web.Request) -> web.Response:
    """GET /"""
    who = me(request)
    if who is None:
        return web.Response(
            body=await _for_strangers(request), content_type="text/html", charset="utf-8"
        )
    async with look(request.app) as unit:
        current = await chart.current_visit(unit.db, who.id)
        shown = await _shown(request, unit)
    return page(
        request,
        TEMPLATE,
        **shown,
        current=current if current and current.stage == "open" else None,
    )


async def _for_strangers(request: web.Request) -> bytes:
    kept, spoken = request.app[KEPT], language(request)
    if is_fresh(kept.get(spoken), request.app[CLOCK]()):
        return kept[spoken].body
    async with look(request.app) as unit:
        shown = await _shown(request, unit)
    body = render(request, TEMPLATE, {**shown, "current": None}).encode()
    kept[spoken] = Kept(unit.now, body)
    return body


def is_fresh(kept: Kept | None, now: datetime) -> bool:
    """Whether a page that was kept may still be shown. A clock that was set back makes none old."""
    return kept is not None and timedelta(0) <= now - kept.made < FRESH


async def _shown(request: web.Request, unit: Unit) -> dict[str, Any]:
    hours = request.app[HOURS]
    floor = await desk.floor(unit.db, unit.now)
    return {"forecast": view.forecast(floor, hours, unit.now), "hours": hours}
