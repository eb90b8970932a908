"""Every kind of national number, both checksum rules, and our own synthetic ones."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from venterom.web.identity.numbers import (
    Flaw,
    Kind,
    Number,
    Rule,
    judge,
    make,
    names_one,
    rule_of,
)

BIRTH_DATES = st.dates(date(1900, 1, 1), date(2039, 12, 31))


@pytest.mark.parametrize(
    ("number", "kind", "synthetic", "rule"),
    [
        # Skatteetaten's vectors for 2032: the first check digit leaves a rest of 1, 2 or 3.
        ("02013299903", Kind.FNR, False, Rule.FROM_2032),  # rest 2
        ("30108299939", Kind.FNR, False, Rule.FROM_2032),  # rest 1
        ("02013299911", Kind.FNR, False, Rule.FROM_2032),  # rest 3
        ("30108299947", Kind.FNR, False, Rule.FROM_2032),  # rest 2
        ("30108299955", Kind.FNR, False, Rule.FROM_2032),  # rest 3
        ("80000000179", Kind.FHN, False, Rule.CLASSIC),  # felles hjelpenummer: no birth date
        ("01919012303", Kind.FNR, True, Rule.CLASSIC),  # Tenor: November + 80
        ("06828399789", Kind.FNR, True, Rule.CLASSIC),  # Tenor: February + 80
        ("41819012359", Kind.DNR, True, Rule.CLASSIC),  # a D number too: day 1 + 40
        ("47906701517", Kind.DNR, True, Rule.CLASSIC),  # from ID-porten's documents
    ],
)
def test_known_numbers_are_what_their_makers_say(
    number: str, kind: Kind, synthetic: bool, rule: Rule
) -> None:
    assert judge(number, synthetic) == Number(kind, synthetic)
    assert rule_of(number) is rule


@pytest.mark.parametrize(
    ("number", "flaw"),
    [
        ("", Flaw.NOT_DIGITS),
        ("0191901230x", Flaw.NOT_DIGITS),
        ("019190 2303", Flaw.NOT_DIGITS),
        ("٠١٩١٩٠١٢٣٠٣", Flaw.NOT_DIGITS),  # Arabic digits are digits to Python
        ("0191901230³", Flaw.NOT_DIGITS),  # and so is a superscript
        ("01919012303\n", Flaw.NOT_DIGITS),
        ("0191901230", Flaw.LENGTH),
        ("019190123033", Flaw.LENGTH),
        ("00000000000", Flaw.DATE),  # its check digits are right
        ("12345678901", Flaw.DATE),
        ("32919012303", Flaw.DATE),  # no 32nd
        ("30829012303", Flaw.DATE),  # no 30 February
        ("29820112303", Flaw.DATE),  # 1901 and 2001 are no leap years
        ("72819012359", Flaw.DATE),  # a D number's day ends at 71
        ("01009012303", Flaw.DATE),  # no month 0
        ("01139012303", Flaw.DATE),  # no month 13
        ("01539012303", Flaw.DATE),  # between H (41–52) and +65 (66–77)
        ("01939012303", Flaw.DATE),  # beyond +80 (81–92)
        ("01919012304", Flaw.CHECK_DIGITS),  # last digit
        ("01919012313", Flaw.CHECK_DIGITS),  # last but one
        ("10919012303", Flaw.CHECK_DIGITS),  # two digits swapped
    ],
)
def test_what_is_no_number_is_refused_with_its_reason(number: str, flaw: Flaw) -> None:
    assert judge(number, synthetic=True) is flaw
    assert judge(number, synthetic=False) is flaw


def test_synthetic_numbers_are_refused_in_production() -> None:
    assert judge("01919012303", synthetic=False) is Flaw.SYNTHETIC


def test_numbers_that_could_be_somebodys_are_refused_among_invented_people() -> None:
    assert judge("02013299903", synthetic=True) is Flaw.REAL


@pytest.mark.parametrize(
    ("head", "kind", "synthetic"),
    [
        ("016690", Kind.FNR, True),  # January + 65: Norsk helsenett's test people
        ("017790", Kind.FNR, True),  # December + 65
        ("014190", Kind.HNR, False),  # January + 40: a help number of one enterprise
        ("015290", Kind.HNR, False),  # December + 40
        ("298100", Kind.FNR, True),
        ("298200", Kind.FNR, True),  # 29 February 2000 was a day
        ("716690", Kind.DNR, True),  # the last day of a D number, and +65
    ],
)
def test_the_marks_of_a_kind_are_read(head: str, kind: Kind, synthetic: bool) -> None:
    # Every seventh: each place still has each digit.
    tails = (f"{head}{tail:05}" for tail in range(0, 100_000, 7))
    numbers = [number for number in tails if rule_of(number)]
    assert len(numbers) > 100
    assert {judge(number, synthetic) for number in numbers} == {Number(kind, synthetic)}


def first(head: str) -> str:
    """A number that begins so, with check digits that fit; nobody's in these tests."""
    return next(f"{head}{tail:05}" for tail in range(100_000) if rule_of(f"{head}{tail:05}"))


@pytest.mark.parametrize(
    ("number", "synthetic", "one"),
    [
        ("01919012303", True, True),
        ("41819012359", True, True),  # a D number
        (first("016690"), True, True),  # Norsk helsenett's test people
        ("02013299903", False, True),
        ("80000000179", False, True),  # a common help number is given once in the country
        (first("014190"), False, False),  # another enterprise has given it to somebody else
        (first("415290"), False, False),  # as a D number, too
        ("01919012303", False, False),
        ("12345678901", True, False),
        ("019190123033", True, False),  # twelve digits: a DUF number
    ],
)
def test_a_number_names_one_person_in_the_whole_country(
    number: str, synthetic: bool, one: bool
) -> None:
    assert names_one(number, synthetic) is one


@given(born=BIRTH_DATES, serial=st.integers(0, 399))
def test_what_we_make_is_valid_synthetic_and_of_that_day(born: date, serial: int) -> None:
    number = make(born, serial)
    assert judge(number, synthetic=True) == Number(Kind.FNR, synthetic=True)
    assert rule_of(number) is Rule.CLASSIC
    assert number[:6] == f"{born.day:02}{born.month + 80:02}{born.year % 100:02}"


@given(born=BIRTH_DATES, one=st.integers(0, 399), other=st.integers(0, 399))
def test_each_serial_is_another_number(born: date, one: int, other: int) -> None:
    assert (make(born, one) == make(born, other)) == (one == other)


@given(born=BIRTH_DATES, place=st.integers(0, 10), by=st.integers(1, 9))
def test_one_wrong_digit_never_makes_another_classic_number(
    born: date, place: int, by: int
) -> None:
    number = make(born, 7)
    wrong = number[:place] + str((int(number[place]) + by) % 10) + number[place + 1 :]
    assert rule_of(wrong) is not Rule.CLASSIC


@given(st.text())
def test_any_text_is_judged_without_an_exception(text: str) -> None:
    assert isinstance(judge(text, synthetic=True), Number | Flaw)


@pytest.mark.parametrize(
    ("born", "serial"),
    [
        (date(1990, 1, 1), 10_000),  # no day has so many
        (date(2040, 1, 1), 0),  # after the series end
        (date(1899, 12, 31), 0),  # before they begin
    ],
)
def test_a_day_without_such_a_number_is_said(born: date, serial: int) -> None:
    with pytest.raises(ValueError, match="no such synthetic number"):
        make(born, serial)


def test_the_two_series_of_the_forties_do_not_meet() -> None:
    day = date(1985, 3, 3)
    numbers: list[str] = []
    while True:
        try:
            numbers.append(make(day, len(numbers)))
        except ValueError:
            break
    assert len(numbers) == len(set(numbers)) > 400
    assert {number[6] for number in numbers} == set("012349")
