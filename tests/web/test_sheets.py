"""Files for a spreadsheet: nothing in them is run, and nothing in them is changed."""

import csv
import re
import zipfile
from datetime import UTC, datetime
from io import BytesIO, StringIO
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.imports import FOLDERS
from venterom.web.sheets import Cell, Sheet, as_csv, as_xlsx, harmless

MADE = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)
MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
FORMULAS = [
    '=HYPERLINK("https://evil.example","Klikk")',
    "=1+1",
    "+1",
    "-1",
    "-FJP123",  # a policy number may begin so
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "  =1",
    "\u00a0=1",
    "＝1+1",
    "＋1",
    "－1",
    "＠A1",
]
HARMLESS: list[Cell] = ["Helseforsikring", "FJP-107919", "a=1", "", "1E5", "'x", 0, -3, 12]


def sheet(*cells: Cell) -> Sheet:
    return Sheet("Fakturagrunnlag", ("Forsikring",), [(cell,) for cell in cells])


def csv_rows(body: bytes) -> list[list[str]]:
    """As a spreadsheet reads them."""
    assert body.startswith("\ufeff".encode())  # else Excel takes it for another alphabet
    text = body.decode("utf-8-sig")
    return list(csv.reader(StringIO(text, newline=""), delimiter=";"))


def xlsx_cells(body: bytes) -> list[ElementTree.Element]:
    """The cells of the first page."""
    with zipfile.ZipFile(BytesIO(body)) as book:
        return list(ElementTree.fromstring(book.read("xl/worksheets/sheet1.xml")).iter(f"{MAIN}c"))


def xlsx_texts(body: bytes) -> list[str]:
    """Every text in it, in order of first use."""
    with zipfile.ZipFile(BytesIO(body)) as book:
        root = ElementTree.fromstring(book.read("xl/sharedStrings.xml"))
    return [each.text or "" for each in root.iter(f"{MAIN}t")]


@pytest.mark.parametrize("cell", FORMULAS)
def test_what_would_be_run_is_written_as_text(cell: str) -> None:
    assert harmless(cell) == f"'{cell}"
    [_, [written]] = csv_rows(as_csv(sheet(cell)))
    assert written == f"'{cell}"


@pytest.mark.parametrize("cell", HARMLESS)
def test_what_is_harmless_is_left_alone(cell: Cell) -> None:
    assert harmless(cell) == cell


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=20)))
def test_no_csv_has_a_cell_that_begins_like_a_formula(cells: list[str]) -> None:
    for row in csv_rows(as_csv(sheet(*cells))):
        for cell in row:
            assert not cell.strip(" \u00a0").startswith(("=", "+", "-", "@", "\t", "\r"))


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=20)))
def test_quotes_semicolons_and_line_ends_open_no_other_cell(cells: list[str]) -> None:
    rows = csv_rows(as_csv(sheet(*cells)))
    assert [len(row) for row in rows] == [1] * (len(cells) + 1)
    assert [cell for [cell] in rows[1:]] == [harmless(cell) for cell in cells]


def test_a_count_is_a_number_and_a_text_is_quoted() -> None:
    body = as_csv(Sheet("x", ("Forsikring", "Timer"), [("Pluss; med «æøå»", 12)]))
    assert body.decode("utf-8-sig") == '"Forsikring";"Timer"\r\n"Pluss; med «æøå»";12\r\n'


def test_a_workbook_holds_no_formula_and_no_link() -> None:
    body = as_xlsx(sheet(*FORMULAS, *HARMLESS, "https://evil.example", "mailto:a@b.example"), MADE)
    cells = xlsx_cells(body)
    assert not [each for cell in cells for each in cell if each.tag == f"{MAIN}f"]
    with zipfile.ZipFile(BytesIO(body)) as book:
        names = book.namelist()
        assert b"hyperlink" not in book.read("xl/worksheets/sheet1.xml")
    assert not [name for name in names if "sheet1.xml.rels" in name or "external" in name.lower()]


def test_a_workbook_holds_what_it_was_given_texts_and_numbers() -> None:
    body = as_xlsx(Sheet("Grunnlag", ("Forsikring", "Timer"), [("=1+1", 12), ("000123", 3)]), MADE)
    assert xlsx_texts(body) == ["Forsikring", "Timer", "=1+1", "000123"]
    kinds = [cell.get("t", "n") for cell in xlsx_cells(body)]
    assert kinds == ["s", "s", "s", "n", "s", "n"]


def test_a_workbook_says_when_it_was_made_by_our_clock() -> None:
    with zipfile.ZipFile(BytesIO(as_xlsx(sheet("A"), MADE))) as book:
        assert b"2026-11-24T11:00:00Z" in book.read("docProps/core.xml")


ROOT = Path(__file__).resolve().parent.parent.parent
# Who writes tables to files; the second asks the same rule, `safe_cell`, before each row.
WRITERS = {"web/sheets.py", "server/policies.py"}


def test_no_other_code_writes_a_table_to_a_file() -> None:
    code = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py")]
    found = {
        path.relative_to(ROOT).as_posix()
        for path in code
        if re.search(r"csv\.(Dict)?[wW]riter\(|Workbook\(", path.read_text(encoding="utf-8"))
    }
    assert found == WRITERS
