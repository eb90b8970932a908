"""Who is a child, and what a parent must say about one."""

from datetime import UTC, date, datetime

import pytest

from venterom.web.identity.errors import BadBirthDate, BadName, BadNumber, NotAChild
from venterom.web.identity.family import check_child, first_name, is_child
from venterom.web.identity.numbers import make

NOW = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("born", "child"),
    [
        (date(2026, 11, 24), True),  # today
        (date(2008, 11, 25), True),  # 18 tomorrow
        (date(2008, 11, 24), False),  # 18 today
        (date(1986, 5, 17), False),
        (None, False),  # nothing is known: no child
    ],
)
def test_a_child_is_known_to_be_under_18(born: date | None, child: bool) -> None:
    assert is_child(born, NOW.date()) is child


@pytest.mark.parametrize(
    ("name", "born", "number", "error"),
    [
        ("Ida Prøvdal", date(2018, 2, 3), make(date(2018, 2, 3), 0), None),
        ("", date(2018, 2, 3), make(date(2018, 2, 3), 0), BadName),
        (" ", date(2018, 2, 3), make(date(2018, 2, 3), 0), BadName),
        ("I" * 121, date(2018, 2, 3), make(date(2018, 2, 3), 0), BadName),
        ("Ida", date(1899, 12, 31), make(date(2018, 2, 3), 0), BadBirthDate),
        ("Ida", date(2026, 11, 25), make(date(2018, 2, 3), 0), BadBirthDate),
        ("Ida", date(2018, 2, 3), "", BadNumber),
        ("Ida", date(2018, 2, 3), "12345678901", BadNumber),
        ("Ida", date(2008, 11, 24), make(date(2008, 11, 24), 0), NotAChild),
    ],
)
def test_each_thing_said_about_a_child_is_checked(
    name: str, born: date, number: str, error: type[Exception] | None
) -> None:
    if error is None:
        check_child(name, born, number, now=NOW, synthetic=True)
        return
    with pytest.raises(error):
        check_child(name, born, number, now=NOW, synthetic=True)


def test_first_names_are_compared_without_regard_to_case() -> None:
    assert first_name("ÅSE Prøvdal") == first_name("Åse Testheim") == "åse"
