"""The whole service as it is built for real, on an empty database of its own, with no media."""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from socket import AF_INET, SOCK_STREAM, socket

from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from venterom.server import vault
from venterom.server.app import build
from venterom.server.config import (
    ByBankId,
    Database,
    Epj,
    Http,
    Identity,
    Keys,
    Media,
    Record,
    Settings,
)
from venterom.server.migrations.migrate import migrate

PROVIDER = "https://127.0.0.1:9"  # where nobody answers
Client = TestClient[web.Request, web.Application]


def settings(folder: Path, port: int) -> Settings:
    """Everything in this folder."""
    return Settings(
        http=Http(port=port, public_url=f"http://127.0.0.1:{port}"),
        database=Database(url=f"sqlite+aiosqlite:///{folder / 'care.db'}"),
        epj=Epj(url=f"sqlite+aiosqlite:///{folder / 'epj.db'}"),
        keys=Keys(
            root_file=folder / "root.key",
            signing_file=folder / "signing.pem",
            client_file=folder / "client.pem",
            folder=folder / "later",
        ),
        record=Record(anchor_folder=folder / "anchor"),
        media=Media(workers=0),
        identity=Identity(patients=ByBankId(issuer=PROVIDER, client_id="us", levels=("high",))),
    )


async def built(folder: Path, clock: Callable[[], datetime], port: int) -> web.Application:
    """The application with its keys and tables, not started yet."""
    chosen = settings(folder, port)
    vault.make_missing(chosen.keys)
    await migrate(chosen.database.url)
    return build(chosen, clock)


def taken_port() -> socket:
    """A free port of this machine, taken already, so that nobody else can have it."""
    taken = socket(AF_INET, SOCK_STREAM)
    taken.bind(("127.0.0.1", 0))
    return taken


def port_of(taken: socket) -> int:
    """Which one it is."""
    port: int = taken.getsockname()[1]
    return port


@asynccontextmanager
async def service(
    folder: Path, clock: Callable[[], datetime], prepare: Callable[[web.Application], object]
) -> AsyncGenerator[Client]:
    """The service as it runs, and a browser without cookies. `prepare` may add to it before."""
    taken = taken_port()
    app = await built(folder, clock, port_of(taken))
    prepare(app)
    async with TestClient(TestServer(app, socket_factory=lambda *_: taken)) as client:
        yield client
