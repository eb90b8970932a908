"""`venterom journal export`: the whole record, for whoever keeps it when the enterprise closes."""

import argparse
import asyncio
import json
import sys
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from jinja2 import Template
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from venterom.journal import anchor as checkpoints
from venterom.journal import archive, audit, handed, handover, jws
from venterom.journal.access import Actor, Basis, Role
from venterom.journal.beside import links
from venterom.journal.chain import Head
from venterom.journal.entry import to_ms
from venterom.journal.errors import JournalError
from venterom.journal.handed import Manifest
from venterom.journal.keys import Keys
from venterom.server import anchor, parcel, vault
from venterom.server.anchor import Anchor
from venterom.server.clock import utcnow
from venterom.server.commands import database
from venterom.server.config import Settings, SettingsError
from venterom.server.db import make_sessions, make_snapshots
from venterom.server.parcel import Parcel
from venterom.server.progress import progress
from venterom.web import gathering, pages, sheet
from venterom.web.identity import numbers, people
from venterom.web.identity.errors import IdentityError
from venterom.web.identity.people import Person
from venterom.web.identity.sealed import Keys as IdentityKeys
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
SHEET = "mine/sheet.html"
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
    if not chosen.to.strip():
        raise SettingsError("--to: who takes the record over?")
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
    keys = keyring.record_keys(now)
    async with database(settings) as engine:
        whose = await _begin(engine, now, chosen)
        async with make_snapshots(engine)() as db, db.begin():
            if set(await handover.patients(db)) - set(whose):
                raise JournalError("somebody came meanwhile: stop the service")
            end = await _log(db, settings, keys, now, box)
            copier = _Copier(keys, keyring.identity_keys(), now, settings.enterprise.name)
            for n, patient in enumerate(whose, start=1):
                files = await copier.files(db, patient)
                box.put(f"pasienter/{keys.pseudonym(patient)}.zip", archive.packed(files, now))
                progress("patients", n)
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
    db: AsyncSession, settings: Settings, keys: Keys, now: datetime, box: Parcel
) -> Head:
    """The chain, file by file, and the anchor, which is brought up to its end first."""
    end, own = await audit.head(db), Anchor(settings.record.anchor_folder)
    anchor.append(own.file, checkpoints.write(end, now, keys))
    box.put("anker.jws", own.file.read_bytes(), in_clear=True)
    lines: list[bytes] = []
    files = 0
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


@dataclass(frozen=True, slots=True)
class _Copier:
    """Makes the files of one patient after the other."""

    keys: Keys
    identity: IdentityKeys
    now: datetime
    service: str
    template: Template = field(
        default_factory=lambda: pages.environments(pages.read_static())[SOURCE].get_template(SHEET)
    )

    async def files(self, db: AsyncSession, patient: str) -> list[archive.File]:
        """Everything that is known of this patient."""
        person = await people.person(db, self.identity, patient)
        number = await people.reveal_number(db, self.identity, patient)
        taken = await gathering.gather(
            db,
            self.keys,
            self.identity,
            self.now,
            patient=person,
            reader=Actor(patient, Role.PATIENT, person.name),
            basis=Basis.NONE,
            me="",
            service=self.service,
        )
        everything = replace(taken.everything, number=_identifier(number))
        page = self.template.render(**sheet.context(everything, taken.log, taken.elsewhere, SOURCE))
        told = [each async for each in handover.stories(db, self.keys, patient)]
        return [
            ("pasient.json", _who(person, number, everything.pseudonym)),
            ("journal.html", page.encode()),
            *archive.files(everything, self.keys.verifying),
            *map(handed.note_file, await handover.signed(db, self.keys, patient)),
            *((f"forhand/{visit}.txt", words) for visit, words in told),
        ]


def _who(person: Person, number: str, pseudonym: str) -> bytes:
    said = {
        "id": person.id,
        "pseudonym": pseudonym,
        "name": person.name,
        "birth_date": person.birth_date.isoformat() if person.birth_date else None,
        "number": number,
    }
    return json.dumps(said, ensure_ascii=False, indent=1).encode()


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
