"""The EPJ that signed notes go to: the embedded one, or somebody else's over HTTP (docs/epj.md)."""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

from aiohttp import ClientSession, ClientTimeout, DummyCookieJar

from venterom.journal.delivery import SEND_TIMEOUT
from venterom.journal.epj import EmbeddedEpj, Epj
from venterom.journal.outside_epj import OutsideEpj, Side
from venterom.journal.seal import KekRing
from venterom.journal.tables import epj_metadata
from venterom.server import vault
from venterom.server.config import Epj as EpjSettings
from venterom.server.config import SettingsError, database_url
from venterom.server.db import make_engine, make_sessions
from venterom.web.identity.browser import is_trustworthy


def side(settings: EpjSettings) -> Side | None:
    """The EPJ that the settings name; None: the embedded one. Raises SettingsError."""
    outside = settings.outside
    if not outside.url:
        return None
    for name in ("url", "token_url", "issuer"):
        if not is_trustworthy(getattr(outside, name)):
            raise SettingsError(f"epj.outside.{name}: an address that begins with https://")
    if not outside.client_id or outside.key_file is None:
        raise SettingsError("epj.outside: client_id and key_file are needed")
    return Side(
        url=outside.url,
        token_url=outside.token_url,
        issuer=outside.issuer,
        client_id=outside.client_id,
        scope=outside.scope,
        key=vault.signing_key(outside.key_file),
    )


def text_is_kept(settings: EpjSettings) -> timedelta | None:
    """How long the text of a note stays here after the EPJ's receipt. None: for good, since we are
    the EPJ, or because somebody wants it so."""
    outside = settings.outside
    return timedelta(days=outside.keep_text_days) if outside.url and not outside.keep_text else None


@asynccontextmanager
async def connected(
    settings: EpjSettings, other: Side | None, keks: KekRing, clock: Callable[[], datetime]
) -> AsyncGenerator[Epj]:
    """The EPJ, for as long as the block lasts."""
    if other is None:
        async with _embedded(settings, keks, clock) as epj:
            yield epj
    else:
        timeout, jar = ClientTimeout(total=SEND_TIMEOUT), DummyCookieJar()
        async with ClientSession(timeout=timeout, cookie_jar=jar) as http:
            yield OutsideEpj(other, http, clock)


@asynccontextmanager
async def _embedded(
    settings: EpjSettings, keks: KekRing, clock: Callable[[], datetime]
) -> AsyncGenerator[Epj]:
    """Another system that happens to run here, and looks after its own tables."""
    engine = make_engine(database_url(settings))
    try:
        async with engine.begin() as connection:
            await connection.run_sync(epj_metadata.create_all)
        yield EmbeddedEpj(make_sessions(engine)[0], keks, clock)
    finally:
        await engine.dispose()
