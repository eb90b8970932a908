"""Who cannot wait their turn: who may be put first, and whose promise that puts in danger."""

import pytest

from tests.queue.make import NOON, after, booked, entry, shift
from venterom.queue.floor import Entry, Floor
from venterom.queue.hours import Hours
from venterom.queue.order import in_order
from venterom.queue.states import Phase, State
from venterom.queue.triage import GROUNDS, Ground, Triage, can_be_triaged, pushed_into_danger


@pytest.mark.parametrize(
    ("found", "can"),
    [
        (entry(), True),
        (entry(deadline=-1), True),  # late already: all the more
        (booked("v1", 0), True),  # the time has come
        (booked("v1", 1), False),  # nobody takes it before its time anyway
        (entry(state=State.CLAIMED), False),
        (entry(state=State.CANCELLED), False),
    ],
)
def test_whoever_waits_may_be_put_first(found: Entry, can: bool) -> None:
    assert can_be_triaged(found, NOON) is can


def test_each_ground_leads_to_one_class() -> None:
    assert sorted(ground for grounds in GROUNDS.values() for ground in grounds) == sorted(Ground)


def test_the_class_goes_before_the_deadline() -> None:
    line = [entry("v1", 5), entry("v2", 15, triage=int(Triage.URGENT)), booked("v3", 0)]
    assert [each.visit for each in in_order(line)] == ["v2", "v3", "v1"]


def test_who_is_safe_until_somebody_goes_first_is_told_apart() -> None:
    # One doctor, idle: whoever is first starts now, and the other after a whole consultation.
    seen = Floor((shift("d1"),), (entry("v1", 6), entry("v2", 30)))
    danger = pushed_into_danger(seen, Hours.STANDARD, NOON, "v2", Triage.URGENT)
    assert [each.visit for each in danger] == ["v1"]


def test_nobody_is_in_danger_where_there_are_doctors_enough() -> None:
    seen = Floor((shift("d1"), shift("d2"), shift("d3")), (entry("v1", 6), entry("v2", 30)))
    assert pushed_into_danger(seen, Hours.STANDARD, NOON, "v2", Triage.URGENT) == ()


def test_whoever_was_in_danger_before_is_not_counted_again() -> None:
    busy = shift("d1", phase=Phase.CONSULT, phase_since=after(-1), visit="v0")
    seen = Floor((busy,), (entry("v1", 1), entry("v2", 60)))
    assert pushed_into_danger(seen, Hours.STANDARD, NOON, "v2", Triage.URGENT) == ()


def test_to_be_put_back_endangers_nobody_but_oneself() -> None:
    first = entry("v2", 30, triage=int(Triage.URGENT))
    seen = Floor((shift("d1"),), (entry("v1", 20), first))
    assert pushed_into_danger(seen, Hours.STANDARD, NOON, "v2", Triage.ORDINARY) == ()
