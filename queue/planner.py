"""Which slot a booking is offered: the start that leaves most room for those who drop in."""

from collections.abc import Mapping, Sequence

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
