"""Sign-ins that were ended, here or by another process: open pages and seats end with them."""

from datetime import timedelta

from aiohttp import web

from venterom.web.identity import sessions
from venterom.web.keys import ROOMS
from venterom.web.live import HUB, sign_in_topic
from venterom.web.work import look

EVERY_S = 1.0  # an ended sign-in sees and hears nothing after two seconds (failures cF9)
# Longer than a look at the database fails, or a clock is set; telling somebody twice does nothing.
LOOKS_BACK = timedelta(minutes=1)


async def send_away(app: web.Application) -> None:
    """Tell the pages and the rooms. Asked of the database, since a role may be taken away by a
    page, by a job, or on the command line."""
    async with look(app) as unit:
        ended = await sessions.ended_since(unit.db, unit.now - LOOKS_BACK)
    app[HUB].publish(map(sign_in_topic, ended))
    app[ROOMS].sign_out(ended)
