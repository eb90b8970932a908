"""Putting off a note, and paying it back."""

import pytest

from tests.queue.snapshots import ms
from venterom.queue.deferral import INTERRUPTION, after_idling, in_danger_at, puts_off
from venterom.queue.dispatch import DROPIN, Job


@pytest.mark.parametrize(
    ("job", "minutes"),
    [(Job(0, ms(20), DROPIN), 18), (Job(0, ms(18), ms(15)), 16)],
)
def test_a_promise_is_in_danger_before_its_time_and_a_slot_after_it(
    job: Job, minutes: float
) -> None:
    assert in_danger_at(job) == ms(minutes)


@pytest.mark.parametrize(
    ("notes", "doctor"),
    [
        ([], None),
        ([(ms(8), 0), (ms(9), 1)], 1),  # the newest
        ([(ms(6.5), 0)], 0),
        ([(ms(6.4), 0)], None),  # well begun: it is finished first
    ],
)
def test_the_newest_note_is_put_off(notes: list[tuple[int, int]], doctor: int | None) -> None:
    assert puts_off(ms(10), notes) == doctor


@pytest.mark.parametrize(
    ("debt", "idle", "left"),
    [
        (ms(2), 0, ms(2)),  # called at once: nothing was begun
        (ms(2), ms(1), ms(1) + INTERRUPTION),
        (ms(2), ms(2), 0),
        (ms(2), ms(60), 0),
    ],
)
def test_a_debt_is_worked_off_when_idle(debt: int, idle: int, left: int) -> None:
    assert after_idling(debt, idle) == left
