"""The published list of ICPC-2 codes as a text file, read line by line.

The directorate of health publishes it each year (finnkode, «teknisk koderegister»): one code a
line, cells apart by a tab or, saved from the spreadsheet, by a semicolon. The newer files begin
with the names of their columns, of which these are read; the older ones have none, and hold the
code and its words. Codes 30 to 69 are what is done, not what ails somebody: they are left out, and
so are the names of chapters and what is valid no longer.

A file that is wrong anywhere is not used at all: a list with holes would be believed.
"""

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from venterom.journal import icpc2

CODE, SHORT, FULL = "kode", "tekst_med_maksimalt_60_tegn", "tekst_uten_lengdebegrensning"
ENDS = "gyldig_til"
OLDER = (CODE, FULL)  # the columns of a file that does not name them
LONGEST = 400  # characters of a term: a line or two; a page of text is not what it says it is
_CHAPTER = re.compile(f"[{icpc2.CHAPTERS}]")
_DAY = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:T[\d:]{5,8})?|(\d\d)\.(\d\d)\.(\d{4})", re.ASCII)


@dataclass(slots=True)
class Read:
    """What a file holds; with any fault, nothing of it is to be used."""

    terms: dict[str, str] = field(default_factory=dict)  # by code
    left_out: int = 0  # lines: processes, chapters, and what is valid no longer
    faults: list[str] = field(default_factory=list)  # one a line, with its number


class _Wrong(Exception):
    """What is wrong with a line."""


def read(data: bytes, day: date) -> Read:
    """The codes in use on `day`."""
    found, number = Read(), 0
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        line = data.count(b"\n", 0, fault.start) + 1
        found.faults.append(f"line {line}: is not UTF-8; save the file as UTF-8")
        return found
    try:
        columns, lines = _table(text)
        for number, cells in lines:
            _take(found, columns, number, cells, day)
    except _Wrong as wrong:
        found.faults.append(str(wrong))
    except csv.Error as fault:
        found.faults.append(f"after line {number}: {fault}")
    if not found.terms and not found.faults:
        found.faults.append("the file holds no code")
    return found


def _table(text: str) -> tuple[Sequence[str], Iterator[tuple[int, list[str]]]]:
    """The columns' names, and the lines that hold anything, by their numbers."""
    first = text.split("\n", 1)[0]
    rows = csv.reader(text.splitlines(), delimiter="\t" if "\t" in first else ";", strict=True)
    lines = ((rows.line_num, [cell.strip() for cell in row]) for row in rows if any(row))
    try:
        number, head = next(lines)
    except StopIteration:
        raise _Wrong("the file holds no code") from None
    names = ["_".join(cell.casefold().split()) for cell in head]
    if CODE in names and {SHORT, FULL} & set(names):
        return names, lines
    if icpc2.well_formed(head[0]) or _CHAPTER.fullmatch(head[0]):
        return OLDER, _again(number, head, lines)
    raise _Wrong(f"line {number}: names no column «Kode» with its words, and is no code")


def _again(
    number: int, head: list[str], rest: Iterator[tuple[int, list[str]]]
) -> Iterator[tuple[int, list[str]]]:
    yield number, head
    yield from rest


def _take(
    found: Read, columns: Sequence[str], number: int, cells: Sequence[str], day: date
) -> None:
    try:
        code, term = _line(columns, cells, day)
        if code in found.terms:
            raise _Wrong(f"{code} stands in the file already")
    except _Wrong as wrong:
        found.faults.append(f"line {number}: {wrong}")
        return
    if term:
        found.terms[code] = term
    else:
        found.left_out += 1


def _line(columns: Sequence[str], cells: Sequence[str], day: date) -> tuple[str, str]:
    """The code and its words; no words for what is to be left out."""
    if len(cells) < len(columns) or (columns is not OLDER and len(cells) > len(columns)):
        raise _Wrong(f"has {len(cells)} cells instead of {len(columns)}")
    cell = dict(zip(columns, cells, strict=False))
    code = cell[CODE]
    if _CHAPTER.fullmatch(code) or re.fullmatch("-[3-6][0-9]", code):
        return code, ""
    if not icpc2.well_formed(code):
        raise _Wrong(f"«{code[:20]}» is no code of ICPC-2")
    term = cell.get(FULL) or cell.get(SHORT, "")
    if not term:
        raise _Wrong(f"{code} has no words")
    if len(term) > LONGEST or not term.isprintable():
        raise _Wrong(f"the words of {code} are no words")
    return code, "" if icpc2.is_process(code) or _is_over(cell, day) else term


def _is_over(cell: Mapping[str, str], day: date) -> bool:
    last = cell.get(ENDS, "")
    return bool(last) and _date(last) < day


def _date(text: str) -> date:
    if (parts := _DAY.fullmatch(text)) is None:
        raise _Wrong(f"«{text[:20]}» is no date")
    year, month, day = parts.group(1, 2, 3) if parts[1] else parts.group(6, 5, 4)
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        raise _Wrong(f"«{text[:20]}» is no date") from None
