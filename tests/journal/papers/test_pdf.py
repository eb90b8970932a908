"""The printed paper: judged by a checker of PDF/A and PDF/UA, and looked into by pikepdf."""

import io
import re
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import page
import pikepdf
import pytest

from tests.journal.papers.make import (
    BODIES,
    CERTIFICATE,
    PRESCRIPTION,
    REFERRAL,
    SICK_NOTE,
    TODAY,
)
from venterom.journal.papers import code, paper, pdf, wording
from venterom.journal.papers.paper import Body, Kind
from venterom.journal.papers.problem import MAX_TEXT
from venterom.journal.papers.sheet import Of, Sender, Sheet, html
from venterom.journal.papers.sick_note import Employers

pytestmark = pytest.mark.slow

CODE = code.write(bytes(range(16)))
SENDER = Sender("Prøvelegene AS", "999999999", "Prøveveien 1, 0000 Prøveby", "23 01 48 00")
NASTY = "<script>x</script> </p> & \" ' ¶ \u202e æøå 漢 🙂 http://example.org/x.png"


def sheet(body: Body = PRESCRIPTION) -> Sheet:
    """A paper as it is printed."""
    return Sheet(
        title=paper.TITLES[paper.KINDS[type(body)]],
        sender=SENDER,
        to=wording.recipient(body),
        of=Of("Kari Prøvdal", date(1980, 5, 17), "17858012345"),
        doctor="Solveig Legeprøve",
        hpr="9999001",
        on=TODAY,
        lines=wording.lines(body, TODAY),
        code=CODE,
        check_at="https://venterom.example/paper",
        for_employer=wording.for_employer(body),
    )


def faults(made: bytes) -> list[str]:
    """What the checker finds amiss, by both standards."""
    reports = [page.validate_pdf_bytes(made, profile=each) for each in ("2a", "ua1")]
    return [failure.rule_id for report in reports for failure in report.failures]


def words(made: bytes, first: int = 0) -> str:
    """What a screen reader gets from this page on, through the fonts' own tables."""
    return " ".join(_texts(made, first))


def _texts(made: bytes, first: int) -> Iterator[str]:
    with pikepdf.open(io.BytesIO(made)) as opened:
        for each in opened.pages[first:]:
            fonts = {
                name: _table(bytes(font.ToUnicode.read_bytes()).decode())
                for name, font in each.Resources.Font.items()
            }
            table: dict[str, str] = {}
            for instruction in pikepdf.parse_content_stream(each):
                operands: Any = instruction.operands
                operator = instruction.operator
                if str(operator) == "Tf":
                    table = fonts[str(operands[0])]
                elif str(operator) in ("Tj", "TJ"):
                    parts = operands[0] if str(operator) == "TJ" else operands
                    yield "".join(
                        _decoded(bytes(part), table)
                        for part in parts
                        if isinstance(part, pikepdf.String)
                    )


def _table(cmap: str) -> dict[str, str]:
    pairs = re.findall(r"<([0-9A-Fa-f]+)> <([0-9A-Fa-f]+)>", cmap)
    return {a.lower(): bytes.fromhex(b).decode("utf-16-be") for a, b in pairs}


def _decoded(raw: bytes, table: dict[str, str]) -> str:
    return "".join(table.get(raw[n : n + 2].hex(), "") for n in range(0, len(raw), 2))


@pytest.mark.parametrize("body", BODIES, ids=[each.value for each in Kind])
def test_every_paper_is_pdf_a_2a_and_pdf_ua_1_in_one(body: Body) -> None:
    assert faults(pdf.write(html(sheet(body)))) == []


@pytest.mark.parametrize(
    "body",
    [
        replace(REFERRAL, history="En lang historie. " * (MAX_TEXT // 18)),
        replace(CERTIFICATE, text=NASTY, to=NASTY, limits="x" * MAX_TEXT),
    ],
    ids=["pages", "nasty"],
)
def test_it_stays_so_whatever_is_written(body: Body) -> None:
    assert faults(pdf.write(html(sheet(body)))) == []


def test_it_says_who_to_whom_when_by_which_law_and_how_it_is_checked() -> None:
    made = pdf.write(html(replace(sheet(REFERRAL), lines=[("Historie", "En linje.\n" * 50)])))
    with pikepdf.open(io.BytesIO(made)) as opened:
        assert len(opened.pages) == 2
        width, height = (float(opened.pages[0].MediaBox[n]) for n in (2, 3))
        assert (round(width), round(height)) == (595, 842)  # A4
        assert str(opened.Root.Lang) == "nb" and bool(opened.Root.MarkInfo.Marked)
        assert str(opened.docinfo["/Title"]) == "Henvisning"
        assert not opened.attachments and "/JavaScript" not in opened.Root
    said = re.sub(r"\s+", "", words(made))
    for part in (
        "Prøvelegene AS",
        "Org.nr. 999999999",
        "Ortopedisk poliklinikk",
        "Kari Prøvdal",
        "født 17.05.1980",
        "24.11.2026",
        "HPR-nummer 9999001",
        "Side 1 av 2",
        "Side 2 av 2",
        "https://venterom.example/paper",
    ):
        assert part.replace(" ", "") in said, part
    assert said.count(CODE) == 3  # at the foot of both pages, and once where it is read out


def test_the_last_page_of_a_sick_note_is_the_employers_and_says_nothing_of_health() -> None:
    made = pdf.write(html(sheet(SICK_NOTE)))
    with pikepdf.open(io.BytesIO(made)) as opened:
        assert len(opened.pages) == 2
    whole, last = (re.sub(r"\s+", "", words(made, first)) for first in (0, 1))
    for part in ("del til arbeidsgiveren", "Kari Prøvdal", "24.11.2026–27.11.2026", "100 %", CODE):
        assert part.replace(" ", "") in last, part
    for part in (SICK_NOTE.function, SICK_NOTE.work, SICK_NOTE.reason, "17858012345", "§ 8-7"):
        said = part.replace(" ", "")
        assert said in whole and said not in last, part


def test_without_an_employer_there_is_no_such_page() -> None:
    made = pdf.write(html(sheet(replace(SICK_NOTE, employers=Employers.NONE))))
    assert "arbeidsgiveren" not in words(made)


def test_what_is_typed_is_text_and_nothing_is_fetched() -> None:
    body = replace(CERTIFICATE, text=NASTY + "<img src='file:///etc/passwd'>")
    wild = f"{NASTY}<img src=x><script>"
    named = sheet(body)
    named = replace(named, of=replace(named.of, name=wild), doctor=wild, to=wild)
    page_of = html(replace(named, sender=replace(named.sender, name=wild, address=wild)))
    assert "<script" not in page_of and "<img" not in page_of
    with pytest.raises(ValueError, match="fetches nothing"):
        pdf._nothing("http://example.org")


def test_a_paper_without_its_metadata_would_be_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "UA", b"")
    assert any("UA1" in each for each in faults(pdf.write(html(sheet()))))


def test_the_printer_is_fetched_when_it_is_needed_and_not_before() -> None:
    import subprocess

    ask = "import venterom.server.app, sys; print('weasyprint' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "False"
