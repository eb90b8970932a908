"""Futures that are certain, so that every start is known."""

from collections.abc import Sequence

import pytest

from tests.queue.snapshots import at_note, idle, in_call, ms, snapshot
from venterom.queue.dispatch import OURS_DEFER, Job, Manner
from venterom.queue.future import Busy
from venterom.queue.hold import A2
from venterom.queue.montecarlo import Stream, waiting
from venterom.queue.snapshot import Debt, Doctor, Snapshot
from venterom.queue.states import Phase

PLAIN = Manner(A2)

CALL, NOTE = 10, 4  # minutes, of everybody


class Even(Stream):
    """A stand-in for chance: everybody takes as long. A call that began earlier ends in time."""

    def draw(self, _job: Job | None = None, _doctor: int = 0) -> tuple[int, int]:
        return ms(CALL), ms(NOTE)

    def longer(self, cases: Sequence[int], _first: int) -> int:
        return ms(CALL) if cases is self.consultations else ms(NOTE)


def starts(seen: Snapshot, manner: Manner = PLAIN) -> list[float | None]:
    """Minutes at which each promise and then each slot is started."""
    future = waiting(seen, manner).future(Even(0))
    future.run(ms(200))
    number = len(seen.promises) + len(seen.slots)
    return [future.starts[n] / ms(1) if n in future.starts else None for n in range(number)]


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        # one doctor, one after the other
        (snapshot(idle(), promises=(20, 20, 40)), [0, 14, 28]),
        # in the middle of a call, and of a note
        (snapshot(in_call(7), promises=(20,)), [7]),
        (snapshot(at_note(1), promises=(20,)), [3]),
        # two doctors
        (snapshot(idle(), in_call(7), promises=(20, 20, 20)), [0, 7, 14]),
        # a shift that begins, and one that ends
        (snapshot(in_call(0), idle(since=5), promises=(20,)), [5]),
        (snapshot(idle(13), promises=(20, 20)), [0, None]),
        # a slot is waited for; the doctor is kept for it and serves it at its time
        (snapshot(idle(), promises=(19,), slots=(4,)), [18, 4]),
        # the last minute of a promise comes first, and then the slot is late
        (snapshot(idle(), promises=(3,), slots=(4,)), [2, 16]),
    ],
)
def test_everybody_starts_when_the_rule_says(seen: Snapshot, expected: list[float | None]) -> None:
    assert starts(seen) == expected


def test_a_note_is_put_off_when_a_promise_is_in_danger() -> None:
    """The call ends at 9, the note would end at 13; the promise ends at 10."""
    seen = snapshot(in_call(1), promises=(10,))
    assert starts(seen, PLAIN) == [13]
    assert starts(seen, OURS_DEFER) == [9]


def test_a_second_note_is_not_put_off_while_the_first_is_owed() -> None:
    seen = snapshot(in_call(1), promises=(10, 22))
    assert starts(seen, OURS_DEFER) == [9, 23]


@pytest.mark.parametrize(("owed_since", "extra"), [(-40, 1.5), (-5, 0)])
def test_an_old_debt_is_paid_at_the_end_of_the_next_call(owed_since: float, extra: float) -> None:
    """Three of its four minutes were written; half a minute goes to finding the thread again."""
    debt = Debt(ms(owed_since), ms(3))
    seen = snapshot(Doctor(ms(600), Phase.IDLE, 0, debt), promises=(60, 61))
    assert starts(seen, OURS_DEFER) == [0, CALL + NOTE + extra]


def test_a_copy_goes_its_own_way() -> None:
    busy = Busy(2)
    other = busy.copy()
    other.free[0] = 5
    assert busy.free == [0, 0] and other.free == [5, 0]


def test_it_stops_at_the_target() -> None:
    future = waiting(snapshot(idle(), promises=(20, 20, 20)), PLAIN).future(Even(0))
    future.run(ms(100), target=1)
    assert set(future.starts) == {0, 1}
