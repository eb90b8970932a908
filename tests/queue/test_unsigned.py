"""Whose notes are not signed, and which of them the director hears of."""

from dataclasses import fields
from datetime import timedelta

import pytest

from tests.queue.make import NOON, after, entry
from venterom.queue import unsigned
from venterom.queue.floor import Floor
from venterom.queue.states import LIVE, State
from venterom.queue.unsigned import SIGNED_WITHIN, Overdue, Unsigned

DAY = int(SIGNED_WITHIN / timedelta(minutes=1))


@pytest.mark.parametrize("state", sorted(LIVE))
def test_a_note_is_unsigned_from_when_the_doctor_hung_up(state: State) -> None:
    one = entry(state=state, claimed_by="d1", ended_at=after(-5))
    found = unsigned.unsigned(Floor(entries=(one,)))
    assert found == ((Unsigned("d1", after(-5)),) if state is State.WRAP else ())


def test_the_oldest_comes_first() -> None:
    ended = {"v1": after(-5), "v2": after(-50), "v3": None}
    entries = tuple(
        entry(visit, state=State.WRAP, claimed_by="d1", ended_at=at, created_at=after(-20))
        for visit, at in ended.items()
    )
    found = unsigned.unsigned(Floor(entries=entries))
    assert [note.since for note in found] == [after(-50), after(-20), after(-5)]


@pytest.mark.parametrize(("age", "late"), [(0, False), (DAY, False), (DAY + 1, True)])
def test_a_note_is_late_after_a_day(age: int, late: bool) -> None:
    assert unsigned.is_overdue(after(-age), NOON) is late


def test_the_director_hears_of_late_ones_by_doctor_the_oldest_first() -> None:
    notes = [
        Unsigned("d1", after(-DAY - 1)),
        Unsigned("d2", after(-DAY - 30)),
        Unsigned("d1", after(-DAY - 9)),
        Unsigned("d3", after(-DAY)),
    ]
    assert unsigned.overdue(notes, NOON) == (
        Overdue("d2", (after(-DAY - 30),)),
        Overdue("d1", (after(-DAY - 9), after(-DAY - 1))),
    )


def test_nothing_of_whom_a_note_is_about_can_be_said() -> None:
    said = {field.name for kind in (Unsigned, Overdue) for field in fields(kind)}
    assert said == {"practitioner", "since"}
