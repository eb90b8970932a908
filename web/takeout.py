"""Everything in one file: the sheet to read, the FHIR to take elsewhere, pictures and receipts."""

import io
import json
import zipfile
from collections.abc import Iterator, Sequence
from typing import Any

from aiohttp import web

from venterom.journal import blocks, casework, entry, fhir_record, logbook, mine, receipts
from venterom.journal import note as notes
from venterom.journal.entry import from_ms
from venterom.journal.fhir_parts import SignedNote
from venterom.journal.fhir_record import Everything
from venterom.web.identity.standing import Right, Standing
from venterom.web.keys import RECORD_KEYS, SENDER
from venterom.web.mine import Reader, enter, names
from venterom.web.mine_log import Said, said
from venterom.web.pages import page, render
from venterom.web.work import Unit, look, work

ZIP = "application/zip"
MOST_LINES = 100_000  # of the log: more than a life's


async def explain(request: web.Request) -> web.Response:
    """GET /mine/{patient}/take-out: what is in the file."""
    async with look(request.app) as unit:
        reader = await enter(request, unit, Right.TAKE_OUT)
    return page(request, "mine/take_out.html", **reader.frame)


async def archive(request: web.Request) -> web.Response:
    """POST /mine/{patient}/take-out: the archive. Taking it out is a line in the log."""
    async with work(request.app) as unit:
        reader = await enter(request, unit, Right.TAKE_OUT)
        await mine.take_out(
            unit.db,
            unit.now,
            patient=reader.patient.id,
            reader=reader.actor,
            basis=reader.record.basis,
        )
    # The line is written, so all may be read; and while it is read, others write.
    async with look(request.app) as unit:
        everything, log = await _everything(request, unit, reader)
        elsewhere = await mine.elsewhere(
            unit.db,
            unit.now,
            patient=reader.patient.id,
            reader=reader.actor,
            basis=reader.record.basis,
        )
    keys = request.app[RECORD_KEYS].verifying
    beside = {"log": log, "elsewhere": elsewhere}
    sheet = render(request, "mine/sheet.html", {**_sheet(everything), **beside})
    files = {"journal.html": sheet.encode(), "journal.json": _json(everything)}
    files |= {**dict(_pictures(everything.notes)), **dict(_papers(everything.notes))}
    files |= {
        f"samtykker/{each.record.kind}-{each.record.id}.json": json.dumps(
            receipts.file_of(each.receipt, keys), ensure_ascii=False, indent=2
        ).encode()
        for each in everything.receipts
    }
    name = f"journal-{everything.now.date().isoformat()}.zip"
    return web.Response(
        body=packed(files),
        content_type=ZIP,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def packed(files: dict[str, bytes]) -> bytes:
    """One archive."""
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive_:
        for name, content in files.items():
            archive_.writestr(name, content)
    return whole.getvalue()


async def _everything(
    request: web.Request, unit: Unit, reader: Reader
) -> tuple[Everything, list[Said]]:
    keys, patient = request.app[RECORD_KEYS], reader.patient
    asked: dict[str, Any] = {"patient": patient.id, "reader": reader.actor}
    asked["basis"] = reader.record.basis
    taken = await mine.everything(unit.db, keys, unit.now, **asked)
    given = await mine.receipts(unit.db, unit.now, **asked)
    lines = await logbook.page(unit.db, unit.now, **asked, most=MOST_LINES, noted=False)
    is_own = reader.record.standing is Standing.SELF
    standing = await blocks.standing(unit.db, patient.id) if is_own else ()
    cases = await casework.of_patient(unit.db, patient.id) if is_own else []
    words = await casework.words_of(unit.db, keys, cases)
    reasons = await blocks.reasons(unit.db, keys, patient.id)
    ids = {line.actor for line in lines} | {each.against for each in standing}
    known = await names(request, unit, ids)
    days = await mine.days_of(unit.db, patient.id)
    assert patient.birth_date is not None, "the door lets in to no record without one"
    everything = Everything(
        pseudonym=keys.pseudonym(patient.id),
        name=patient.name,
        birth_date=patient.birth_date,
        now=unit.now,
        notes=taken,
        receipts=given,
        blocks=standing,
        cases=[(case, words[case.id]) for case in cases],
        log=lines,
        names={id_: each.name for id_, each in known.items()},
        service=request.app[SENDER].name,
    )
    log = [said(reader, line, known, days, reasons, everything.service) for line in lines]
    return everything, log


def _json(everything: Everything) -> bytes:
    return json.dumps(fhir_record.collection(everything), ensure_ascii=False, indent=1).encode()


def _pictures(taken: Sequence[SignedNote]) -> Iterator[tuple[str, bytes]]:
    for note in taken:
        day = from_ms(note.manifest.signed_at).date().isoformat()
        for n, data in enumerate(note.pictures, start=1):
            yield f"bilder/{day}-{note.manifest.visit}-{n}.jpg", data


def _papers(taken: Sequence[SignedNote]) -> Iterator[tuple[str, bytes]]:
    for note in taken:
        day = from_ms(note.manifest.signed_at).date().isoformat()
        for issued, pdf in zip(note.content.papers, note.papers, strict=True):
            yield f"papirer/{day}-{issued.kind}-{issued.id}.pdf", pdf


def _sheet(everything: Everything) -> dict[str, Any]:
    return {
        "patient": {"name": everything.name, "birth_date": everything.birth_date},
        "taken_at": everything.now,
        "service": everything.service,
        "notes": [
            {
                "signed_at": from_ms(note.manifest.signed_at),
                "doctor": note.manifest.author_name,
                "hpr": note.manifest.author_hpr,
                "sections": notes.sections(note.content.note),
                "account": entry.account(note.content, note.manifest.author_name),
                "code": f"{note.content.note.icpc2} {note.content.term}".rstrip(),
                "pictures": len(note.pictures),
                "papers": len(note.papers),
            }
            for note in reversed(everything.notes)
        ],
        "consents": [each.record for each in everything.receipts],
        "cases": [{"case": case, "words": words} for case, words in everything.cases],
    }
