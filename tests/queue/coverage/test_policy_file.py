"""A file of policies: what is taken from it, and what is refused for which reason."""

import itertools
import re
from dataclasses import replace
from datetime import date
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from venterom.queue.coverage import policy_file
from venterom.queue.coverage.errors import NotPolicies
from venterom.queue.coverage.loads import Refused, Taken, Why
from venterom.queue.coverage.policies import Cover, Policy
from venterom.queue.coverage.policy_file import (
    COLUMNS,
    LONGEST,
    Known,
    read,
    read_cells,
    refuse_too_many,
)

LITTLE = Cover(uses_per_year=2, children=False)
KNOWN = Known("fjord", {"Health": Cover(), "Liten, ny": LITTLE}, date(2026, 11, 24))
HEAD = "number;product;holder_birth_date;valid_from;valid_until;covers_children"
LINE = "AB-123456;Health;1980-05-01;2026-01-01;2026-12-31;yes"
POLICY = Policy(
    *("AB-123456", "fjord", "Health"),
    *(date(1980, 5, 1), date(2026, 1, 1), date(2026, 12, 31)),
    covers_children=True,
    cover=Cover(),
)


def held(data: bytes) -> list[Taken | Refused]:
    """What a file with these bytes holds."""
    file = BytesIO(data)
    return list(read(iter(lambda: file.readline(LONGEST + 1), b""), KNOWN))


def lines(*texts: str) -> bytes:
    return "".join(f"{text}\n" for text in texts).encode()


@pytest.mark.parametrize("before", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_the_same_is_read_from_every_kind_of_file(before: bytes, delimiter: str, end: str) -> None:
    text = "".join(f"{line}{end}" for line in (HEAD, LINE)).replace(";", delimiter)
    assert held(before + text.encode()) == [Taken(2, POLICY)]


@pytest.mark.parametrize(
    ("head", "line"),
    [
        # by the names that stand in a Norwegian spreadsheet, and with Norwegian days
        (
            "Polisenummer;Produkt;Fødselsdato;Gjelder fra;Gjelder til;Gjelder barn",
            "AB-123456;Health;01.05.1980;1.1.2026;31.12.2026;Ja",
        ),
        # in another order
        (
            "valid_until;valid_from;number;covers_children;holder_birth_date;product",
            "2026-12-31;2026-01-01;AB-123456;1;1980-05-01;Health",
        ),
        # what children are is said by the product
        (HEAD.removesuffix(";covers_children"), LINE.removesuffix(";yes")),
        # in quotation marks, and as people type a number
        (HEAD.replace(";", '";"').join('""'), LINE.replace(";", '";"').join('""')),
        (HEAD, LINE.replace("AB-123456", " ab-123 456 ")),
        # the last line has no end, and is whole
    ],
)
def test_a_policy_is_read_as_it_is_written(head: str, line: str) -> None:
    assert held(lines(head, line)) == [Taken(2, POLICY)]
    assert held(lines(head, line).rstrip()) == [Taken(2, POLICY)]


def test_a_delimiter_inside_quotation_marks_is_no_delimiter() -> None:
    line = LINE.replace(";", ",").replace("Health", '"Liten, ny"').replace("yes", "no")
    [found] = held(lines(HEAD.replace(";", ","), line))
    assert isinstance(found, Taken)
    assert (found.policy.product, found.policy.cover) == ("Liten, ny", LITTLE)


def test_the_example_of_the_document_is_taken() -> None:
    page = Path("docs/insurers.md").read_text(encoding="utf-8")
    [example] = re.findall(r"```csv\n(.*?)```", page, re.DOTALL)
    products = {"Behandling Pluss": Cover()}
    found = list(
        read(example.encode().splitlines(keepends=True), replace(KNOWN, products=products))
    )
    assert [type(each) for each in found] == [Taken, Taken]
    for name, theirs in COLUMNS.items():
        assert f"`{name}`" in page and f"`{theirs}`" in page


def test_lines_that_hold_nothing_are_passed_over_and_still_counted() -> None:
    assert held(lines(HEAD, "", ";;;;;", LINE)) == [Taken(4, POLICY)]


NUMBER = "AB-123456"
REFUSED = [
    ("AB-123456;Health;1980-05-01;2026-01-01;2026-12-31", "", Why.CELLS, ""),
    (f"{LINE};more", "", Why.CELLS, ""),
    (LINE.replace("Health", 'He"alth'), "product", Why.PRODUCT, NUMBER),
    (LINE.replace("Health", '"Health'), "", Why.QUOTES, ""),  # costs this line and no other
    (LINE.replace("Health", '"Health"x'), "", Why.QUOTES, ""),
    (LINE.replace("AB-123456", ""), "number", Why.EMPTY, ""),
    (LINE.replace("AB-123456", "12345"), "number", Why.NUMBER, ""),
    (LINE.replace("AB-123456", "12345٦"), "number", Why.NUMBER, ""),
    (LINE.replace("AB-123456", "=1+1234567"), "number", Why.FORMULA, ""),
    (LINE.replace("AB-123456", "-1234567"), "number", Why.FORMULA, ""),
    (LINE.replace("AB-123456", "+4712345678"), "number", Why.FORMULA, ""),
    (LINE.replace("Health", '=HYPERLINK("x")'), "product", Why.FORMULA, NUMBER),
    (LINE.replace("Health", "@SUM(1)"), "product", Why.FORMULA, NUMBER),
    (LINE.replace("Health", "Unheard of"), "product", Why.PRODUCT, NUMBER),
    (LINE.replace("Health", ""), "product", Why.EMPTY, NUMBER),
    (LINE.replace("1980-05-01", "1980-02-30"), "holder_birth_date", Why.DATE, NUMBER),
    (LINE.replace("1980-05-01", "01.05.80"), "holder_birth_date", Why.DATE, NUMBER),
    (LINE.replace("1980-05-01", "1980-05-01T00:00"), "holder_birth_date", Why.DATE, NUMBER),
    (LINE.replace("1980-05-01", "٠١.٠٥.١٩٨٠"), "holder_birth_date", Why.DATE, NUMBER),
    (LINE.replace("1980-05-01", "2026-11-25"), "holder_birth_date", Why.BORN, NUMBER),  # tomorrow
    (LINE.replace("1980-05-01", "1905-01-01"), "holder_birth_date", Why.BORN, NUMBER),
    (LINE.replace("2026-01-01", "2026-13-01"), "valid_from", Why.DATE, NUMBER),
    (LINE.replace("2026-12-31", "2025-12-31"), "valid_until", Why.ENDS_BEFORE, NUMBER),
    (LINE.replace("yes", "kanskje"), "covers_children", Why.YES_OR_NO, NUMBER),
    (LINE.replace("yes", ""), "covers_children", Why.EMPTY, NUMBER),
]


@pytest.mark.parametrize(("line", "column", "why", "number"), REFUSED)
def test_a_line_that_is_wrong_is_refused_with_its_reason_and_the_others_are_taken(
    line: str, column: str, why: Why, number: str
) -> None:
    wrong, right = held(lines(HEAD, line, LINE))
    assert right == Taken(3, POLICY)
    assert wrong == Refused(2, column, why, number)


def test_a_line_in_another_encoding_is_refused_alone() -> None:
    odd = LINE.replace("Health", "Hælse").encode("latin-1") + b"\n"
    assert held(lines(HEAD) + odd + lines(LINE)) == [
        Refused(2, "", Why.NOT_UTF8),
        Taken(3, POLICY),
    ]


WHOLE = [
    (b"", "there is no policy in it"),
    (lines(HEAD), "there is no policy in it"),
    (lines(HEAD, "", ";;;;;"), "there is no policy in it"),
    (lines(HEAD.replace(";", "|"), LINE), "stand apart by semicolons, commas or tabs"),
    (lines(LINE, LINE), "names no columns"),  # the names are missing
    (b"PK\x03\x04 a spreadsheet\n", "names no columns"),
    (lines(HEAD, LINE).decode().encode("utf-16"), "it is UTF-16"),
    (lines("polisenummer;fødselsdato").decode().encode("latin-1"), "line 1 is not UTF-8"),
    (lines("number;product;valid_from;valid_until", LINE), "does not name holder_birth_date"),
    (lines(f"{HEAD};diagnosis", LINE), "column 7 is none that we know"),
    (lines(f"{HEAD};number", f"{LINE};1"), "names a column twice"),
    (lines(HEAD, LINE, "x" * LONGEST), f"line 3 is longer than {LONGEST} bytes"),
    (
        lines(HEAD, LINE).replace(b"\n", b"\r"),
        "line 1 ends with a carriage return",
    ),  # another machine's ends of lines
    (lines(HEAD, LINE, LINE)[:-30], "line 3 has no end: the file was cut off"),
]


@pytest.mark.parametrize(("data", "says"), WHOLE)
def test_what_is_no_whole_file_of_policies_is_refused_whole(data: bytes, says: str) -> None:
    with pytest.raises(NotPolicies, match=says):
        held(data)


def test_wherever_a_file_is_cut_off_it_is_not_taken_for_whole() -> None:
    whole = lines(HEAD, LINE)
    for end in range(len(whole) - 1):
        with pytest.raises(NotPolicies):
            held(whole[:end])


def test_a_file_without_an_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """One line at a time, whatever comes after."""
    monkeypatch.setattr(policy_file, "MOST_LINES", 1_000)
    refuse_too_many([b"x\n" * 999, b"x", b"\n"])
    with pytest.raises(NotPolicies, match="more than 1000 lines"):
        refuse_too_many(itertools.repeat(b"x\nx"))
    endless = itertools.chain([lines(HEAD)], itertools.repeat(b";\n"))
    with pytest.raises(NotPolicies, match="more than 1000 lines"):
        for _ in read(endless, KNOWN):
            pass


@given(st.binary(max_size=400))
def test_whatever_a_file_holds_it_is_read_or_refused(data: bytes) -> None:
    for start in (b"", lines(HEAD)):
        try:
            found = held(start + data)
        except NotPolicies:
            continue
        assert all(isinstance(each, Taken | Refused) for each in found)


@given(st.dictionaries(st.sampled_from(sorted(COLUMNS)), st.text(max_size=30)))
def test_whatever_a_program_sends_is_taken_or_refused(cells: dict[str, str]) -> None:
    assert isinstance(read_cells(1, cells, KNOWN), Taken | Refused)
