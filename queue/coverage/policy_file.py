"""A file of policies, read line by line in constant memory.

The first line names the columns, in any order, apart by semicolons, commas or tabs. Everything here
is somebody else's: a line that is wrong is refused with its column and its reason, and what stood
in it is not repeated anywhere. A file that is another kind of file is refused whole.
"""

import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from venterom.queue.coverage.errors import BadPolicyNumber, NotPolicies
from venterom.queue.coverage.loads import FORMULA, Refused, Taken, Why
from venterom.queue.coverage.policies import OLDEST, Cover, Policy, age, normalise

COLUMNS: Mapping[str, str] = {
    "number": "polisenummer",
    "product": "produkt",
    "holder_birth_date": "fødselsdato",
    "valid_from": "gjelder_fra",
    "valid_until": "gjelder_til",
    "covers_children": "gjelder_barn",
}
OPTIONAL = "covers_children"  # without it, what the product says
DELIMITERS = ";,\t"
LONGEST = 2_000  # bytes of a line; six cells take two hundred at most
MOST_LINES = 6_000_000  # more than there are people in the country: another file
BOM, BOMS_OF_UTF16 = b"\xef\xbb\xbf", (b"\xff\xfe", b"\xfe\xff")
YES_OR_NO = dict.fromkeys(("yes", "ja", "true", "1"), True) | dict.fromkeys(
    ("no", "nei", "false", "0"), False
)
_NAMES = {name: name for name in COLUMNS} | {their: name for name, their in COLUMNS.items()}
_DAY = re.compile(r"(\d{4})-(\d\d)-(\d\d)|(\d\d?)\.(\d\d?)\.(\d{4})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Known:
    """What lines are judged by: whose they are, which products there are, and which day it is."""

    insurer: str
    products: Mapping[str, Cover]
    day: date


@dataclass(frozen=True, slots=True)
class _Layout:
    delimiter: str
    columns: tuple[str, ...]


class _Wrong(Exception):
    """Which column is wrong, and why."""

    def __init__(self, column: str, why: Why) -> None:
        self.column = column
        self.why = why


def read(lines: Iterable[bytes], known: Known) -> Iterator[Taken | Refused]:
    """What each line holds; lines that hold nothing are passed over.

    `lines` end with their line feed, and are cut after LONGEST bytes and one. Raises NotPolicies
    for what is no file of policies, or was cut off: what came before is not to be used then.
    """
    layout, held = None, False
    for number, raw in enumerate(lines, 1):
        if len(raw) > LONGEST:
            raise NotPolicies(f"line {number} is longer than {LONGEST} bytes")
        if number > MOST_LINES:
            raise _too_many()
        if layout is None:
            layout = _header(raw)
        elif raw.strip(b" ;,\t\r\n"):
            held = True
            found = _line(layout, number, raw, known)
            if isinstance(found, Refused) and not raw.endswith(b"\n"):
                raise NotPolicies(f"line {number} has no end: the file was cut off")
            yield found
    if not held:
        raise NotPolicies("there is no policy in it")


def refuse_too_many(parts: Iterable[bytes]) -> None:
    """Raise NotPolicies when there are too many lines in these parts of a file, however it is cut:
    to count lines takes a second, to read them for nothing ten minutes."""
    ends = 0
    for part in parts:
        ends += part.count(b"\n")
        if ends > MOST_LINES:
            raise _too_many()


def _too_many() -> NotPolicies:
    return NotPolicies(
        f"there are more than {MOST_LINES} lines, the most that are taken at once. If it is the "
        "right file, divide it: each part begins with the first line, and is loaded without --full"
    )


def read_cells(line: int, cells: Mapping[str, str], known: Known) -> Taken | Refused:
    """The policy in one line's cells, by the names of COLUMNS."""
    number = ""
    try:
        number = _number(_text(cells, "number"))
        return Taken(line, _policy(number, cells, known))
    except _Wrong as wrong:
        return Refused(line, wrong.column, wrong.why, number)


def _header(raw: bytes) -> _Layout:
    if raw.startswith(BOMS_OF_UTF16):
        raise NotPolicies("it is UTF-16; save it as UTF-8")
    try:
        text = raw.removeprefix(BOM).decode().strip("\r\n")
    except UnicodeDecodeError:
        raise NotPolicies("line 1 is not UTF-8; save the file as UTF-8") from None
    if "\r" in text:
        raise NotPolicies("line 1 ends with a carriage return alone; save the file anew as CSV")
    found = [(delimiter, _named(text, delimiter)) for delimiter in DELIMITERS]
    delimiter, names = max(found, key=lambda each: sum(name in _NAMES for name in each[1]))
    columns = tuple(_NAMES.get(name, "") for name in names)
    missing = [name for name in COLUMNS if name not in columns and name != OPTIONAL]
    if len(missing) >= len(COLUMNS) - 2:  # at most one was recognised
        raise NotPolicies(
            "line 1 names no columns that stand apart by semicolons, commas or tabs; "
            f"it should name {', '.join(COLUMNS)}"
        )
    if missing:
        raise NotPolicies(f"line 1 does not name {', '.join(missing)}")
    if "" in columns:
        place = columns.index("") + 1
        raise NotPolicies(f"column {place} is none that we know: leave it out, we want no more")
    if len(set(columns)) < len(columns):
        raise NotPolicies("line 1 names a column twice")
    return _Layout(delimiter, columns)


def _named(text: str, delimiter: str) -> list[str]:
    return ["_".join(cell.strip(' "').casefold().split()) for cell in text.split(delimiter)]


def _line(layout: _Layout, number: int, raw: bytes, known: Known) -> Taken | Refused:
    try:
        cells = _cells(raw.decode().rstrip("\r\n"), layout.delimiter)
    except UnicodeDecodeError:
        return Refused(number, "", Why.NOT_UTF8)
    except csv.Error:
        return Refused(number, "", Why.QUOTES)
    if len(cells) != len(layout.columns):
        return Refused(number, "", Why.CELLS)
    return read_cells(number, dict(zip(layout.columns, cells, strict=True)), known)


def _cells(text: str, delimiter: str) -> list[str]:
    """A cell never goes on in the next line: so a forgotten quotation mark costs one line."""
    if '"' not in text:
        return text.split(delimiter)
    return next(csv.reader([text], delimiter=delimiter, strict=True))


def _text(cells: Mapping[str, str], column: str) -> str:
    return cells.get(column, "").strip(" ")


def _wrong(column: str, text: str, why: Why) -> _Wrong:
    """What is to be said of a cell: first of all that it is empty, or a formula."""
    if not text:
        return _Wrong(column, Why.EMPTY)
    return _Wrong(column, Why.FORMULA if text[0] in FORMULA else why)


def _number(text: str) -> str:
    if text[:1] in FORMULA:  # a dash may begin a policy number elsewhere, but not in a file
        raise _Wrong("number", Why.FORMULA)
    try:
        return normalise(text)
    except BadPolicyNumber:
        raise _wrong("number", text, Why.NUMBER) from None


def _policy(number: str, cells: Mapping[str, str], known: Known) -> Policy:
    product = _text(cells, "product")
    cover = known.products.get(product)
    if cover is None:
        raise _wrong("product", product, Why.PRODUCT)
    born = _date(cells, "holder_birth_date")
    if not 0 <= age(born, known.day) <= OLDEST:
        raise _Wrong("holder_birth_date", Why.BORN)
    first, last = _date(cells, "valid_from"), _date(cells, "valid_until")
    if last < first:
        raise _Wrong("valid_until", Why.ENDS_BEFORE)
    children = _yes_or_no(cells) if OPTIONAL in cells else cover.children
    return Policy(number, known.insurer, product, born, first, last, children, cover)


def _date(cells: Mapping[str, str], column: str) -> date:
    text = _text(cells, column)
    found = _day(text)
    if found is None:
        raise _wrong(column, text, Why.DATE)
    return found


@lru_cache(maxsize=65_536)  # days repeat, and there are 44,000 in a long life
def _day(text: str) -> date | None:
    if (parts := _DAY.fullmatch(text)) is None:
        return None
    year, month, day = parts.group(1, 2, 3) if parts[1] else parts.group(6, 5, 4)
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


def _yes_or_no(cells: Mapping[str, str]) -> bool:
    text = _text(cells, OPTIONAL)
    said = YES_OR_NO.get(text.casefold())
    if said is None:
        raise _wrong(OPTIONAL, text, Why.YES_OR_NO)
    return said
