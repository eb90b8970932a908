"""The rest of a day: it begins with the waiting room as it is, and goes on as any day does."""

import pytest

from tests.queue.snapshots import at_note, idle, in_call, ms, snapshot
from venterom.queue.dispatch import OURS_DEFER, REFERENCE
from venterom.queue.future import NEVER
from venterom.queue.promise import Outcome
from venterom.queue.simulation.policies import Rule, always
from venterom.queue.simulation.rest import Span, play_rest
from venterom.queue.simulation.told import Answer, Played
from venterom.queue.snapshot import Promise, Snapshot

EVERYBODY = Rule(always, OURS_DEFER)
HOURS = (Span(0, ms(60), 6.0), Span(ms(60), ms(120), 12.0))


def play(seen: Snapshot, *spans: Span, days: int = 20) -> list[Played]:
    return list(play_rest(seen, spans, EVERYBODY, days))


def test_so_many_come_as_are_expected_and_when() -> None:
    played = play(snapshot(*[idle()] * 9), *HOURS, days=400)
    first = sum(told.at < ms(60) for day in played for told in day.arrivals)
    second = sum(told.at >= ms(60) for day in played for told in day.arrivals)
    assert first / 400 == pytest.approx(6, rel=0.05)
    assert second / 400 == pytest.approx(12, rel=0.05)


def test_nobody_comes_where_nobody_is_expected() -> None:
    assert [day.arrivals for day in play(snapshot(idle()), Span(0, ms(60), 0.0), days=2)] == [
        [],
        [],
    ]


@pytest.mark.parametrize(
    ("seen", "waits"),
    [
        # one doctor who is free takes the first at once; who is busy, or comes later, does not
        (snapshot(idle()), False),
        (snapshot(in_call(5)), True),
        (snapshot(at_note(1)), True),
        (snapshot(idle(since=30)), True),
        # those who wait already go before, and are not counted again
        (snapshot(idle(), promises=(4,)), True),
    ],
)
def test_it_begins_with_who_is_there(seen: Snapshot, waits: bool) -> None:
    soon = Span(0, ms(1), 600.0)
    first = [day.arrivals[0] for day in play(seen, soon)]
    stayed = [told for told in first if told.left == NEVER]
    assert len(stayed) > 10
    assert all(told.started < NEVER for told in stayed)
    assert all((told.started > told.at) is waits for told in stayed)


def test_those_who_wait_are_served_and_not_scored() -> None:
    for day in play(snapshot(idle(), promises=(3, 5))):
        assert day.arrivals == [] and day.worked > 0


def test_a_booked_time_takes_a_doctor() -> None:
    without, booked = (
        sum(told.outcome is Outcome.KEPT for day in play(seen, *HOURS) for told in day.arrivals)
        for seen in (snapshot(idle()), snapshot(idle(), slots=(15, 30, 45, 60, 75)))
    )
    assert booked < without


def test_more_doctors_meet_the_same_patients() -> None:
    few, many = (play(snapshot(*[idle()] * n), *HOURS) for n in (1, 4))
    assert [[told.at for told in day.arrivals] for day in few] == [
        [told.at for told in day.arrivals] for day in many
    ]
    assert few != many


def test_a_policy_is_shown_the_time_and_who_works() -> None:
    seen: list[Snapshot] = []

    def watch(each: Snapshot) -> Answer:
        seen.append(each)
        return Answer(False)

    noon = 1_800_000_000_000
    doctor = idle()._replace(since=noon - ms(60), last_start=noon + ms(300))
    beginning = Snapshot(noon, (doctor,), (Promise(0, noon + ms(5)),))
    list(play_rest(beginning, [Span(noon, noon + ms(60), 60.0)], Rule(watch, REFERENCE), 1))
    assert seen and all(noon <= each.now < noon + ms(60) for each in seen)
    assert [each.since for each in seen[0].doctors] == [noon]  # began with who waited, and now
