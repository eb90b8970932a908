"""A paper as a sheet: what is printed on A4, as a page that a program turns into PDF."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from html import escape

from venterom.journal.papers.problem import printed
from venterom.journal.papers.wording import ESSENTIAL, Line, day

STYLE = """
@page { size: A4; margin: 22mm 20mm 26mm;
  @bottom-left { content: string(foot); font-size: 8.5pt; white-space: pre-line }
  @bottom-right { content: "Side " counter(page) " av " counter(pages); font-size: 8.5pt } }
html { font-family: sans-serif; font-size: 10.5pt; line-height: 1.45; color: #000 }
h1 { string-set: foot attr(data-foot); font-size: 17pt; font-weight: 600; margin: 9mm 0 5mm }
h2 { font-size: 10.5pt; font-weight: 600; margin: 4mm 0 .5mm; break-after: avoid }
p { margin: 0; white-space: pre-line; overflow-wrap: anywhere; orphans: 2; widows: 2 }
.of { margin-bottom: 4mm }
.sign { margin-top: 10mm; break-inside: avoid }
.foot { font-size: 8.5pt; margin-top: 10mm }
.part { break-before: page }
.part > h2:first-child { font-size: 17pt; margin: 9mm 0 5mm }
"""


@dataclass(frozen=True, slots=True)
class Sender:
    """The enterprise that is responsible."""

    name: str
    number: str = ""  # organisation number
    address: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Of:
    """Whom the paper is about."""

    name: str
    birth_date: date | None
    number: str  # national identity number


@dataclass(frozen=True, slots=True)
class Sheet:
    """Everything that stands on it."""

    title: str
    sender: Sender
    to: str
    of: Of
    doctor: str
    hpr: str
    on: date  # a day in Norway
    lines: Sequence[Line]
    code: str
    check_at: str  # the address of the page where the code is typed
    for_employer: Sequence[Line] = ()  # a page of its own, to be handed on


def essential(sheet: Sheet) -> dict[str, str]:
    """What a receiver is shown who types the code: enough to see whether the paper was changed."""
    head = {"Papir": sheet.title, "Fra": sheet.sender.name, "Til": sheet.to}
    lines = {about: said for about, said in sheet.lines if about in ESSENTIAL}
    tail = {"Lege": f"{sheet.doctor}, HPR {sheet.hpr}", "Dato": day(sheet.on)}
    return {**head, "Pasient": sheet.of.name, **lines, **tail}


def html(sheet: Sheet) -> str:
    """The page. The code stands in the text, too: what is printed at the foot is not read out."""
    about = _lines(sheet.lines)
    return (
        f'<!doctype html><html lang="nb"><head><meta charset="utf-8">'
        f"<title>{_text(sheet.title)}</title><style>{STYLE}</style></head><body>"
        f'<h1 data-foot="{_text(_foot(sheet))}">{_text(sheet.title)}</h1>'
        f'<p class="of">{_text(_heading(sheet))}</p>{about}'
        f'<p class="sign">{_text(_signed(sheet))}</p>'
        f'<p class="foot">{_text(_foot(sheet))}</p>{_employer(sheet)}</body></html>'
    )


def _employer(sheet: Sheet) -> str:
    """The last page: of whom and how long, and neither why nor by which number."""
    if not sheet.for_employer:
        return ""
    who = f"Arbeidstaker: {sheet.of.name}"
    if sheet.of.birth_date:
        who += f", født {day(sheet.of.birth_date)}"
    return (
        f'<section class="part"><h2>Sykmelding, del til arbeidsgiveren</h2>'
        f'<p class="of">{_text(f"Fra: {sheet.sender.name}")}<br>{_text(who)}</p>'
        f"{_lines(sheet.for_employer)}"
        f'<p class="sign">{_text(_signed(sheet))}</p>'
        f'<p class="foot">{_text(_foot(sheet))}</p></section>'
    )


def _lines(lines: Sequence[Line]) -> str:
    return "".join(f"<h2>{_text(name)}</h2><p>{_text(said)}</p>" for name, said in lines)


def _heading(sheet: Sheet) -> str:
    sender, of = sheet.sender, sheet.of
    from_ = [sender.name, sender.number and f"Org.nr. {sender.number}", sender.address]
    who = [of.name, of.birth_date and f"født {day(of.birth_date)}", of.number]
    rows = (
        ("Fra", [*from_, sender.phone and f"Tlf. {sender.phone}"]),
        ("Til", [sheet.to]),
        ("Pasient", who),
        ("Dato", [day(sheet.on)]),
    )
    return "\n".join(
        f"{name}: {', '.join(str(each) for each in parts if each)}" for name, parts in rows
    )


def _signed(sheet: Sheet) -> str:
    return f"{sheet.doctor}, lege\nHPR-nummer {sheet.hpr}\nSignert elektronisk {day(sheet.on)}"


def _foot(sheet: Sheet) -> str:
    return f"Kontrollkode {sheet.code}\nKontroller at papiret er ekte på {sheet.check_at}"


def _text(said: str) -> str:
    return escape(printed(said))
