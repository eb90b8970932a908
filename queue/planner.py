"""Which slot a booking is offered: the start that leaves most room for those who drop in."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from venterom.queue.slots import STEP, Duty

HOUR = timedelta(hours=1)
MILLISECOND = timedelta(milliseconds=1)
AROUND = 2  # quarters of an hour that a booked patient takes up


def roomiest(
    seats: Mapping[int, int], spare: Sequence[int], placed: Mapping[int, int], work: int
) -> int | None:
    """The quarter, by number, with a free seat and most room; None if no seat is free.

    `spare` is doctors' time less the work of expected drop-ins, by quarters; `work` is what one
    booked patient takes, spread over the quarter and the next.
    """

    def room(quarter: int) -> int:
        reach = range(quarter, min(quarter + AROUND, len(spare)))
        taken = sum(placed.get(each, 0) + placed.get(each - 1, 0) for each in reach)
        return sum(spare[each] for each in reach) - taken * work // AROUND

    free = [quarter for quarter, most in seats.items() if placed.get(quarter, 0) < most]
    return max(free, key=lambda quarter: (room(quarter), -quarter), default=None)


def with_most_room(
    free: Collection[datetime],
    duties: Iterable[Duty],
    taken: Mapping[datetime, int],
    expected: Mapping[datetime, float],
    work: int,
    most: int,
) -> tuple[datetime, ...]:
    """So many of the free slots with most room for those who drop in, in order of time.

    `expected` are the patients of the hour that a quarter lies in, `work` the milliseconds that
    one of them takes.
    """
    if not free:
        return ()
    first, duties = min(free), tuple(duties)
    quarters = [first + n * STEP for n in range((max(free) - first) // STEP + AROUND)]
    spare = [
        sum(duty.on_at <= quarter < duty.off_at for duty in duties) * (STEP // MILLISECOND)
        - round(work * expected.get(quarter, 0.0) * (STEP / HOUR))
        for quarter in quarters
    ]
    placed = {number: taken.get(quarter, 0) for number, quarter in enumerate(quarters)}
    seats = {(slot - first) // STEP: placed[(slot - first) // STEP] + 1 for slot in free}
    chosen: list[datetime] = []
    while seats and len(chosen) < most:
        best = roomiest(seats, spare, placed, work)
        assert best is not None, "each of these has a seat"
        seats.pop(best)
        chosen.append(quarters[best])
    return tuple(sorted(chosen))
