"""Whether a parent answers for a child, by what the population registry says: whole tables."""

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from venterom.server.demo.registers import Registers
from venterom.web.identity import kinship
from venterom.web.identity.kinship import AGAIN, STANDS, Child, Kin, Unreadable
from venterom.web.identity.numbers import make

NOW = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)
BORN = date(2019, 3, 2)
NUMBER, MOTHER, OTHER = make(BORN, 0), make(date(1986, 5, 17), 0), make(date(1984, 5, 17), 0)
OURS = frozenset({MOTHER})


@pytest.mark.parametrize(
    ("child", "kin"),
    [
        (Child(BORN, False, OURS), Kin.RELATED),
        (Child(BORN, False, frozenset({MOTHER, OTHER})), Kin.RELATED),
        (Child(None, False, OURS), Kin.RELATED),  # no date is no contradiction
        (Child(BORN, False, frozenset({OTHER})), Kin.NOT_RELATED),
        (Child(BORN, False, frozenset()), Kin.NOT_RELATED),  # child welfare has taken over
        (Child(BORN + timedelta(days=1), False, OURS), Kin.NOT_RELATED),
        (Child(BORN, True, OURS), Kin.NOT_RELATED),  # has died
        (None, Kin.NOT_RELATED),  # no such child
    ],
)
def test_who_answers_for_the_child(child: Child | None, kin: Kin) -> None:
    assert kinship.judge(child, MOTHER, BORN) is kin


@pytest.mark.parametrize(
    ("age", "due", "holds"),
    [
        (timedelta(0), False, True),
        (AGAIN - timedelta(seconds=1), False, True),
        (AGAIN, True, True),
        (STANDS, True, True),
        (STANDS + timedelta(seconds=1), True, False),
    ],
)
def test_an_answer_holds_for_a_week_and_is_asked_for_again_the_next_day(
    age: timedelta, due: bool, holds: bool
) -> None:
    assert kinship.is_due(NOW - age, NOW) is due
    assert kinship.stands(NOW - age, NOW) is holds


def test_what_was_never_confirmed_does_not_stand() -> None:
    assert kinship.is_due(None, NOW)
    assert not kinship.stands(None, NOW)


def person(**changed: Any) -> dict[str, Any]:
    """The child as the registry would say it."""
    stand_in = Registers()
    stand_in.born(NUMBER, BORN, MOTHER)
    return {**stand_in.persons[NUMBER], **changed}


def read(said: object) -> Child | None:
    return kinship.read(json.dumps(said).encode(), NUMBER)


def test_an_answer_is_read() -> None:
    assert read(person()) == Child(BORN, False, OURS)
    assert read({"found": False}) is None


def test_only_what_is_current_counts() -> None:
    before = {"erGjeldende": False, "ansvar": "mor", "ansvarlig": MOTHER}
    now = {"erGjeldende": True, "ansvar": "far", "ansvarlig": OTHER}
    found = read(person(foreldreansvar=[before, now]))
    assert found is not None and found.responsible == {OTHER}


def test_somebody_without_a_number_answers_for_nobody_here() -> None:
    found = read(person(foreldreansvar=[{"erGjeldende": True, "ansvar": "mor"}]))
    assert found is not None and found.responsible == frozenset()


@pytest.mark.parametrize(
    ("status", "is_over"),
    [("bosatt", False), ("utflyttet", False), ("doed", True), ("opphoert", True)],
)
def test_nobody_answers_for_whom_there_is_no_more(status: str, is_over: bool) -> None:
    found = read(person(status=[{"erGjeldende": True, "status": status}]))
    assert found is not None and found.is_over is is_over


@pytest.mark.parametrize(
    "said",
    [
        None,
        [],
        {},
        {"found": True},
        person(folkeregisteridentifikator=[{"erGjeldende": True, "foedselsEllerDNummer": OTHER}]),
        person(foedsel=[{"erGjeldende": True, "foedselsdato": "2. mars"}]),
        person(foreldreansvar=[{"ansvarlig": MOTHER}]),  # current or not?
        person(foreldreansvar=[{"erGjeldende": "ja", "ansvarlig": MOTHER}]),
        person(foreldreansvar=None),
        person(status="bosatt"),
    ],
)
def test_what_is_not_understood_is_no_answer(said: object) -> None:
    with pytest.raises(Unreadable):
        read(said)


@given(st.binary(max_size=200))
def test_whatever_comes_is_read_or_refused(body: bytes) -> None:
    try:
        kinship.read(body, NUMBER)
    except Unreadable:
        pass
