"""What is a policy number, and when a policy is in force."""

import string
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from venterom.queue.coverage.errors import BadPolicyNumber, CoverageError, RegisterUnreachable
from venterom.queue.coverage.policies import Cover, Policy, age, normalise

ALPHABET = string.ascii_uppercase + string.digits + "-"
POLICY = Policy(
    "AB-123456", "fjord", "Health", date(1980, 5, 1), date(2026, 1, 1), date(2026, 12, 31), True
)


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("AB-123456", "AB-123456"),
        ("ab 123 456", "AB123456"),  # as it is printed on a letter
        ("\t123456\n", "123456"),  # pasted
        ("123456", "123456"),  # the shortest
        ("1" * 20, "1" * 20),  # the longest
    ],
)
def test_a_number_is_stored_in_one_form(typed: str, number: str) -> None:
    assert normalise(typed) == number


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "12345",  # too short
        "1" * 21,  # too long
        "1 2 3 4 5",  # too short without its spaces
        "12345٦",  # an Arabic digit
        "１２３４５６",  # full-width digits
        "12345ß6",  # upper() would make two ASCII letters of it
        "12345ı",  # a dotless i, of which upper() makes an ASCII one
        "123456\u00a0",  # a space that is not ASCII
        "123456;--",
        "<b>123456</b>",
        "123_456",
        "123456\x00",
    ],
)
def test_what_is_not_a_number_is_refused(typed: str) -> None:
    with pytest.raises(BadPolicyNumber):
        normalise(typed)


@given(st.text(max_size=40))
def test_whatever_is_typed_gives_a_well_formed_number_or_a_refusal(typed: str) -> None:
    try:
        number = normalise(typed)
    except BadPolicyNumber:
        return
    assert 6 <= len(number) <= 20
    assert set(number) <= set(ALPHABET)
    assert normalise(number) == number


@given(st.text(ALPHABET, min_size=6, max_size=20))
def test_every_well_formed_number_is_accepted_in_either_case(number: str) -> None:
    assert normalise(number.lower()) == number


@pytest.mark.parametrize(
    ("day", "valid"),
    [
        (date(2025, 12, 31), False),
        (date(2026, 1, 1), True),  # with its first day
        (date(2026, 12, 31), True),  # and its last
        (date(2027, 1, 1), False),
    ],
)
def test_a_policy_is_in_force_from_its_first_day_to_its_last(day: date, valid: bool) -> None:
    assert POLICY.is_valid(day) is valid


@pytest.mark.parametrize(
    ("born", "day", "years"),
    [
        (date(1980, 5, 1), date(2026, 4, 30), 45),
        (date(1980, 5, 1), date(2026, 5, 1), 46),  # on the birthday
        (date(2004, 2, 29), date(2026, 2, 28), 21),
        (date(2004, 2, 29), date(2026, 3, 1), 22),
        (date(2026, 5, 1), date(2026, 5, 1), 0),
        (date(2026, 5, 2), date(2026, 5, 1), -1),  # not born yet
    ],
)
def test_age_is_in_whole_years(born: date, day: date, years: int) -> None:
    assert age(born, day) == years


@pytest.mark.parametrize(
    ("cover", "makes_sense"),
    [
        (Cover(), True),
        (Cover(1, 18, 18, True, 0, frozenset({"NO"})), True),
        (Cover(uses_per_year=0), False),
        (Cover(youngest=-1), False),
        (Cover(youngest=19, oldest=18), False),
        (Cover(oldest=121), False),
        (Cover(children_until=-1), False),
        (Cover(children_until=121), False),
        (Cover(countries=frozenset({"Norge"})), False),
        (Cover(countries=frozenset({"no"})), False),
    ],
)
def test_a_product_that_nobody_could_use_makes_no_sense(cover: Cover, makes_sense: bool) -> None:
    assert cover.makes_sense is makes_sense


@pytest.mark.parametrize("kind", [CoverageError, BadPolicyNumber, RegisterUnreachable])
def test_the_docstring_of_an_error_is_its_message(kind: type[CoverageError]) -> None:
    assert str(kind()) == kind.__doc__
