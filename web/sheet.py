"""The sheet of a whole record, to read and to print without us (templates/mine/sheet.html)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from markupsafe import Markup

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
# Of the log, on paper: some ten pages. All of it is in the page and in the data, and a log of a
# hundred thousand lines would be set for minutes.
MOST_PRINTED = 500
PRINT = """
@page { size: A4; margin: 20mm;
  @bottom-left { content: string(of); font-size: 8.5pt }
  @bottom-right { content: counter(page) " / " counter(pages); font-size: 8.5pt } }
html { font-family: sans-serif; font-size: 10.5pt; line-height: 1.45; color: #000 }
h1, h2, h3, h4 { font-weight: 600; break-after: avoid }
h1 { font-size: 17pt; margin: 0 0 2mm }
h2 { font-size: 14pt; margin: 8mm 0 2mm }
h3 { font-size: 12pt; margin: 5mm 0 1mm }
h4 { font-size: 10.5pt; margin: 3mm 0 .5mm }
p { margin: 0; overflow-wrap: anywhere; orphans: 2; widows: 2 }
h1 + p { string-set: of content() }
"""


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
        "style": "",
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
        "left_out": 0,
        "looks": everything.looks,
        "elsewhere": elsewhere,
    }


def to_print(said: Mapping[str, Any]) -> dict[str, Any]:
    """The same for paper: with a style, and not every line of a long log."""
    log = said["log"]
    left_out = max(len(log) - MOST_PRINTED, 0)
    return {**said, "style": Markup(PRINT), "log": log[:MOST_PRINTED], "left_out": left_out}


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
