"""The whole service for tests of its pages: the real application, a real identity provider of the
demonstration's, an invented world, and browsers. Only the clock and the jobs are moved by hand.
"""

import socket
from collections.abc import AsyncGenerator, Generator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from aiohttp import ClientSession, CookieJar, DummyCookieJar, web
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import FromClause, Row, select
from sqlalchemy.orm import DeclarativeBase

from tests.conftest import FakeClock
from tests.web.beginnings import Trail, beginning
from tests.web.browser import Browser
from tests.web.page import Page
from venterom.queue.tables import EntryRow
from venterom.rtc.ticket import Role as Seat
from venterom.server import jobs, sending, vault
from venterom.server.app import build
from venterom.server.config import (
    Database,
    Demonstration,
    Epj,
    Http,
    Keys,
    Media,
    Record,
    Settings,
)
from venterom.server.demo import inbox, people, registers, run
from venterom.server.demo.clients import TITLES, clients
from venterom.server.demo.flow import Candidate, Client
from venterom.server.demo.identity import demonstration_app
from venterom.server.demo.people import World
from venterom.server.demo.registers import Registers
from venterom.server.demo.world import fill
from venterom.server.loops import Context, Job
from venterom.server.migrations.migrate import migrate
from venterom.server.rooms import Floor
from venterom.web.identity import csrf
from venterom.web.identity import people as identity
from venterom.web.identity.browser import session_cookie
from venterom.web.identity.proofs import digest
from venterom.web.identity.roles import Door, Role
from venterom.web.intake import ORDER, Step
from venterom.web.keys import CSRF_KEY, IDENTITY_KEYS
from venterom.web.limits import TRIES
from venterom.web.session import door_of
from venterom.web.text import today
from venterom.web.work import look

NOON = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)  # when the invented world was filled
KARI, PER, INGRID = "Kari Prøvdal", "Per Testesen", "Ingrid Nordprøve"  # patients
SOLVEIG, JONAS, LINNEA = "Solveig Legeprøve", "Jonas Fjordtestesen", "Linnea Skogprøve"  # doctors
RAGNA = "Ragna Lederprøve"  # who plans the shifts
ODD = "Odd Driftstest"  # who keeps the machinery running
BERIT, ARNE = "Berit Kundeprøve", "Arne Kontortest"  # at the two insurers
REASON = "Vondt i halsen i tre dager"
NOTE = {
    "Årsak": "Sår hals",
    "Funn": "Rød svelg",
    "Vurdering": "Forkjølelse",
    "Plan og råd til pasienten": "Hvile og drikke",
    "ICPC-2": "R74",
    "Hvor er pasienten nå?": "Hjemme, Prøveveien 1",
}
PROVIDER_KEY = ec.derive_private_key(7, ec.SECP256R1())


@dataclass
class Rig:
    """What a test of a page needs."""

    app: web.Application
    clock: FakeClock
    url: str
    provider_url: str
    stack: AsyncExitStack = field(repr=False)
    registers: Registers = field(repr=False)  # the stand-ins
    trail: Trail | None = field(default=None, repr=False)  # None: everything is walked

    @cached_property
    def world(self) -> World:
        """Everybody who was invented."""
        return people.world(today(NOON))

    async def person(self, name: str) -> str:
        """The id of a doctor."""
        async with look(self.app) as unit:
            staff = await identity.staff(unit.db, self.app[IDENTITY_KEYS], Role.DOCTOR)
        return next(each.id for each in staff if each.name == name)

    def policy(self, name: str) -> str:
        """The policy number of a patient."""
        return next(each.policy for each in self.world.patients if each.who.name == name)

    async def browser(self, language: str = "nb") -> Browser:
        """A new browser, with no cookies yet."""
        jar = CookieJar(unsafe=True)  # an address of this machine is no domain
        http = await self.stack.enter_async_context(ClientSession(cookie_jar=jar))
        return Browser(http, self.url, self.provider_url, language)

    async def stranger(self) -> Browser:
        """A browser that keeps no cookies."""
        http = await self.stack.enter_async_context(ClientSession(cookie_jar=DummyCookieJar()))
        return Browser(http, self.url, self.provider_url)

    @beginning
    async def sign_in(
        self, name: str, address: str = "/", browser: Browser | None = None
    ) -> Browser:
        """Somebody who has come to a page through the identity provider."""
        browser = browser or await self.browser()
        door = next((d for d in Door if address.startswith(f"/{d}")), Door.PATIENT)
        await browser.open(f"/sign-in/{door}?to={address}")
        await browser.press(name)
        return browser

    @beginning
    async def arrive(
        self, name: str = KARI, step: Step = Step.OFFER, who: str = "Meg selv"
    ) -> Browser:
        """A patient who has come to the page of this step."""
        browser = await self.sign_in(name, "/start")
        for done in ORDER[: ORDER.index(step)]:
            if browser.page.path == f"/start/{done}":  # a consent that holds is not asked for again
                await self.answer(browser, done, who)
        return browser

    async def answer(self, browser: Browser, step: Step, who: str = "Meg selv") -> None:
        """Answer the page of one step as one does."""
        assert browser.page.path == f"/start/{step}", browser.page.text
        match step:
            case Step.POLICY:
                name = next(browser.page.tree.every("header")).text
                policy = next(p.policy for p in self.world.patients if p.who.name in name)
                await browser.press("Neste", {"Polisenummer": policy})
            case Step.WHO:
                await browser.press("Neste", {who: True})
            case Step.REASON:
                await browser.press("Neste", {"reason": REASON})
            case Step.CONSENT:
                await browser.press("Samtykk og gå videre", {"consent": True})
            case Step.OFFER:
                await browser.press("Ja, jeg venter")

    @beginning
    async def waiting(self, name: str = KARI) -> tuple[Browser, str]:
        """A patient in the waiting room, and the visit."""
        browser = await self.arrive(name)
        await self.answer(browser, Step.OFFER)
        return browser, browser.page.path.removeprefix("/visit/")

    @beginning
    async def doctor(self, name: str = SOLVEIG, address: str = "/doctor") -> Browser:
        """A doctor at the list."""
        return await self.sign_in(name, address)

    async def meet(self, visit: str) -> None:
        """What a room tells when the doctor has come and both are seen: there is no media here."""
        floor = Floor(self.app)
        [entry] = await self.rows(EntryRow, visit=visit)
        await floor.seated(visit, Seat.DOCTOR, entry.claimed_by)
        await floor.talking(visit)

    async def hang_up(self, doctor: Browser, visit: str) -> Page:
        """What the script of the call does when the doctor ends it, and the page as it is then."""
        path = f"/doctor/visit/{visit}/hang-up"
        await doctor.raw("POST", path, {"X-CSRF-Token": self.token(doctor, path)})
        return await doctor.open(f"/doctor/visit/{visit}")

    @beginning
    async def consult(
        self, name: str = KARI, doctor: str = SOLVEIG
    ) -> tuple[Browser, Browser, str]:
        """Patient and doctor in the call, and the visit."""
        patient, visit = await self.waiting(name)
        desk = await self.doctor(doctor)
        await desk.press("Ta neste")
        await self.meet(visit)
        await desk.reload()
        return patient, desk, visit

    @beginning
    async def signed(self, name: str = KARI, doctor: str = SOLVEIG) -> tuple[Browser, Browser, str]:
        """Patient and doctor after a call whose note is signed and not delivered yet."""
        patient, desk, visit = await self.consult(name, doctor)
        await self.hang_up(desk, visit)
        await desk.press("Signer og send", NOTE)
        return patient, desk, visit

    async def jobs(self) -> None:
        """What the service does by itself, once."""
        await jobs.watch_promises(self.app)
        await jobs.close_the_day(self.app)
        await jobs.deliver(self.app)
        await sending.prescribe(self.app)
        await sending.report(self.app)
        await jobs.tell(self.app)

    def token(self, browser: Browser, path: str) -> str:
        """What a form at this address must carry from this browser."""
        name = session_cookie(self.url, door_of(path)).name
        held = {cookie.key: cookie.value for cookie in browser.http.cookie_jar}
        return csrf.token(self.app[CSRF_KEY], digest(held[name]) if name in held else "")

    def forgive(self) -> None:
        """Nobody has tried anything too often: here everything happens in one moment."""
        for throttle in self.app[TRIES].values():
            throttle._spent.clear()

    async def rows(self, table: type[DeclarativeBase], **where: object) -> Sequence[Row[Any]]:
        """What the database holds."""
        return await self.select(table.__table__, **where)

    async def select(self, table: FromClause, **where: object) -> Sequence[Row[Any]]:
        """The same, by the table itself."""
        async with look(self.app) as unit:
            return (await unit.db.execute(select(*table.c).filter_by(**where))).all()


async def _nothing(_app: web.Application) -> AsyncGenerator[None]:
    yield


async def _filled(app: web.Application) -> AsyncGenerator[None]:
    await fill(app)
    yield


def by_hand(*_jobs: tuple[float, Job]) -> Context:
    """Stands in for `loops.every`: a job runs when the test says so."""
    return _nothing


def settings(files: Path, url: str, provider_port: int, **more: object) -> Settings:
    """A demonstration of its own, with no media."""
    own = Settings(
        http=Http(public_url=url),
        keys=Keys(
            root_file=files / "root.key",
            signing_file=files / "signing.pem",
            client_file=files / "client.pem",
            folder=files / "later",
        ),
        record=Record(anchor_folder=files / "anchor"),
        database=Database(url=f"sqlite+aiosqlite:///{files / 'care.db'}"),
        epj=Epj(url=f"sqlite+aiosqlite:///{files / 'epj.db'}"),
        media=Media(workers=0),
        demonstration=Demonstration(port=provider_port),
    )
    return run.invented(own, None).model_copy(update=more)


async def make_world(files: Path) -> None:
    """The invented world on disk, as of noon, to be copied for each test."""
    chosen = settings(files, "http://127.0.0.1:8080", 8081)
    vault.make_missing(chosen.keys)
    await migrate(chosen.database.url)
    app = build(chosen, FakeClock(NOON))
    app.cleanup_ctx.append(_filled)
    runner = web.AppRunner(app)
    await runner.setup()
    await runner.cleanup()


@contextmanager
def reserved() -> Generator[int]:
    """A port of this machine that is ours for the run, and that nobody listens on yet."""
    with socket.socket() as held:
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        held.bind(("127.0.0.1", 0))
        port: int = held.getsockname()[1]
        yield port


def listening(port: int) -> socket.socket:
    """A socket at a port that is reserved."""
    taken = socket.socket()
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    taken.bind(("127.0.0.1", port))
    return taken


def address(of: socket.socket) -> str:
    """Where it is."""
    return f"http://127.0.0.1:{of.getsockname()[1]}"


def _with_children(client: Client) -> Client:
    """Children who have a BankID of their own, as many have from 13 on."""
    if client.title != TITLES[Door.PATIENT]:
        return client
    parents = people.world(today(NOON)).patients
    own = [
        Candidate(child.given, child.family, child.birth_date, child.number)
        for parent in parents
        for child in parent.children
    ]
    return replace(client, people=(*client.people, *own))


@asynccontextmanager
async def provider(
    app: web.Application, clock: FakeClock, at: socket.socket
) -> AsyncGenerator[Registers]:
    """The demonstration's identity provider, inbox and registers, beside the service."""
    own = demonstration_app(
        mode="demonstration",
        issuer=address(at),
        clients=[_with_children(client) for client in clients(app)],
        key=PROVIDER_KEY,
        clock=clock,
    )
    inbox.add(own, app)
    stand_ins = registers.of(people.world(today(NOON)))
    stand_ins.add_to(own)
    runner = web.AppRunner(own, access_log=None)
    await runner.setup()
    await web.SockSite(runner, at).start()
    try:
        yield stand_ins
    finally:
        await runner.cleanup()
