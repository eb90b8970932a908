"""New keys for the record while the service runs: made, taken up, and everything wrapped anew."""

import argparse
import asyncio
import sys
from collections import Counter
from collections.abc import Awaitable
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from venterom.journal import rotating
from venterom.journal.rotating import Step
from venterom.journal.seal import KekRing
from venterom.journal.tables import EpjRow, PatientKeyRow, epj_metadata
from venterom.server import config, vault
from venterom.server.clock import utcnow
from venterom.server.commands import database, opened
from venterom.server.config import Settings
from venterom.server.db import make_sessions
from venterom.web.keys import CLOCK, RECORD_KEYS

NEW_KEY = """\
Makes a new key of the record, in the folder [keys] folder. The running service takes it up by
itself within two minutes. Keep a copy of the file somewhere safe before you go on.

  record    the next key-encryption key (kek-2.key, kek-3.key …). It seals new patients' keys; those
            of the patients before are wrapped anew by `venterom journal rotate`.
  signing   a new key signs notes, consents and checkpoints. The public half of the one before is
            kept in the folder, for as long as what it signed: without it nobody can verify that.

Run it as the account that the service runs as. Do it once a year, and when somebody may have seen
a key.
"""
ROTATE = """\
Wraps the patients' keys anew under the newest key-encryption key, a few at a time, while the
service runs. What was written is not touched. It can be broken off and begun again, and does
nothing when there is nothing to do. The notes of the embedded journal are sealed anew.

At the end it says how much each key still opens, and which ones are needed no more. An old key is
still needed for each backup that was taken before. A key that has been there for less than two
minutes is not used yet.

Exits with 1 when some of it could not be opened: the key is missing, or is another one. That is
left as it was; put the right key into the folder and run it again.
"""
EVERY_S = 30.0  # well below vault.SETTLES

FILES = web.AppKey[config.Keys]("FILES")
# Between two steps: SQLite hands out no turns, so whoever asks again at once would keep the service
# from writing.
TURN_S = 0.05


class Rotating(Protocol):
    """One step of a rotation."""

    def __call__(self, db: AsyncSession, *, after: str) -> Awaitable[Step]:
        """Go on behind `after`."""


async def read_keys(app: web.Application) -> None:
    """Take up keys that were put into the folder. With a fault in it, those before go on."""
    keyring = await asyncio.to_thread(vault.load, app[FILES])
    app[RECORD_KEYS].renew(keyring.record_keys(app[CLOCK]()))


async def refuse_other_keys(care: AsyncEngine, keks: KekRing, files: config.Keys) -> None:
    """What was sealed must open: that is found at the start, and not by the first doctor who reads.

    Raises SettingsError when a key is missing or is another one.
    """
    async with make_sessions(care)[1]() as db, db.begin():
        found = set(await rotating.not_opened(db, keks)) - set(files.lost)
    if found:
        raise config.SettingsError(
            f"{', '.join(sorted(found))}: the key is missing, or is not the one that sealed the"
            " record: put the right file back, or name it in [keys] lost"
        )


@dataclass(slots=True)
class Report:
    """What a rotation did, and what each key still opens."""

    done: int = 0
    unreadable: Counter[str] = field(default_factory=Counter)
    in_use: Counter[str] = field(default_factory=Counter)


def new_key(settings: Settings, chosen: argparse.Namespace) -> None:
    """`venterom journal new-key`."""
    vault.refuse_other_account(settings.keys)
    vault.load(settings.keys)
    if chosen.kind == "record":
        print(f"{vault.make_later(settings.keys)} is made. In two minutes: venterom journal rotate")
    else:
        kept = vault.replace_signing(settings.keys)
        print(f"{settings.keys.signing_file} is a new key; the one before is known by {kept}.")


def rotate(settings: Settings, _chosen: argparse.Namespace) -> None:
    """`venterom journal rotate`."""
    vault.refuse_other_account(settings.keys)
    keks = vault.load(settings.keys).record_keys(utcnow()).keks
    report = asyncio.run(_rotate(settings, keks))
    print("\n".join(lines(report, keks)))
    if report.unreadable:
        sys.exit(1)


def lines(report: Report, keks: KekRing) -> list[str]:
    """The report in words."""
    said = [f"{report.done} keys were wrapped anew under {keks.current}."]
    for kek_id in sorted({*keks.keys, *report.in_use}, key=vault.number_of):
        said.append(f"  {kek_id}: {_standing(kek_id, keks.current, report.in_use[kek_id])}")
    said += [
        f"{count} of {kek_id} cannot be opened: the key is missing, or is another one."
        for kek_id, count in sorted(report.unreadable.items())
    ]
    return said


def _standing(kek_id: str, current: str, opens: int) -> str:
    if kek_id == current:
        return f"seals, and opens {opens}"
    if opens:
        return f"opens {opens}"
    if vault.number_of(kek_id) > vault.number_of(current):
        return "is too new to seal yet: run this again in two minutes"
    return "is needed no more, but for older backups"


async def _rotate(settings: Settings, keks: KekRing) -> Report:
    report = Report()
    async with database(settings) as engine:
        step = partial(rotating.rotate_patients, keks=keks)
        await _all(engine, step, PatientKeyRow, report)
    if not settings.epj.outside.url:
        async with opened(config.database_url(settings.epj)) as engine:
            async with engine.begin() as connection:
                await connection.run_sync(epj_metadata.create_all)
            await _all(engine, partial(rotating.rotate_epj, keks=keks), EpjRow, report)
    return report


async def _all(
    engine: AsyncEngine, step: Rotating, kind: type[PatientKeyRow | EpjRow], report: Report
) -> None:
    sessions = make_sessions(engine)[0]
    after: str | None = ""
    while after is not None:
        async with sessions() as db, db.begin():
            taken = await step(db, after=after)
        after = taken.last
        report.done += taken.done
        report.unreadable += taken.unreadable
        if sys.stderr.isatty():
            print(f"\r{report.done} …\x1b[K", end="", file=sys.stderr, flush=True)
        await asyncio.sleep(TURN_S)
    async with sessions() as db, db.begin():
        report.in_use += await rotating.in_use(db, kind)
