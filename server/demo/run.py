"""`venterom demo`: make what is missing, fill the world, open the doors, and say where they are."""

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path
from urllib.parse import urlsplit

from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import ec

from venterom.server import log, run, vault
from venterom.server.app import build
from venterom.server.clock import utcnow
from venterom.server.config import (
    Database,
    Epj,
    Keys,
    Record,
    Register,
    Registers,
    Settings,
    SettingsError,
    database_url,
)
from venterom.server.demo import inbox, past, people, premises, registers, world
from venterom.server.demo.clients import clients
from venterom.server.demo.crowd.company import Company, Size
from venterom.server.demo.identity import demonstration_app
from venterom.server.loops import Context, every
from venterom.server.migrations.migrate import migrate
from venterom.web.keys import CLOCK
from venterom.web.text import today

OWN = Path("var/demo")  # where the invented world is kept, apart from any real one
# Patients and clerks come as through BankID, the others as through HelseID.
AS_HEALTH_PERSONNEL = ("staff", "directors", "operators")
LEVEL = "demonstration"  # the one level that the demonstration's provider vouches for
PROVIDER_HOST = "127.0.0.1"
CROWD = "· crowd: {} patients an hour and 3 doctors, all robots. As a doctor, go on shift first."
DOORS = """
  Patient   {url}/
  Doctor    {url}/doctor
  Insurer   {url}/insurer
  Director  {url}/director
  Operator  {url}/operator
  Messages  {provider}/inbox      what patients get on their phones

  Stop with Ctrl-C. Nothing is lost; `make demo-reset` starts over.
"""


def demonstrate(
    settings: Settings, *, port: int | None, anew: bool = False, crowd: Size | None = None
) -> None:
    """Run the demonstration until it is stopped; `anew` in a new world, with a `crowd` in company.

    Raises SettingsError, before anything is touched, when it cannot run as it was asked to.
    """
    if anew:
        _refuse_to_reset_elsewhere(settings)
    chosen = invented(settings, port)
    with premises.held(chosen.keys):
        http, own = chosen.http, chosen.demonstration
        premises.refuse_taken(http.host, http.port, "`venterom demo --port N` takes another")
        premises.refuse_taken(PROVIDER_HOST, own.port, "VENTEROM_DEMONSTRATION__PORT sets another")
        if anew:
            premises.clear(OWN, chosen.keys)
            _say(f"The world in {OWN}/ is gone, and a new one begins.")
        _run(chosen, crowd)


def _run(chosen: Settings, crowd: Size | None) -> None:
    log.configure(chosen.log)
    _say("Venterom, a demonstration. Everybody in it is invented.\n")
    _say("· keys: ", end="")
    vault.make_missing(chosen.keys)
    _say(f"{chosen.keys.root_file.parent}/")
    _say("· database: ", end="")
    asyncio.run(migrate(database_url(chosen.database)))
    _say(_place(database_url(chosen.database)))
    app = build(chosen)
    app.cleanup_ctx.append(_open_the_doors(chosen, crowd))
    if crowd is None:
        app.cleanup_ctx.append(every((world.AWAKE_S, world.keep_awake)))
    else:
        Company(crowd, chosen.http.public_url).add(app)
    run.run(app, chosen)


def _refuse_to_reset_elsewhere(settings: Settings) -> None:
    """Nothing outside the demonstration's own folder is deleted. Raises SettingsError."""
    elsewhere = {"database", "epj", "keys", "record"} - _places(settings).keys()
    if elsewhere:
        raise SettingsError(
            f"--reset deletes {OWN}/ and nothing else, and these settings keep a part of the world"
            f" elsewhere: {', '.join(sorted(elsewhere))}. Delete that part by hand."
        )


def invented(settings: Settings, port: int | None) -> Settings:
    """The settings of a demonstration: always open, with a provider of its own."""
    http = settings.http
    if port is not None:
        http = http.model_copy(update={"port": port, "public_url": f"http://127.0.0.1:{port}"})
    issuer = provider_url(settings.demonstration.port)
    identity = settings.identity.model_copy(
        update={
            name: type(provider)(
                kind="plain",
                issuer=issuer,
                client_id=f"venterom-{name}",
                levels=(LEVEL,),
                pushed=True,
                dpop=name in AS_HEALTH_PERSONNEL,
                userinfo=name not in AS_HEALTH_PERSONNEL,
            )
            for name, provider in settings.identity
        }
    )
    return settings.model_copy(
        update={
            "mode": "demonstration",
            "http": http,
            **_places(settings),
            "identity": identity,
            "registers": Registers(
                hpr=Register(url=issuer + registers.HPR_PATH),
                population=Register(url=issuer + registers.POPULATION_PATH),
            ),
            "hours": settings.hours.model_copy(update={"all_day": True}),
            "log": settings.log.model_copy(update={"level": "warning", "json_lines": False}),
        }
    )


def _places(settings: Settings) -> dict[str, object]:
    """The demonstration's own folder, for whatever was not put somewhere on purpose."""
    usual = Settings()
    own = {
        "database": Database(url=f"sqlite+aiosqlite:///{OWN}/venterom.db"),
        "epj": Epj(url=f"sqlite+aiosqlite:///{OWN}/epj.db"),
        "keys": Keys(
            root_file=OWN / "keys/root.key",
            signing_file=OWN / "keys/signing.pem",
            client_file=OWN / "keys/client.pem",
            folder=OWN / "keys/later",
        ),
        "record": Record(anchor_folder=OWN / "anchor"),
    }
    return {
        name: place
        for name, place in own.items()
        if getattr(settings, name) == getattr(usual, name)
    }


def provider_url(port: int) -> str:
    """Where the demonstration's provider is: another origin, as a real one would be."""
    return f"http://{PROVIDER_HOST}:{port}"


def _open_the_doors(settings: Settings, crowd: Size | None) -> Context:
    async def context(app: web.Application) -> AsyncGenerator[None]:
        provider = demonstration_app(
            mode=settings.mode,
            issuer=provider_url(settings.demonstration.port),
            clients=clients(app, crowd=crowd is not None),
            key=ec.generate_private_key(ec.SECP256R1()),
            clock=utcnow,
        )
        inbox.add(provider, app)
        registers.of(people.world(today(app[CLOCK]()))).add_to(provider)
        runner = web.AppRunner(provider, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, PROVIDER_HOST, settings.demonstration.port).start()
        _say("· world: ", end="")
        await world.fill(app, crowd=crowd is not None)
        await world.plan_the_week(app, crowd=crowd is not None)
        await past.fill(app)
        _say("6 doctors (3 on shift), 12 patients, 2 insurers, 500 policies, 1 director")
        if crowd is not None:
            _say(CROWD.format(crowd.an_hour))
        own = provider_url(settings.demonstration.port)
        _say(DOORS.format(url=settings.http.public_url, provider=own))
        yield
        await runner.cleanup()

    return context


def _place(url: str) -> str:
    return urlsplit(url).path.lstrip("/") if url.startswith("sqlite") else "PostgreSQL"


def _say(text: str, end: str = "\n") -> None:
    print(text, end=end, flush=True)
