"""The whole service as it is built for real, on an empty database of its own, with no media."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from datetime import datetime
from functools import cache
from pathlib import Path
from socket import AF_INET, SOCK_STREAM, socket
from tempfile import TemporaryDirectory

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


@cache
def _newest() -> bytes:
    """A SQLite file at this version with nothing in it: every step is taken once in a run."""
    with TemporaryDirectory() as folder, ThreadPoolExecutor(1) as aside:
        path = Path(folder) / "care.db"
        steps = migrate(f"sqlite+aiosqlite:///{path}")
        aside.submit(asyncio.run, steps).result()  # away from the loop of a test
        return path.read_bytes()


def migrated(path: Path) -> None:
    """Put a database of this version there, as `venterom migrate` makes it, unless one is there."""
    if not path.exists():
        path.write_bytes(_newest())


async def built(folder: Path, clock: Callable[[], datetime], port: int) -> web.Application:
    """The application with its keys and tables, not started yet."""
    chosen = settings(folder, port)
    vault.make_missing(chosen.keys)
    migrated(folder / "care.db")
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
