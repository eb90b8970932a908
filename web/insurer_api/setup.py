"""What the insurers' programs share in one application."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from venterom.queue.coverage.insurer import OwnRegister, Register
from venterom.web.insurer_api.guard import Guard, Meter
from venterom.web.insurer_api.intake import Intake, into_register
from venterom.web.insurer_api.together import Together

TOKENS, TOKEN_EVERY = 30, timedelta(seconds=1)  # from one address; a token lives five minutes


@dataclass(slots=True)
class Api:
    """Who we are to them (`issuer`), the key that seals tokens, and the limits."""

    issuer: str
    token_key: bytes = field(repr=False)
    register: Callable[[AsyncSession, str], Register] = OwnRegister
    intake: Intake = into_register
    guard: Guard = field(default_factory=Guard)
    together: Together = field(default_factory=Together)
    tokens: Meter = field(default_factory=lambda: Meter(TOKENS, TOKEN_EVERY))


API = web.AppKey[Api]("INSURER_API")
