"""What a patient, a doctor and a visitor see."""

from datetime import timedelta

import pytest

from tests.queue.make import NOON, after, booked, entry, shift
from venterom.queue.floor import Floor, Kind, Warned
from venterom.queue.hours import Hours
from venterom.queue.states import LIVE, Phase, State
from venterom.queue.triage import Triage
from venterom.queue.view import (
    STAGE,
    Colour,
    Stage,
    board,
    colour,
    doctors_on,
    for_doctor,
    for_patient,
    forecast,
    left_behind,
)

HOURS = Hours.STANDARD


def test_every_state_has_a_stage_of_its_own() -> None:
    assert set(STAGE) == set(State)
    assert set(STAGE.values()) == set(Stage)


def test_a_patient_sees_the_deadline_and_who_is_in_front() -> None:
    mine = entry("mine", 20)
    floor = Floor(
        shifts=(shift("d1"), shift("d2", phase=Phase.CONSULT), shift("d3", phase=Phase.LOST)),
        entries=(
            mine,
            entry("before", 10),
            booked("slot", 12),  # due at 12:15
            entry("behind", 30),
            entry("in call", 5, state=State.IN_CALL, claimed_by="d2"),
        ),
    )
    view = for_patient(mine, floor, after(3))
    assert (view.stage, view.kind, view.deadline) == (Stage.WAITING, Kind.DROPIN, after(20))
    assert (view.ahead, view.doctors_on) == (2, 2)
    assert (view.late, view.returned) == (False, False)


def test_all_who_wait_are_shown_the_same_from_one_board_as_each_alone() -> None:
    waiting = (entry("late", 30), entry("first", 5, triage=Triage.URGENT), booked("slot", 12))
    floor = Floor(
        shifts=(shift("d1"), shift("d2", phase=Phase.LOST)),
        entries=(*waiting, entry("in call", 5, state=State.IN_CALL, claimed_by="d1")),
    )
    warned = Warned(after(2), after(40))
    shown = board(floor.entries, floor.shifts, {waiting[0].promise: warned})
    for each in waiting:
        warning = warned if each is waiting[0] else None
        assert shown.view(each.visit, after(3)) == for_patient(each, floor, after(3), warning)
    assert shown.view("in call", after(3)) is None
    assert shown.view("elsewhere", after(3)) is None


@pytest.mark.parametrize("state", sorted(set(State) - {State.WAITING}))
def test_nobody_is_ahead_of_one_who_does_not_wait(state: State) -> None:
    mine = entry("mine", 20, state=state)
    assert for_patient(mine, Floor(entries=(entry("a", 5),)), NOON).ahead == 0


@pytest.mark.parametrize(
    ("now", "joined", "ended", "late"),
    [
        (20, None, None, False),  # the last moment
        (21, None, None, True),
        (60, 19, None, False),  # a doctor came in time; the call is long
        (60, 21, None, True),
        (60, None, 10, False),  # left in time
        (60, None, 25, True),
    ],
)
def test_late_means_that_the_time_passed_and_no_doctor_had_come(
    now: float, joined: float | None, ended: float | None, late: bool
) -> None:
    joined_at, ended_at = (None if m is None else after(m) for m in (joined, ended))
    mine = entry("mine", 20, doctor_joined_at=joined_at, ended_at=ended_at)
    assert for_patient(mine, Floor(), after(now)).late is late


def test_a_returned_patient_is_told_and_sees_the_same_deadline() -> None:
    view = for_patient(entry("mine", 20, returns=1), Floor(), after(5))
    assert view.returned
    assert view.deadline == after(20)


@pytest.mark.parametrize(
    ("attempts", "release", "state", "again", "last"),
    [
        (0, 0, State.WAITING, None, False),
        (1, 5, State.WAITING, 5, False),  # is rung again in two minutes
        (1, 3, State.WAITING, None, False),  # as soon as a doctor is free
        (2, 8, State.WAITING, 8, True),
        (1, 5, State.CLAIMED, None, False),  # a doctor is on the way
        (3, 8, State.NO_ANSWER, None, True),
    ],
)
def test_who_did_not_answer_is_told_when_it_is_tried_again_and_when_for_the_last_time(
    attempts: int, release: float, state: State, again: float | None, last: bool
) -> None:
    missed = booked("mine", 0, attempts=attempts, release_at=after(release), state=state)
    view = for_patient(missed, Floor(), after(3))
    assert (view.missed, view.last_try) == (attempts, last)
    assert view.again_at == (None if again is None else after(again))


def test_a_booked_time_is_shown_apart_from_a_promise() -> None:
    view = for_patient(booked("mine", 30), Floor(), NOON)
    assert (view.kind, view.slot, view.deadline) == (Kind.BOOKED, after(30), after(33))


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (601, Colour.GREEN),
        (600, Colour.AMBER),
        (300, Colour.AMBER),
        (299, Colour.RED),
        (0, Colour.RED),
        (-1, Colour.BLACK),
    ],
)
def test_green_amber_red_black(seconds: int, expected: Colour) -> None:
    assert colour(timedelta(seconds=seconds)) is expected


def test_a_doctor_sees_who_waits_by_time_left_and_what_is_his_own() -> None:
    mine = shift("me", phase=Phase.RINGING)
    floor = Floor(
        shifts=(shift("other", phase=Phase.CONSULT), mine),
        entries=(
            entry("calm", 30),
            entry("red", 9),
            entry("black", 2, returns=1, attempts=2),
            booked("now", 5),
            booked("to come", 60),
            entry("unsigned", 1, state=State.WRAP, claimed_by="me"),
            entry("ringing", 4, state=State.CLAIMED, claimed_by="me"),
            entry("elsewhere", 6, state=State.IN_CALL, claimed_by="other"),
            entry("written elsewhere", 6, state=State.WRAP, claimed_by="other"),
        ),
        kept=7,
        broken=1,
    )
    work = for_doctor(floor, after(5), "me")
    assert [row.visit for row in work.waiting] == ["black", "now", "red", "calm"]
    assert [row.colour for row in work.waiting] == ["black", "red", "red", "green"]
    assert [row.minutes_left for row in work.waiting] == [-3, 3, 4, 25]
    assert [row.visit for row in work.booked] == ["to come"]
    assert [row.visit for row in work.mine] == ["unsigned", "ringing"]
    assert work.current == "ringing"
    assert work.shift is mine
    assert (work.in_call, work.doctors_on) == (1, 2)
    assert (work.kept_today, work.broken_today, work.at_risk) == (7, 1, 3)
    black = work.waiting[0]
    assert (black.waited, black.returned, black.attempts) == (5, True, 2)


def test_the_next_patient_is_the_first_whom_a_doctor_would_get() -> None:
    missed = entry("missed", 3, attempts=1, release_at=after(2))
    listed = for_doctor(Floor(entries=(missed, entry("other", 20))), NOON, "me")
    assert [(row.visit, row.again_at) for row in listed.waiting] == [
        ("missed", after(2)),
        ("other", None),
    ]
    assert listed.next is not None and listed.next.visit == "other"
    assert for_doctor(Floor(entries=(missed,)), NOON, "me").next is None
    again = for_doctor(Floor(entries=(missed,)), after(2), "me").next
    assert again is not None and again.visit == "missed"


def test_minutes_left_are_never_more_than_there_are() -> None:
    row = for_doctor(Floor(entries=(entry("a", 20),)), after(0.01), "me").waiting[0]
    assert row.minutes_left == 19


def test_a_wait_is_never_negative() -> None:
    ahead_of_its_time = Floor(entries=(entry("a", created_at=after(1)),))
    assert for_doctor(ahead_of_its_time, NOON, "me").waiting[0].waited == 0


def test_a_doctor_who_is_not_on_shift_has_an_empty_page() -> None:
    work = for_doctor(Floor(), NOON, "me")
    assert (work.shift, work.current, work.waiting, work.mine) == (None, None, (), ())


def test_an_unsigned_note_is_not_a_patient_at_hand() -> None:
    floor = Floor(entries=(entry("a", state=State.WRAP, claimed_by="me"),))
    assert for_doctor(floor, NOON, "me").current is None


@pytest.mark.parametrize(
    ("off", "waiting"),
    [
        (0, 3),  # goes now: everybody who waits, late or not
        (16, 2),  # takes nobody after 12:06
        (31, 1),  # … after 12:21
        (50, 0),
    ],
)
def test_a_doctor_who_goes_leaves_those_to_the_others_who_are_promised_later(
    off: float, waiting: int
) -> None:
    floor = Floor(
        shifts=(shift("me"), shift("d2", phase=Phase.CONSULT), shift("d3", phase=Phase.LOST)),
        entries=(
            entry("late", -20),
            entry("soon", 20),
            entry("later", 30),
            booked("tomorrow", 1440),
            entry("mine", 5, state=State.WRAP, claimed_by="me"),
        ),
    )
    left = left_behind(floor, NOON, "me", after(off))
    assert (left.waiting, left.doctors, left.booked) == (waiting, 1, ())
    assert left.anybody is (waiting > 0)
    assert left_behind(Floor(), NOON, "me", NOON, (after(60),)).anybody


def test_the_forecast_says_what_would_be_promised_now() -> None:
    seen = forecast(Floor(shifts=(shift(),)), HOURS, NOON)
    assert (seen.open, seen.promise, seen.by) == (True, True, after(20))
    assert (seen.waiting, seen.doctors, seen.next_opening) == (0, 1, None)


def test_the_forecast_says_a_later_time_where_twenty_minutes_cannot_be_kept() -> None:
    floor = Floor(shifts=(shift(),), entries=(entry("a", 10), booked("tomorrow", 1440)))
    seen = forecast(floor, HOURS, NOON)
    assert (seen.promise, seen.by, seen.waiting) == (False, after(40), 1)


def test_bookings_of_tomorrow_do_not_change_the_forecast_of_today() -> None:
    alone = forecast(Floor(shifts=(shift(),)), HOURS, NOON)
    many = tuple(booked(f"v{n}", 1440 + 15 * n) for n in range(40))
    assert forecast(Floor(shifts=(shift(),), entries=many), HOURS, NOON) == alone


def test_with_nobody_at_work_nothing_is_promised() -> None:
    seen = forecast(Floor(shifts=(shift(phase=Phase.LOST),)), HOURS, NOON)
    assert (seen.open, seen.promise, seen.by, seen.doctors) == (True, False, None, 0)


def test_at_night_the_forecast_says_when_the_door_opens() -> None:
    night = after(11 * 60)  # 23:00
    seen = forecast(Floor(shifts=(shift(off=2000),)), HOURS, night)
    assert (seen.open, seen.promise, seen.by) == (False, False, None)
    assert seen.next_opening == after(19 * 60)


def test_only_live_entries_are_on_the_floor() -> None:
    for state in State:
        if state in LIVE:
            Floor(entries=(entry(state=state),))
        else:
            with pytest.raises(ValueError, match="live"):
                Floor(entries=(entry(state=state),))


def test_a_lost_doctor_is_not_counted_on() -> None:
    team = tuple(shift(phase.value, phase=phase) for phase in Phase)
    assert doctors_on(team) == len(Phase) - 2
