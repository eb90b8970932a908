"""A record as files: the data, and beside it what is better looked at as what it is.

journal.json   everything as one FHIR collection (fhir_record.py)
bilder/        pictures, by the day of the note
papirer/       papers, as they were issued
samtykker/     receipts, which anyone can check (receipts.py)
"""

import io
import json
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from venterom.journal import fhir_record, receipts
from venterom.journal.consent import Receipted
from venterom.journal.entry import from_ms
from venterom.journal.fhir_parts import SignedNote
from venterom.journal.fhir_record import Everything
from venterom.journal.jws import PublicKey

File = tuple[str, bytes]  # path and content


def files(everything: Everything, keys: Mapping[str, PublicKey]) -> Iterator[File]:
    """All of them; `keys` may have signed a receipt."""
    yield "journal.json", fhir_record.collection(everything)
    yield from _pictures(everything.notes)
    yield from _papers(everything.notes)
    yield from _receipts(everything.receipts, keys)


def packed(found: Iterable[File], now: datetime) -> bytes:
    """One zip archive, as of `now`."""
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as archive:
        for name, content in found:
            member = zipfile.ZipInfo(name, now.timetuple()[:6])
            archive.writestr(member, content, zipfile.ZIP_DEFLATED)
    return whole.getvalue()


def _pictures(taken: Sequence[SignedNote]) -> Iterator[File]:
    for note in taken:
        for n, data in enumerate(note.pictures, start=1):
            yield f"bilder/{_day(note)}-{note.manifest.visit}-{n}.jpg", data


def _papers(taken: Sequence[SignedNote]) -> Iterator[File]:
    for note in taken:
        for issued, pdf in zip(note.content.papers, note.papers, strict=True):
            yield f"papirer/{_day(note)}-{issued.kind}-{issued.id}.pdf", pdf


def _receipts(given: Sequence[Receipted], keys: Mapping[str, PublicKey]) -> Iterator[File]:
    for each in given:
        name = f"samtykker/{each.record.kind}-{each.record.id}.json"
        file = receipts.file_of(each.receipt, keys)
        yield name, json.dumps(file, ensure_ascii=False, indent=2).encode()


def _day(note: SignedNote) -> str:
    return from_ms(note.manifest.signed_at).date().isoformat()
