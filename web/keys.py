"""What an application is made of, by typed name. `server/app.py` puts the parts in."""

from collections.abc import Callable
from datetime import datetime

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

CLOCK = web.AppKey[Callable[[], datetime]]("CLOCK")
SESSIONS = web.AppKey[async_sessionmaker[AsyncSession]]("SESSIONS")
READING = web.AppKey[async_sessionmaker[AsyncSession]]("READING")
DEMONSTRATION = web.AppKey[bool]("DEMONSTRATION")
