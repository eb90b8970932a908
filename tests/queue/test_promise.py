"""What may be offered, and how a promise ends."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.queue.make import NOON, after, booked, entry, planned, shift
from venterom.queue import promise
from venterom.queue.floor import FLOOR, Entry, Floor, Shift
from venterom.queue.hours import Hours, closing
from venterom.queue.planning import Work
from venterom.queue.promise import (
    LATER_FLOOR,
    OFFER_LIVES,
    Decision,
    Offer,
    Outcome,
    Situation,
    can_keep,
    decide,
    is_held,
    outcome,
    situation,
    snapshot,
)
from venterom.queue.snapshot import Doctor, Promise
from venterom.queue.states import Phase, State

HOURS = Hours.STANDARD
MINUTE = timedelta(minutes=1)
SLOTS = (after(30), after(45))


def seen(floor: Floor, now: datetime = NOON, held: tuple[datetime, ...] = ()) -> Situation:
    return situation(floor, HOURS, now, held)


def predict(seen: Situation, deadline: datetime) -> tuple[float, float]:
    """As for a promise of twenty minutes."""
    return promise.predict(seen, deadline, FLOOR)


def busy(name: str, minutes: float) -> Shift:
    """A doctor who has been in a call for so long."""
    return shift(name, phase=Phase.CONSULT, phase_since=after(-minutes))


IDLE = Floor(shifts=(shift(),))


def floor_of(*parts: Shift | Entry) -> Floor:
    """A floor of shifts and entries, in any order."""
    return Floor(
        tuple(part for part in parts if isinstance(part, Shift)),
        tuple(part for part in parts if isinstance(part, Entry)),
    )


@pytest.mark.parametrize(
    ("floor", "decision", "minutes"),
    [
        # somebody is idle
        (IDLE, Decision.PROMISE20, 20),
        # nobody at work, or nobody who can be counted on: never a promise
        (Floor(), Decision.SLOT, None),
        (floor_of(shift(phase=Phase.LOST)), Decision.SLOT, None),
        # one doctor, who has just begun: not 20 minutes, but a later time
        (floor_of(busy("d1", 0)), Decision.LATER, 40),
        # two who have just begun: one of them is free in time, and writes afterwards
        (floor_of(busy("d1", 0), busy("d2", 0)), Decision.PROMISE20, 20),
        # three of them: one is as good as certain to be free in time
        (floor_of(busy("d1", 2), busy("d2", 5), busy("d3", 8)), Decision.PROMISE20, 20),
        # an idle doctor, but with somebody ahead
        (floor_of(shift(), entry("a", 10)), Decision.LATER, 40),
        # for a slot at 12:05 the doctor is kept; before one at 12:15 there is time for a patient
        (floor_of(shift(), booked("a", 5)), Decision.LATER, 40),
        (floor_of(shift(), booked("a", 15)), Decision.PROMISE20, 20),
        # the doctor goes at 12:25, and nobody is started after 12:15
        (floor_of(shift(off=25)), Decision.SLOT, None),
        # … at 12:30: the last start is 12:20
        (floor_of(shift(off=30)), Decision.PROMISE20, 20),
        # a crowd that one doctor cannot serve in two hours
        (floor_of(shift(), *(entry(f"v{n}", 20 + n) for n in range(12))), Decision.SLOT, None),
    ],
)
def test_only_what_can_be_kept_is_offered(
    floor: Floor, decision: Decision, minutes: float | None
) -> None:
    verdict = decide(seen(floor), SLOTS)
    assert verdict.decision is decision
    assert verdict.deadline == (None if minutes is None else after(minutes))
    if decision is Decision.PROMISE20:
        assert min(verdict.p_keep, verdict.p_min_others) >= FLOOR
    if decision is Decision.LATER:
        assert min(verdict.p_keep, verdict.p_min_others) >= LATER_FLOOR


def test_with_nothing_free_it_is_declined() -> None:
    assert decide(seen(Floor())).decision is Decision.DECLINED


@pytest.mark.parametrize(
    ("minutes_to_closing", "decision"),
    [
        (31, Decision.PROMISE20),
        (30, Decision.PROMISE20),  # the promise ends with the last start
        (29, Decision.SLOT),  # no promise reaches into the last ten minutes
        (0, Decision.SLOT),  # closed
        (-60, Decision.SLOT),
    ],
)
def test_no_promise_crosses_closing_time(minutes_to_closing: int, decision: Decision) -> None:
    closes = closing(HOURS, NOON)
    assert closes is not None
    now = closes - timedelta(minutes=minutes_to_closing)
    floor = Floor(shifts=(replace(shift(), off_at=closes + timedelta(hours=3)),))
    assert decide(seen(floor, now), SLOTS).decision is decision


def test_a_door_that_never_closes_only_minds_the_shifts() -> None:
    midnight = NOON + timedelta(hours=12)
    at_night = situation(floor_of(shift(off=900)), Hours.ALL_DAY, midnight)
    assert at_night.until == after(890)
    assert decide(at_night).decision is Decision.PROMISE20


def test_what_others_are_being_shown_counts_as_sold() -> None:
    held = seen(IDLE, held=(after(20),))
    assert decide(held).decision is Decision.LATER


def test_a_new_promise_may_not_break_an_older_one_that_it_would_pass() -> None:
    """A later promise of 12:22 would be passed by one of 12:20, and could not be kept then."""
    floor = floor_of(shift(), entry("later", 22))
    assert predict(seen(floor), after(20))[0] > FLOOR
    assert predict(seen(floor), after(20))[1] < 0.9
    assert decide(seen(floor)).decision is Decision.LATER
    assert decide(seen(floor)).deadline == after(30)


def test_what_it_would_not_pass_does_not_hold_it_back() -> None:
    floor = floor_of(shift(), entry("urgent", 90, triage=1))
    assert predict(seen(floor), after(60))[1] == 1


def test_a_promise_that_is_lost_already_binds_nobody() -> None:
    """With the one doctor in a call until about 12:17, a promise of 12:05 is for the alarm."""
    lost = floor_of(busy("d1", 0), entry("lost", 5, triage=-1))
    assert predict(seen(lost), after(20))[1] == 1


def test_an_overdue_promise_is_still_ahead() -> None:
    overdue = floor_of(shift(), entry("overdue", -5))
    p, _ = predict(seen(overdue), after(20))
    due, _ = predict(seen(floor_of(shift(), entry("due", 5))), after(20))
    assert p < FLOOR and p == pytest.approx(due, abs=0.05)


def test_those_in_a_call_are_not_ahead() -> None:
    in_call = entry("a", 10, state=State.IN_CALL, claimed_by="d2", lease_until=after(1))
    assert seen(floor_of(shift(), in_call)) == seen(IDLE)


@given(st.permutations([busy("d1", 3), busy("d2", 9), entry("a", 5), booked("b", 45), shift("d3")]))
def test_the_same_state_gives_the_same_answer_in_whatever_order_it_is_read(
    parts: list[Shift | Entry],
) -> None:
    first = floor_of(busy("d1", 3), busy("d2", 9), entry("a", 5), booked("b", 45), shift("d3"))
    assert seen(floor_of(*parts)) == seen(first)
    assert decide(seen(floor_of(*parts))) == decide(seen(first))


@given(st.integers(0, 5), st.integers(0, 8), st.integers(0, 30))
def test_whatever_is_promised_is_likely_enough(doctors: int, waiting: int, minutes: int) -> None:
    floor = floor_of(
        *(busy(f"d{n}", (n * 7 + minutes) % 31) for n in range(doctors)),
        *(entry(f"v{n}", n * 3) for n in range(waiting)),
    )
    verdict = decide(seen(floor), SLOTS)
    if verdict.deadline is not None:
        assert doctors > 0
        need = FLOOR if verdict.decision is Decision.PROMISE20 else LATER_FLOOR
        found = promise.predict(seen(floor), verdict.deadline, need)
        assert found == (verdict.p_keep, verdict.p_min_others)
        assert min(found) >= need
    else:
        assert verdict.decision is Decision.SLOT


@pytest.mark.parametrize(
    ("floor", "decision", "minutes", "kept"),
    [
        (IDLE, Decision.PROMISE20, 19, True),
        (IDLE, Decision.LATER, 59, True),
        (Floor(), Decision.PROMISE20, 19, False),  # the doctors have gone
        (IDLE, Decision.PROMISE20, 0, False),  # the time has come
        (IDLE, Decision.PROMISE20, -1, False),
        (floor_of(shift(off=25)), Decision.PROMISE20, 19, False),  # nobody is started after 12:15
        (floor_of(shift(), entry("a", 5)), Decision.PROMISE20, 19, False),  # others came
        # a probability between the two floors: good enough for 20 minutes only
        (floor_of(busy("d1", 1), busy("d2", 2)), Decision.PROMISE20, 16, True),
        (floor_of(busy("d1", 1), busy("d2", 2)), Decision.LATER, 16, False),
    ],
)
def test_an_offer_that_has_grown_old_is_measured_anew(
    floor: Floor, decision: Decision, minutes: float, kept: bool
) -> None:
    assert can_keep(seen(floor), decision, after(minutes)) is kept


@pytest.mark.parametrize(
    ("joined", "left", "now", "expected"),
    [
        (None, None, 20, None),  # the last moment: still open
        (None, None, 20.01, Outcome.BROKEN),  # nobody came
        (19, None, 19, Outcome.KEPT),
        (20, None, 60, Outcome.KEPT),  # in the very last moment
        (20.01, None, 60, Outcome.BROKEN),  # a doctor came, too late
        (None, 10, 10, Outcome.WITHDRAWN),
        (None, 10, 60, Outcome.WITHDRAWN),  # leaving is final
        (None, 20.01, 21, Outcome.BROKEN),  # left after the time had passed
        (15, 16, 16, Outcome.KEPT),  # a doctor came, and then the patient left
    ],
)
def test_how_a_promise_of_twenty_minutes_ends(
    joined: float | None, left: float | None, now: float, expected: Outcome | None
) -> None:
    joined_at, left_at = (None if m is None else after(m) for m in (joined, left))
    assert outcome(after(20), joined_at, left_at, after(now)) is expected


def test_an_offer_stays_fresh_for_fifteen_seconds() -> None:
    offer = Offer("o", "v", Decision.PROMISE20, after(20), 0.99, NOON)
    assert offer.is_fresh(NOON + OFFER_LIVES)
    assert not offer.is_fresh(NOON + OFFER_LIVES + timedelta(milliseconds=1))


@pytest.mark.parametrize(
    ("breaks", "phase", "expected"),
    [
        ([], Phase.IDLE, [(Phase.IDLE, -120, 290)]),
        # until ten minutes before it, and again when it is over
        ([(15, 45)], Phase.IDLE, [(Phase.IDLE, -120, 5), (Phase.IDLE, 45, 290)]),
        ([(15, 45)], Phase.WRAP, [(Phase.IDLE, 45, 290), (Phase.WRAP, -120, 5)]),
        # two of them
        (
            [(60, 90), (120, 130)],
            Phase.IDLE,
            [(Phase.IDLE, -120, 50), (Phase.IDLE, 90, 110), (Phase.IDLE, 130, 290)],
        ),
        # in the middle of one, at its very beginning, and at its end
        ([(-5, 25)], Phase.IDLE, [(Phase.IDLE, 25, 290)]),
        ([(0, 30)], Phase.IDLE, [(Phase.IDLE, 30, 290)]),
        ([(-30, 0)], Phase.IDLE, [(Phase.IDLE, -120, 290)]),
        # a break before this one is over, and one after the shift is no concern of it
        ([(-90, -60), (15, 45)], Phase.IDLE, [(Phase.IDLE, -120, 5), (Phase.IDLE, 45, 290)]),
        ([(300, 330)], Phase.IDLE, [(Phase.IDLE, -120, 290)]),
    ],
)
def test_a_doctor_is_counted_on_until_a_break_and_after_it(
    breaks: list[tuple[float, float]],
    phase: Phase,
    expected: list[tuple[Phase, float, float]],
) -> None:
    lines = tuple(planned("d1", on, off, Work.BREAK) for on, off in breaks)
    doctors = seen(Floor((shift("d1", phase=phase),), breaks=lines)).doctors
    assert [
        (each.phase, (each.since - NOON) / MINUTE, (each.last_start - NOON) / MINUTE)
        for each in doctors
    ] == expected


def test_the_break_of_somebody_else_changes_nothing_and_overtime_is_seen() -> None:
    other = (planned("d2", 5, 35, Work.BREAK),)
    assert seen(replace(IDLE, breaks=other)) == seen(IDLE)
    [late] = seen(floor_of(shift(off=-5))).doctors
    assert late.last_start == after(-15)


@pytest.mark.parametrize(
    ("pause", "decision"),
    [
        (None, Decision.PROMISE20),
        ((40, 60), Decision.PROMISE20),
        ((12, 42), Decision.LATER),  # the note would be signed about when the break begins
        ((12, 300), Decision.SLOT),
    ],
)
def test_a_break_that_begins_soon_is_known(
    pause: tuple[float, float] | None, decision: Decision
) -> None:
    breaks = () if pause is None else (planned("d1", *pause, Work.BREAK),)
    writes = shift("d1", phase=Phase.WRAP, phase_since=after(-1))
    assert decide(seen(Floor((writes,), breaks=breaks)), SLOTS).decision is decision


@pytest.mark.parametrize("pause", [(-5, 25), (8, 38)])
def test_nobody_is_kept_for_a_slot_who_has_a_break_then(pause: tuple[float, float]) -> None:
    floor = floor_of(shift(), entry("a", 18), booked("b", 5))
    assert is_held(floor, NOON, shift())
    assert not is_held(replace(floor, breaks=(planned("d1", *pause, Work.BREAK),)), NOON, shift())


def test_the_engine_sees_the_same_in_whole_milliseconds() -> None:
    """Doctors by the end of their shift, promises in order of service, slots by time."""
    urgent = entry("v3", 40, triage=1)
    floor = floor_of(shift("d1", 300), busy("d2", 5), entry("v1", 9), urgent, booked("v2", 30))
    floor = replace(floor, shifts=(floor.shifts[0], replace(floor.shifts[1], off_at=after(100))))
    noon = int(NOON.timestamp()) * 1000
    minute = 60_000
    given = snapshot(seen(floor))
    assert given.now == noon
    assert given.doctors == (
        Doctor(noon + 90 * minute, Phase.CONSULT, noon - 5 * minute),
        Doctor(noon + 290 * minute, Phase.IDLE, noon - 120 * minute),
    )
    assert given.promises == (Promise(-1, noon + 40 * minute), Promise(0, noon + 9 * minute))
    assert given.slots == (noon + 30 * minute,)


@pytest.mark.parametrize(
    ("floor", "held"),
    [
        (floor_of(shift(), entry("a", 18), booked("b", 5)), True),
        (floor_of(shift(), entry("a", 18), booked("b", 15)), False),  # there is time for one
        (floor_of(shift(), entry("a", 18), booked("b", 26)), False),  # nobody looks so far
        (floor_of(shift(), entry("a", 1), booked("b", 5)), False),  # cannot wait any longer
        (floor_of(shift(), shift("d2"), entry("a", 18), booked("b", 5)), False),  # the other can
        (floor_of(shift(), booked("a", -1), booked("b", 5)), False),  # has a slot, too
        (floor_of(shift(off=14), entry("a", 18), booked("b", 5)), False),  # could not serve it
        (floor_of(shift(), booked("b", 5)), False),  # nobody waits
        (floor_of(shift(), entry("a", 18, release_at=after(2)), booked("b", 5)), False),
    ],
)
def test_a_doctor_is_kept_for_a_slot_where_going_would_do_harm(floor: Floor, held: bool) -> None:
    assert is_held(floor, NOON, shift(off=(floor.shifts[0].off_at - NOON) / MINUTE)) is held
