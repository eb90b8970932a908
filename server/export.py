"""`venterom journal export`: the whole record, for whoever keeps it when the enterprise closes."""

import argparse
import asyncio
import json
import sys
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from jinja2 import Template
from sqlalchemy.ext.asyncio import AsyncEngine

from venterom.journal import anchor as checkpoints
from venterom.journal import archive, audit, handed, handover, jws
from venterom.journal.access import Actor, Basis, Role
from venterom.journal.beside import links
from venterom.journal.chain import Head
from venterom.journal.entry import to_ms
from venterom.journal.errors import JournalError
from venterom.journal.handed import Manifest
from venterom.journal.keys import Keys
from venterom.server import anchor, config, parcel, vault
from venterom.server.anchor import Anchor
from venterom.server.clock import utcnow
from venterom.server.config import Settings, SettingsError
from venterom.server.db import make_engine, make_sessions, make_snapshots
from venterom.server.migrations.migrate import refuse_other_version
from venterom.server.parcel import Parcel
from venterom.server.progress import progress
from venterom.web import gathering, pages, sheet
from venterom.web.identity import numbers, people
from venterom.web.identity.errors import IdentityError
from venterom.web.identity.people import Person
from venterom.web.text import SOURCE

MANUAL = """\
Writes the whole record into an empty folder, for whoever takes care of it when the enterprise
closes: an archive, or another enterprise (pasientjournalloven §§ 24, 25). Stop the service first.

  pasienter/   one archive for each patient: a page to read and print, the same as FHIR, pictures,
               papers, receipts of consents, what was written before each meeting, and the signature
               of each note with the bytes that it signs
  logg/        the log of the record, with what it takes to make every hash again
  nokler.json  the public keys, and anker.jws the checkpoints of the log
  manifest     the SHA-256 of every file, signed

With --recipient, what is about patients is sealed for the owner of that certificate (RSA, PEM), as
CMS: `openssl cms -decrypt -inform DER -in FILE -inkey KEY` opens it, and so does
`venterom journal check-export`. Without, whoever has the folder can read all of it.

It is all or nothing: the manifest comes last, and a folder without one is not whole. Broken off,
delete the folder and begin again. Each patient's log says to whom her record was given, and she
can read that; the line is written before anything is read, so it stands even when it is broken off.

Notes that were never signed are not handed over, so it refuses while there are any; whoever wrote
them signs them first. When that cannot be done, --leave-unsigned goes on without them. Notes whose
text only an outside EPJ has are there with signature and receipt; their text comes from there.

Exits with 1 when something cannot be read, and with 2 when it cannot begin. Run it as the account
that the service runs as. Then run `venterom journal check-export` where the folder has come to.
"""
README = """\
Dette er hele pasientjournalen fra {service}, overført til {to} {at:%d.%m.%Y}.

pasienter/   én mappe (zip) for hver pasient. journal.html kan leses og skrives ut.
             journal.json er det samme som FHIR R4. pasient.json sier hvem det er.
logg/        hvem som har gjort hva med journalen, en linje for hver gang, i rekkefølge.
nokler.json  de offentlige nøklene som alt er signert med.
anker.jws    hvor loggen sluttet, skrevet ned underveis.
manifest     SHA-256 av hver fil, signert. Mangler noe, er overføringen ikke hel.

Filer som slutter på .p7m, er låst for mottakeren:
    openssl cms -decrypt -inform DER -in FIL.p7m -inkey NOKKEL.pem -out FIL

Programmet som laget dette, kontrollerer det også, uten nett og uten oss:
    venterom journal check-export MAPPE
"""
BATCH = 500  # patients whose lines are written in one transaction
LINES = 10_000  # of the log in one file: a few megabytes
SYSTEMS = {
    numbers.Kind.FNR: "urn:oid:2.16.578.1.12.4.1.4.1",
    numbers.Kind.DNR: "urn:oid:2.16.578.1.12.4.1.4.2",
    numbers.Kind.FHN: "urn:oid:2.16.578.1.12.4.1.4.3",
}


def add_options(command: argparse.ArgumentParser) -> None:
    """What it takes."""
    command.add_argument("folder", type=Path, metavar="DIR", help="an empty folder, or none yet")
    command.add_argument("--to", required=True, metavar="NAME", help="who takes the record over")
    command.add_argument(
        "--recipient", type=Path, metavar="CERT", help="seal it for this certificate (RSA, PEM)"
    )
    command.add_argument(
        "--leave-unsigned", action="store_true", help="go on without notes that are not signed"
    )


def export(settings: Settings, chosen: argparse.Namespace) -> None:
    """Write it all, and say how much that was."""
    vault.refuse_other_account(settings.keys)
    box = parcel.empty(chosen.folder, chosen.recipient)
    try:
        count = asyncio.run(_export(settings, chosen, box))
    except (JournalError, IdentityError, OSError) as fault:
        sys.exit(f"venterom: not whole, delete {chosen.folder}: {fault}")
    if sys.stderr.isatty():
        print(file=sys.stderr)
    print(f"{count} patients' records are in {chosen.folder}, {len(box.files)} files.")
    if chosen.recipient is None:
        print("Nothing is sealed: whoever has the folder can read it.")


async def _export(settings: Settings, chosen: argparse.Namespace, box: Parcel) -> int:
    now, keyring = utcnow(), vault.load(settings.keys)
    keys, identity = keyring.record_keys(now), keyring.identity_keys()
    engine = make_engine(config.database_url(settings.database))
    try:
        await refuse_other_version(engine)
        whose = await _begin(engine, now, chosen)
        end = await _log(engine, settings, keys, now, box)
        template = pages.environments(pages.read_static())[SOURCE].get_template("mine/sheet.html")
        async with make_snapshots(engine)() as db, db.begin():
            if set(await handover.patients(db)) - set(whose):
                raise JournalError("somebody came meanwhile: stop the service")
            known = await people.persons(db, identity, whose)
            for n, patient in enumerate(whose, start=1):
                if patient not in known:
                    raise JournalError(f"nobody is known as {patient}")
                person = known[patient]
                number = await people.reveal_number(db, identity, patient)
                taken = await gathering.gather(
                    db,
                    keys,
                    identity,
                    now,
                    patient=person,
                    reader=Actor(patient, Role.PATIENT, person.name),
                    basis=Basis.NONE,
                    me="",
                    service=settings.enterprise.name,
                )
                found = [*_patient_files(taken, person, number, keys, template)]
                found += [
                    handed.note_file(each) for each in await handover.signed(db, keys, patient)
                ]
                async for visit, words in handover.stories(db, keys, patient):
                    found.append((f"forhand/{visit}.txt", words))
                name = f"pasienter/{keys.pseudonym(patient)}.zip"
                box.put(name, archive.packed(found, now))
                progress("patients", n)
    finally:
        await engine.dispose()
    _close(box, settings, chosen.to, keys, now, end)
    return len(whose)


async def _begin(engine: AsyncEngine, now: datetime, chosen: argparse.Namespace) -> list[str]:
    """Who is handed over; the lines that say so are written."""
    writing, reading = make_sessions(engine)
    async with reading() as db, db.begin():
        whose, left = await handover.patients(db), await handover.unsigned(db)
    if left and not chosen.leave_unsigned:
        raise SettingsError(f"{left} notes are not signed (--leave-unsigned goes on without them)")
    for first in range(0, len(whose), BATCH):
        async with writing() as db, db.begin():
            await handover.told(db, now, whose[first : first + BATCH], chosen.to)
    return whose


async def _log(
    engine: AsyncEngine, settings: Settings, keys: Keys, now: datetime, box: Parcel
) -> Head:
    """The chain, file by file, and the anchor, which is brought up to its end first."""
    lines: list[bytes] = []
    files = 0
    async with make_snapshots(engine)() as db, db.begin():
        end, own = await audit.head(db), Anchor(settings.record.anchor_folder)
        anchor.append(own.file, checkpoints.write(end, now, keys))
        box.put("anker.jws", own.file.read_bytes(), in_clear=True)
        async for page in links(db):
            lines += [handed.log_line(link) for link in page]
            while len(lines) >= LINES:
                files += 1
                box.put(f"logg/{files:06}.jsonl", b"".join(lines[:LINES]))
                del lines[:LINES]
                progress("lines of the log", files * LINES)
    if lines:
        box.put(f"logg/{files + 1:06}.jsonl", b"".join(lines))
    return end


def _patient_files(
    taken: gathering.Gathered, person: Person, number: str, keys: Keys, template: Template
) -> list[archive.File]:
    everything = replace(taken.everything, number=_identifier(number))
    said = {
        "id": person.id,
        "pseudonym": everything.pseudonym,
        "name": person.name,
        "birth_date": everything.birth_date.isoformat(),
        "number": number,
    }
    page = template.render(**sheet.context(everything, taken.log, taken.elsewhere))
    return [
        ("pasient.json", json.dumps(said, ensure_ascii=False, indent=1).encode()),
        ("journal.html", page.encode()),
        *archive.files(everything, keys.verifying),
    ]


def _identifier(number: str) -> tuple[str, str] | None:
    """The national number and the list that it is of; None: there is no such list."""
    for synthetic in (False, True):
        judged = numbers.judge(number, synthetic)
        if isinstance(judged, numbers.Number) and judged.kind in SYSTEMS:
            return SYSTEMS[judged.kind], number
    return None


def _close(box: Parcel, settings: Settings, to: str, keys: Keys, now: datetime, end: Head) -> None:
    """What is for everybody to read, and last of all the manifest."""
    service = settings.enterprise.name
    box.put("nokler.json", json.dumps(jws.jwks(keys.verifying), indent=1).encode(), in_clear=True)
    readme = README.format(service=service, to=to, at=now)
    box.put("LESMEG.txt", readme.encode(), in_clear=True)
    text = handed.manifest_text(Manifest(service, to, to_ms(now), end, box.files))
    token = jws.sign(handed.manifest_payload(text), keys.signing, keys.kid, handed.TYPE)
    box.close(text, token)
