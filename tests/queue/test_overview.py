"""The floor as a director sees it: what wants to be looked at comes first, and nobody is named."""

from dataclasses import fields

import pytest

from tests.queue.make import NOON, after, booked, entry, shift
from venterom.queue.floor import Deferral, Entry, Floor
from venterom.queue.monitor import Cause, Step
from venterom.queue.overview import Concern, Overview, Seat, Taken, Waiting, overview
from venterom.queue.states import Phase, State


def taken(visit: str, step: Step, at: float = -1) -> Taken:
    return Taken(f"promise of {visit}", after(20), step, after(at), 0.4, Cause.LONG_CALLS)


def look(*entries: Entry, p: float = 0.99, steps: tuple[Taken, ...] = ()) -> Overview:
    return overview(Floor((), entries), [(each, p) for each in entries], steps, NOON)


@pytest.mark.parametrize(
    ("one", "p", "steps", "concern"),
    [
        (entry("v1", 20), 0.99, (), Concern.NONE),
        (entry("v1", 20), 0.85, (), Concern.NONE),
        # hardly likely, or something was done about it
        (entry("v1", 20), 0.84, (), Concern.DANGER),
        (entry("v1", 20), 0.99, (taken("v1", Step.DEFER),), Concern.DANGER),
        (entry("v1", 20), 0.99, (taken("another", Step.ALERT),), Concern.NONE),
        # the director was alerted, or it is late
        (entry("v1", 20), 0.99, (taken("v1", Step.ALERT),), Concern.ALERT),
        (entry("v1", -1), 0.99, (), Concern.ALERT),
        (entry("v1", 0), 0.99, (), Concern.NONE),
        # a doctor had come in time, and was lost: the promise is kept
        (entry("v1", -1, doctor_joined_at=after(-9)), 0.1, (), Concern.NONE),
    ],
)
def test_a_promise_wants_to_be_looked_at(
    one: Entry, p: float, steps: tuple[Taken, ...], concern: Concern
) -> None:
    [row] = look(one, p=p, steps=steps).waiting
    assert row.concern is concern


def test_alerts_come_first_and_then_what_is_in_danger_each_by_deadline() -> None:
    entries = [entry(f"v{n}", n) for n in (1, 2, 3, -1, 5)]
    steps = (taken("v5", Step.ALERT), taken("v3", Step.DEFER))
    seen = look(*entries, steps=steps)
    assert [row.deadline for row in seen.waiting] == [after(n) for n in (-1, 5, 3, 1, 2)]
    assert (seen.alerts, seen.in_danger) == (2, 1)


def test_only_those_are_shown_who_wait_now() -> None:
    seen = look(
        entry("v1"),
        entry("in call", state=State.IN_CALL, claimed_by="d1"),
        booked("now", 0),
        booked("later", 30),
    )
    assert [row.kind for row in seen.waiting] == ["booked", "dropin"]
    assert seen.to_come == 1


def test_a_row_says_what_was_done_in_its_order_and_when_it_is_tried_again() -> None:
    steps = (taken("v1", Step.TELL, -1), taken("v2", Step.PAGE, -2), taken("v1", Step.DEFER, -3))
    [row] = look(entry("v1", attempts=1, release_at=after(2)), steps=steps).waiting
    assert [each.step for each in row.steps] == [Step.DEFER, Step.TELL]
    assert row.again_at == after(2)
    assert (row.minutes_left, row.p_keep) == (20, 0.99)


def test_doctors_are_shown_with_what_they_do_and_the_lost_last() -> None:
    debt = Deferral("v1", "d2", "p1", after(-9), after(-8), None, after(-7), None)
    asked = Deferral("v2", "d3", "p2", after(-2), after(-1), None, None, None)
    floor = Floor(
        (
            shift("d1", 30, phase=Phase.LOST),
            shift("d2", 90, phase=Phase.CONSULT, phase_since=after(-4)),
            shift("d3", 60, phase=Phase.WRAP),
        ),
        deferrals=(debt, asked),
    )
    seen = overview(floor, (), (), NOON)
    assert [each.practitioner for each in seen.doctors] == ["d3", "d2", "d1"]
    third, second, _ = seen.doctors
    assert (second.phase, second.since) == (Phase.CONSULT, after(-4))
    assert (second.owes_since, second.is_asked) == (after(-7), False)
    assert (third.owes_since, third.is_asked) == (None, True)


def test_nothing_in_it_leads_to_a_patient() -> None:
    for kind in (Waiting, Seat, Overview):
        assert not {"visit", "patient"} & {field.name for field in fields(kind)}
