"""Whether the service works: it answers, and its database does."""

from aiohttp import web
from sqlalchemy import select

from venterom.web.pages import as_json
from venterom.web.work import look


async def healthz(request: web.Request) -> web.Response:
    """GET /healthz: 200 while everything that a page needs is there."""
    async with look(request.app) as unit:
        await unit.db.execute(select(1))
    return as_json({"ok": True})
