"""A published list of codes is taken whole, or not at all."""

from datetime import date

import pytest

from venterom.journal import icpc2_file
from venterom.journal.icpc2_file import LONGEST

DAY = date(2026, 11, 24)
HEAD = "Kode;Tekst_uten_lengdebegrensning;Tekst_med_maksimalt_60_tegn;Gyldig_fra;Gyldig_til\n"


def read(text: str) -> icpc2_file.Read:
    return icpc2_file.read(text.encode(), DAY)


@pytest.mark.parametrize(
    ("text", "terms", "left_out"),
    [
        (HEAD + "R74;Forkjølelse, vanlig;Forkjølelse;;\n", {"R74": "Forkjølelse, vanlig"}, 0),
        (HEAD + "R74;;Forkjølelse;;\n", {"R74": "Forkjølelse"}, 0),
        ("\ufeff" + HEAD + 'R74;"Hoste; tørr";;;\r\n', {"R74": "Hoste; tørr"}, 0),
        ("kode\tTekst uten lengdebegrensning\nR05\tHoste\n", {"R05": "Hoste"}, 0),
        ("R05\tHoste\nR74\tForkjølelse\tForkj.\n\n", {"R05": "Hoste", "R74": "Forkjølelse"}, 0),
        ("A\tAllment\nA03\tFeber\n", {"A03": "Feber"}, 1),  # a chapter
        ("A03\tFeber\nA31\tUndersøkelse\n-31\tUndersøkelse\n", {"A03": "Feber"}, 2),
        (HEAD + "A03;Feber;;;\nA04;Slapp;;;2020-12-31T23:59:00\n", {"A03": "Feber"}, 1),
        (HEAD + "A03;Feber;;1999-01-01;24.11.2026\n", {"A03": "Feber"}, 0),  # its last day
        (HEAD + "A03;Feber;;;\nA04;Slapp;;;23.11.2026\n", {"A03": "Feber"}, 1),
    ],
)
def test_what_is_published_is_read(text: str, terms: dict[str, str], left_out: int) -> None:
    found = read(text)
    assert (found.terms, found.left_out, found.faults) == (terms, left_out, [])


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("", ["the file holds no code"]),
        (HEAD, ["the file holds no code"]),
        ("A\tAllment\n", ["the file holds no code"]),
        ("Prosa om koder\n", ["line 1: names no column «Kode» with its words, and is no code"]),
        (
            "Kode;Navn\nA03;Feber\n",
            ["line 1: names no column «Kode» with its words, and is no code"],
        ),
        (HEAD + "A03;Feber\n", ["line 2: has 2 cells instead of 5"]),
        (HEAD + "A03;Feber;;;;mer\n", ["line 2: has 6 cells instead of 5"]),
        ("A03\tFeber\nA04\n", ["line 2: has 1 cells instead of 2"]),
        ("A03\tFeber\nA03\tFeber\n", ["line 2: A03 stands in the file already"]),
        ("A03\tFeber\nJ06.9\tForkjølelse\n", ["line 2: «J06.9» is no code of ICPC-2"]),
        ("A03\tFeber\na04\tSlapp\n", ["line 2: «a04» is no code of ICPC-2"]),
        ("A03\tFeber\nA04\t \n", ["line 2: A04 has no words"]),
        ("A03\tFeber\nA04\t" + "x" * (LONGEST + 1), ["line 2: the words of A04 are no words"]),
        ("A03\tFeber\nA04\tSl\u202eapp\n", ["line 2: the words of A04 are no words"]),
        (HEAD + "A03;Feber;;;snart\n", ["line 2: «snart» is no date"]),
        (HEAD + "A03;Feber;;;31.02.2027\n", ["line 2: «31.02.2027» is no date"]),
        (  # every line is told of, not only the first
            "A03\tFeber\nA\u00e5\tx\nA05\t\n",
            ["line 2: «Aå» is no code of ICPC-2", "line 3: A05 has no words"],
        ),
    ],
)
def test_what_is_wrong_is_said_line_by_line(text: str, faults: list[str]) -> None:
    assert read(text).faults == faults


def test_another_encoding_is_not_guessed_at() -> None:
    found = icpc2_file.read("A03\tFeber\nA04\tTrøtt\n".encode("latin-1"), DAY)
    assert found.faults == ["line 2: is not UTF-8; save the file as UTF-8"]


def test_a_quote_that_is_never_closed_is_a_fault() -> None:
    found = read(HEAD + 'A03;Feber;;;\nA04;"Slapp;;;\n')
    assert [fault.split(":")[0] for fault in found.faults] == ["after line 2"]
