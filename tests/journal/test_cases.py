"""Wishes and answers: the deadline, who answers, what must be written."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from tests.journal.make import NOON, after
from venterom.journal import cases
from venterom.journal.access import Role
from venterom.journal.cases import Case, Kind, Outcome, State, Urgency

DUE = cases.due(NOON)


def test_an_answer_comes_within_the_shortest_month() -> None:
    assert timedelta(days=28) == DUE - NOON


@pytest.mark.parametrize(
    ("now", "urgency"),
    [
        (NOON, Urgency.FINE),
        (after(days=20, hours=23), Urgency.FINE),
        (after(days=21), Urgency.SOON),
        (after(days=27, hours=23), Urgency.SOON),
        (DUE, Urgency.LATE),
    ],
)
def test_a_list_warns_in_time(now: datetime, urgency: Urgency) -> None:
    assert cases.urgency(DUE, now) is urgency


def test_an_answered_case_stays_answered() -> None:
    assert [cases.state(each) for each in (None, *Outcome)] == [
        State.OPEN,
        State.GRANTED,
        State.REFUSED,
    ]
    assert cases.AFTER[State.OPEN] == {State.GRANTED, State.REFUSED}
    assert cases.AFTER[State.GRANTED] == {State.CARRIED_OUT}
    assert not cases.AFTER[State.REFUSED] and not cases.AFTER[State.CARRIED_OUT]


@pytest.mark.parametrize(
    ("outcome", "state"),
    [
        (None, State.OPEN),  # a second wish, about a note that was deleted by the first one
        (Outcome.REFUSED, State.REFUSED),
        (Outcome.GRANTED, State.CARRIED_OUT),
    ],
)
def test_only_what_was_granted_is_carried_out(outcome: Outcome | None, state: State) -> None:
    assert cases.state(outcome, carried_out=True) is state


@pytest.mark.parametrize(
    ("role", "person", "may"),
    [
        (Role.DOCTOR, "dr-berg", True),  # who signed
        (Role.DOCTOR, "dr-dal", False),
        (Role.DIRECTOR, "boss", True),
        (Role.INSURER, "dr-berg", False),
        (Role.PATIENT, "kari", False),
        (Role.SYSTEM, "system", False),
    ],
)
def test_who_answers(role: str, person: str, may: bool) -> None:
    assert cases.may_answer(role, person, "dr-berg") is may


@pytest.mark.parametrize(
    ("text", "wish", "answer"),
    [
        ("", False, False),
        ("   \n ", False, False),
        ("Feil dato", True, False),  # a wish may be short; an answer gives a reason
        ("Notatet er rett", True, True),
        ("x" * cases.LONGEST, True, True),
        ("x" * (cases.LONGEST + 1), False, False),
    ],
)
def test_what_must_be_written(text: str, wish: bool, answer: bool) -> None:
    assert (cases.wish_holds(text), cases.answer_holds(text)) == (wish, answer)


GRANTED = Case(
    *("c1", "kari", "v1", Kind.DELETION, "kari", NOON, NOON, "dr-berg", "Berit"),
    *(State.GRANTED, "boss", NOON),
)


@pytest.mark.parametrize(
    ("role", "person", "left", "case", "may"),
    [
        (Role.DOCTOR, "dr-berg", False, GRANTED, True),
        (Role.DOCTOR, "dr-berg", False, replace(GRANTED, kind=Kind.CORRECTION), False),
        (Role.DOCTOR, "dr-berg", False, replace(GRANTED, state=State.OPEN), False),
        (Role.DOCTOR, "dr-dal", True, GRANTED, False),
        (Role.DIRECTOR, "boss", False, GRANTED, False),  # there is a doctor for that
        (Role.DIRECTOR, "boss", True, GRANTED, True),
        (Role.DIRECTOR, "boss", True, replace(GRANTED, kind=Kind.CORRECTION), True),
        (Role.DIRECTOR, "boss", True, replace(GRANTED, state=State.CARRIED_OUT), True),
        (Role.DIRECTOR, "boss", True, replace(GRANTED, state=State.OPEN), False),
        (Role.DIRECTOR, "boss", True, replace(GRANTED, state=State.REFUSED), False),
        (Role.PATIENT, "kari", True, GRANTED, False),
    ],
)
def test_papers_are_withdrawn_by_their_doctor_and_once_she_has_left_by_a_director(
    role: str, person: str, left: bool, case: Case, may: bool
) -> None:
    assert cases.may_withdraw(case, role, person, left=left) is may
