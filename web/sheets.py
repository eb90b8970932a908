"""Tables that leave the service as files, with nothing in them that a spreadsheet would run.

CSV as a Norwegian spreadsheet opens it with a click: UTF-8 with a mark in front, semicolons, CRLF.
"""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO, StringIO

from aiohttp import web
from xlsxwriter import Workbook

from venterom.queue.coverage.loads import safe_cell

CSV = "text/csv"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

Cell = str | int


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table with a name and a heading over each column."""

    title: str
    headings: tuple[str, ...]
    rows: Sequence[tuple[Cell, ...]]


def harmless(cell: Cell) -> Cell:
    """A text that no spreadsheet takes for a formula; a number of ours is none."""
    return cell if isinstance(cell, int) else safe_cell(cell)


def as_csv(sheet: Sheet) -> bytes:
    """The table as CSV."""
    file = StringIO(newline="")
    writer = csv.writer(file, delimiter=";", quoting=csv.QUOTE_NONNUMERIC)
    for row in (sheet.headings, *sheet.rows):
        writer.writerow([harmless(cell) for cell in row])
    return file.getvalue().encode("utf-8-sig")


def as_xlsx(sheet: Sheet, made: datetime) -> bytes:
    """The table as a workbook with one page. `made` is written into it, instead of the time of the
    machine. Texts are stored as texts: a formula is something else there."""
    file = BytesIO()
    with Workbook(file, {"in_memory": True}) as book:
        book.set_properties({"title": sheet.title, "created": made.replace(tzinfo=None)})
        page = book.add_worksheet(sheet.title[:31])
        bold = book.add_format({"bold": True})
        for column, heading in enumerate(sheet.headings):
            page.write_string(0, column, heading, bold)
            page.set_column(column, column, _width(heading, (row[column] for row in sheet.rows)))
        for n, row in enumerate(sheet.rows, start=1):
            for column, cell in enumerate(row):
                write = page.write_number if isinstance(cell, int) else page.write_string
                write(n, column, cell)
        page.freeze_panes(1, 0)
    return file.getvalue()


def _width(heading: str, cells: Iterable[Cell]) -> int:
    """In characters: as wide as what stands in it, and air."""
    return min(max(len(str(each)) for each in (heading, *cells)) + 2, 60)


def download(body: bytes, kind: str, name: str) -> web.Response:
    """A file to keep. `name` is ours: nothing in it was typed by anybody."""
    return web.Response(
        body=body,
        content_type=kind,
        charset="utf-8" if kind == CSV else None,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
