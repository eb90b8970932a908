"""The sheet of a whole record, to read and to print without us (templates/mine/sheet.html)."""

from collections.abc import Sequence
from typing import Any

from venterom.journal import entry
from venterom.journal import note as notes
from venterom.journal.entry import from_ms
from venterom.journal.fhir_parts import SignedNote
from venterom.journal.fhir_record import Everything
from venterom.journal.mine import Kept
from venterom.web.mine_log import Said


def context(
    everything: Everything, log: Sequence[Said], elsewhere: Sequence[Kept]
) -> dict[str, Any]:
    """What the template is given."""
    replaced = {
        (note.manifest.visit, version): from_ms(note.manifest.signed_at)
        for note in everything.notes
        if note.content.amends
        for version in note.content.amends.replaces
    }
    return {
        "patient": {"name": everything.name, "birth_date": everything.birth_date},
        "taken_at": everything.now,
        "service": everything.service,
        "notes": [
            _note(note)
            | {"replaced_at": replaced.get((note.manifest.visit, note.manifest.version))}
            for note in reversed(everything.notes)
        ],
        "consents": [each.record for each in everything.receipts],
        "cases": [{"case": case, "words": words} for case, words in everything.cases],
        "log": log,
        "looks": everything.looks,
        "elsewhere": elsewhere,
    }


def _note(note: SignedNote) -> dict[str, Any]:
    content, amends = note.content, note.content.amends
    return {
        "signed_at": from_ms(note.manifest.signed_at),
        "doctor": note.manifest.author_name,
        "hpr": note.manifest.author_hpr,
        "why": amends.why if amends else "",
        "addition": amends.addition if amends else "",
        "sections": notes.sections(content.note),
        "account": entry.account(content, note.manifest.author_name),
        "code": f"{content.note.icpc2} {content.term}".rstrip(),
        "pictures": len(note.pictures),
        "papers": len(note.papers),
    }
