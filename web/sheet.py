"""The sheet of a whole record, to read and to print without us (templates/mine/sheet.html)."""

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import Any

from venterom.journal import entry
from venterom.journal import note as notes
from venterom.journal.entry import from_ms
from venterom.journal.fhir_parts import SignedNote
from venterom.journal.fhir_record import Everything
from venterom.journal.mine import Kept
from venterom.web import text
from venterom.web.mine_log import Said
from venterom.web.text import N_

YOU = N_("Du")


def context(
    everything: Everything, log: Sequence[Said], elsewhere: Sequence[Kept], language: str
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
        "log": list(lines(log, everything.service, language)),
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


def lines(log: Iterable[Said], service: str, language: str) -> Iterator[str]:
    """The log in words. There may be very many lines, and a template takes four times as long."""
    in_words = cache(text.translations(language).gettext)
    for line in log:
        at = f"{text.short_date(line.at, language)} {text.clock(line.at)}"
        staff = f", {in_words(line.role)}, {service}" if line.is_staff else ""
        why = f" ({in_words(line.why)})" if line.why else ""
        words = f": {line.words}" if line.words else ""
        yield f"{at}: {line.who or in_words(YOU)}{staff}. {in_words(line.what)}{why}{words}"
