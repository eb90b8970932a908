"""The only place where the parts are put together."""

import tempfile
from collections import Counter
from collections.abc import AsyncGenerator, Callable
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from aiohttp import web

from venterom.journal import jws, seal
from venterom.journal.outside_epj import Side
from venterom.journal.papers.sheet import Sender
from venterom.queue.hours import Hours
from venterom.rtc import turn
from venterom.server import (
    anchor,
    epj,
    jobs,
    kept,
    outward,
    providers,
    registers,
    retention,
    rotation,
    sending,
    sign_outs,
    vault,
)
from venterom.server.clock import utcnow
from venterom.server.config import Settings, database_url, secret
from venterom.server.db import make_engine, make_line, make_sessions
from venterom.server.echoes import Echoes
from venterom.server.errors import pages_for_errors
from venterom.server.headers import (
    adding,
    origin_of,
    refuse_strangers,
    security_headers,
)
from venterom.server.listening import attend
from venterom.server.loops import Context, every
from venterom.server.media import Media
from venterom.server.migrations.migrate import refuse_other_version
from venterom.server.notify import alarms
from venterom.server.notify.feed import Post
from venterom.server.rooms import Floor
from venterom.server.signaling import Signaling
from venterom.web import fresh, front, keys, limits, now, pages, security
from venterom.web.address import Proxies
from venterom.web.board import BOARDS, Boards
from venterom.web.insurer_api import routes as for_programs
from venterom.web.insurer_api.refusals import answers_for_programs
from venterom.web.insurer_api.setup import API, Api
from venterom.web.live import HUB, Hub
from venterom.web.routes import routes
from venterom.web.session import sessions_middleware

# Bytes. The largest form is a note: five fields of 10 000 characters, of up to twelve bytes each
# when they are sent; and a little more, so that it is told beside the field what is too long.
MAX_BODY = 640 * 1024

Clock = Callable[[], datetime]
SIGNALING = web.AppKey[Signaling]("SIGNALING")
ECHOES = web.AppKey[Echoes]("ECHOES")


def build(settings: Settings, clock: Clock = utcnow) -> web.Application:
    """The application, ready to be run. Raises SettingsError, UnsafeBackend."""
    seal.self_test()
    jws.self_test()
    keyring = vault.load(settings.keys)
    app = web.Application(
        middlewares=[
            attend,
            pages_for_errors,
            answers_for_programs,
            refuse_strangers(settings.http.public_url),
            limits.by_address,
            pages.choose_language,
            sessions_middleware,
            limits.by_person,
            fresh.fresh_sign_in,
        ],
        client_max_size=MAX_BODY,
    )
    app.on_response_prepare.append(adding(front_headers(settings)))
    _put_values(app, settings, keyring, clock)
    app.add_routes([*routes(), *for_programs.routes()])
    app.router.add_get("/visit/{visit}/signal", _signal)
    app.router.add_post("/visit/{visit}/echo", _echo)
    app.router.add_delete("/visit/{visit}/echo", _end_echo)
    app.on_shutdown.extend([app[HUB].close, _send_rooms_away])
    app.cleanup_ctx.append(_databases(settings, epj.side(settings.epj)))
    app.cleanup_ctx.append(providers.doors(settings, keyring))
    app.cleanup_ctx.append(sending.receivers(settings))
    app.cleanup_ctx.append(outward.registers(settings.insurers))
    app.cleanup_ctx.append(registers.connected(settings))
    app.cleanup_ctx.append(_rooms(settings, keyring, clock))
    app.cleanup_ctx.append(_jobs())
    return app


def front_headers(settings: Settings) -> dict[str, str]:
    """What every answer carries."""
    providers = [provider for _name, provider in settings.identity]
    targets = [origin_of(each.issuer) for each in providers if each.issuer]
    return security_headers(settings.http.public_url, targets)


def _jobs() -> Context:
    return every(
        (jobs.REAP_S, jobs.watch_promises),
        (jobs.CLIMB_S, jobs.climb_the_ladder),
        (jobs.LEARN_S, jobs.learn),
        (jobs.CLOSE_S, jobs.close_the_day),
        (jobs.DELIVER_S, jobs.deliver),
        (jobs.REDUCE_S, jobs.reduce),
        (jobs.FORGET_S, jobs.forget),
        (anchor.EVERY_S, anchor.anchor),
        (rotation.EVERY_S, rotation.read_keys),
        (retention.EVERY_S, retention.remove_what_may_go),
        (kept.EVERY_S, kept.tell_insurers),
        (sending.EVERY_S, sending.prescribe),
        (sending.EVERY_S, sending.report),
        (outward.SETTLE_S, outward.settle),
        (registers.OVER_S, registers.end_what_is_over),
        (sign_outs.EVERY_S, sign_outs.send_away),
        (registers.EVERY_S, registers.look_again),
        (jobs.TELL_S, jobs.tell),
        (alarms.EVERY_S, alarms.alarm),
        (jobs.LOOK_AHEAD_S, jobs.look_ahead),
    )


def _put_values(
    app: web.Application, settings: Settings, keyring: vault.Vault, clock: Clock
) -> None:
    static = pages.read_static()
    hours = settings.hours
    app[keys.CLOCK] = clock
    app[keys.DEMONSTRATION] = settings.is_demonstration
    app[keys.MESSAGES] = settings.is_demonstration  # in production no gateway is built yet
    app[keys.PUBLIC_URL] = settings.http.public_url
    said = settings.security
    app[security.SAID] = security.Said(said.contacts, said.expires, said.policy)
    app[keys.HOURS] = Hours.ALL_DAY if hours.all_day else Hours(hours.opens, hours.closes)
    app[keys.RECORD_KEYS] = keyring.record_keys(clock())
    app[keys.IDENTITY_KEYS] = keyring.identity_keys()
    app[anchor.ANCHOR] = anchor.Anchor(settings.record.anchor_folder)
    app[rotation.FILES] = settings.keys
    enterprise = settings.enterprise
    app[keys.SENDER] = Sender(
        enterprise.name, enterprise.number, enterprise.address, enterprise.phone
    )
    app[keys.ELECTRONIC] = sending.sent(settings)
    app[keys.PROXIES] = Proxies.named(settings.http.trusted_proxies)
    app[limits.TRIES] = limits.tries()
    app[limits.SOCKETS] = Counter()
    app[limits.TOLD] = set()
    app[keys.CSRF_KEY] = keyring.derive("csrf")
    app[keys.LINK_KEY] = keyring.derive("link")
    app[keys.TICKET_KEY] = keyring.derive("ticket")
    app[keys.ICE] = _ice_servers(settings)
    app[pages.STATIC] = static
    app[pages.PAGES] = pages.environments(static)
    app[front.KEPT] = {}
    app[now.FORESEEN] = now.Foreseen()
    app[API] = Api(settings.http.public_url, keyring.derive("insurer token"))
    app[HUB], app[BOARDS] = Hub(), Boards()
    app[jobs.WATCH] = jobs.Watch()
    app[jobs.TEXT_IS_KEPT] = epj.text_is_kept(settings.epj)
    app[jobs.POST] = Post(
        public_url=settings.http.public_url,
        channel="inbox" if settings.is_demonstration else "sms",
        link_key=app[keys.LINK_KEY],
        seal_key=keyring.derive("messages"),
    )


def _ice_servers(settings: Settings) -> keys.IceServers:
    media = settings.media
    if not media.turn_urls or media.turn_secret_file is None:
        return lambda visit, role, now: ()
    shared = secret(media.turn_secret_file).encode()

    def servers(visit: str, role: str, now: datetime) -> tuple[dict[str, Any], ...]:
        right = turn.credentials(shared, visit=visit, role=role, now=now)
        return ({"urls": list(media.turn_urls), **asdict(right)},)

    return servers


def _databases(
    settings: Settings, outside: Side | None
) -> Callable[[web.Application], AsyncGenerator[None]]:
    async def context(app: web.Application) -> AsyncGenerator[None]:
        care = make_engine(database_url(settings.database))
        keks, clock = app[keys.RECORD_KEYS].keks, app[keys.CLOCK]
        try:
            await refuse_other_version(care)
            await rotation.refuse_other_keys(care, keks, settings.keys)
            async with epj.connected(settings.epj, outside, keks, clock) as app[jobs.EPJ]:
                app[keys.SESSIONS], app[keys.READING] = make_sessions(care)
                app[keys.LINE] = make_line(care)
                await jobs.renew_leases(app)
                yield
        finally:
            await care.dispose()

    return context


async def _signal(request: web.Request) -> web.WebSocketResponse:
    return await request.app[SIGNALING].handler(request)


async def _echo(request: web.Request) -> web.Response:
    return await request.app[ECHOES].begin(request)


async def _end_echo(request: web.Request) -> web.Response:
    return await request.app[ECHOES].end(request)


async def _send_rooms_away(app: web.Application) -> None:
    await app[SIGNALING].close_all(app)


def _rooms(
    settings: Settings, keyring: vault.Vault, clock: Clock
) -> Callable[[web.Application], AsyncGenerator[None]]:
    async def context(app: web.Application) -> AsyncGenerator[None]:
        with tempfile.TemporaryDirectory(prefix="venterom-") as folder:
            media = Media(
                Path(folder),
                workers=settings.media.workers,
                addresses=settings.media.addresses,
                port=settings.media.port,
            )
            async with media:
                floor = Floor(app)
                signaling = Signaling(
                    media=media,
                    ticket_key=keyring.derive("ticket"),
                    clock=clock,
                    observer=floor,
                    may_enter=floor.may_enter,
                    public_url=settings.http.public_url,
                )
                app[SIGNALING] = app[keys.ROOMS] = signaling
                app[ECHOES] = Echoes(
                    media=media,
                    ticket_key=keyring.derive("ticket"),
                    clock=clock,
                    may_enter=floor.may_enter,
                )
                async with signaling:
                    yield

    return context
