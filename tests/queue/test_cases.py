"""How long patients took: what is over, what is not, and what is not believed."""

from datetime import datetime

import pytest

from tests.queue.make import after
from venterom.queue.cases import CALL, MILLISECOND, NOTE, Seen, calls, notes

NOW, UNTIL = after(100), after(60)  # the job runs a while after the day is over


def seen(
    connected: float,
    ended: float | None = None,
    signed: float | None = None,
    put_off: float | None = None,
    doctor: str = "d1",
) -> Seen:
    return Seen(doctor, after(connected), _at(ended), _at(put_off), _at(signed))


def _at(minutes: float | None) -> datetime | None:
    return None if minutes is None else after(minutes)


def minutes(taken: tuple[int, ...]) -> list[float]:
    return [each / 60_000 for each in taken]


@pytest.mark.parametrize(
    ("one", "finished", "running"),
    [
        (seen(0, 13), [13], []),
        (seen(55, 70), [15], []),  # over when the day was over, but known by now
        (seen(59), [], [41]),  # still on
        (seen(60, 70), [], []),  # the next day's
        (seen(0, 0.1), [1], []),  # a slip of the hand
        (seen(-500, 40), [], [60]),  # nine hours: forgotten, and known to be long
        (seen(-500), [], [60]),
        (seen(0, 60), [60], []),
    ],
)
def test_a_call_takes_until_the_doctor_hangs_up(
    one: Seen, finished: list[float], running: list[float]
) -> None:
    found = calls([one], UNTIL, NOW)
    assert (minutes(found.finished), minutes(found.running)) == (finished, running)


@pytest.mark.parametrize(
    ("those", "finished", "running"),
    [
        ([seen(0, 10, 14)], [4], []),
        ([seen(0)], [], []),  # has not begun
        ([seen(60, 70, 74)], [], []),  # the next day's
        ([seen(0, 90)], [], [10]),  # being written
        # put off when asked, and left for the next patient without: as long as it was written on
        ([seen(0, 10, 30, put_off=12)], [], [2]),
        ([seen(0, 10, 30), seen(11, 25, 28)], [3], [1]),
        ([seen(0, 10, 30, put_off=12), seen(13, 25, 28)], [3], [2]),
        ([seen(0, 10), seen(11, 99)], [], [1, 1]),
        # another doctor's patient is in nobody's way, and one who came after the signature neither
        ([seen(0, 10, 14), seen(11, doctor="d2")], [4], []),
        ([seen(0, 10, 14), seen(14, 20, 22)], [4, 2], []),
        # signed the next morning; and at once
        ([seen(-900, -890, 40)], [], [30]),
        ([seen(0, 10, 10)], [1 / 6], []),
    ],
)
def test_a_note_takes_until_it_is_signed_or_left(
    those: list[Seen], finished: list[float], running: list[float]
) -> None:
    found = notes(those, UNTIL, NOW)
    assert minutes(found.finished) == pytest.approx(finished)
    assert sorted(minutes(found.running)) == pytest.approx(sorted(running))


def test_nothing_is_believed_outside_the_limits() -> None:
    those = [seen(-n * 37, -n * 37 + n * n, -n * 37 + 2 * n * n) for n in range(40)]
    for limits, found in ((CALL, calls(those, UNTIL, NOW)), (NOTE, notes(those, UNTIL, NOW))):
        for taken in (*found.finished, *found.running):
            assert limits.shortest <= taken * MILLISECOND <= limits.longest
