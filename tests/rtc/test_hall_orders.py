"""No packet passes in the worker itself before both seats are admitted (I6), whatever care says and
whatever becomes of the connections, in whatever order. Each order is tried against a model.
"""

import asyncio
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from tests.rtc.live import BOTH
from tests.rtc.test_hall import ROOM, House, Line

SEATS = st.sampled_from(BOTH)
LINES = st.integers(0, 3)  # which of those there have been, from the newest
SOME = st.sampled_from([BOTH, BOTH, BOTH, ("patient",), ("doctor",), ()])


class Orders(RuleBasedStateMachine):
    """A worker's hall; beside it who is admitted, and which connections each seat has."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.answering: list[asyncio.Task[str]] = []
        self.lines: list[tuple[str, Line]] = []
        self.admitted: set[str] = set()
        self.coming: dict[str, Line] = {}
        self.current: dict[str, Line] = {}
        Line.made = []
        self.house: House = self.run(House)

    def run(self, do: Callable[[], Any]) -> Any:
        """Do this in the loop, and let all that follows from it happen."""

        async def all_of_it() -> Any:
            done = do()
            if asyncio.iscoroutine(done):
                done = await done
            await asyncio.sleep(0)
            return done

        return self.loop.run_until_complete(all_of_it())

    def teardown(self) -> None:
        async def end() -> None:
            for task in self.answering:
                task.cancel()
            await asyncio.gather(*self.answering, return_exceptions=True)
            await self.house.hall.close_all()

        self.run(end)
        self.loop.close()

    @initialize(come=SOME, admitted=SOME)
    def begin(self, come: Iterable[str], admitted: Iterable[str]) -> None:
        for seat in come:
            self.come(seat)
        self.admit(admitted)

    # ---- what care says

    @rule(seat=SEATS)
    def offer(self, seat: str) -> None:
        self.answering.append(self.run(lambda: self.house.offer(seat)))
        self.coming[seat] = Line.made[-1]
        self.lines.append((seat, Line.made[-1]))

    @rule(seats=SOME)
    def admit(self, seats: Iterable[str]) -> None:
        self.run(lambda: self.house.hall.admit(ROOM, seats))
        self.admitted = set(seats)

    @rule(seat=SEATS)
    def leave(self, seat: str) -> None:
        self.run(lambda: self.house.hall.leave(ROOM, seat))
        self.admitted.discard(seat)
        self.coming.pop(seat, None)
        self.current.pop(seat, None)

    @rule()
    def close(self) -> None:
        self.run(lambda: self.house.hall.close(ROOM))
        self.admitted.clear()
        self.coming.clear()
        self.current.clear()

    # ---- what becomes of the connections, also of those that have been replaced

    def line(self, place: int) -> tuple[str, Line] | None:
        return self.lines[-1 - place] if place < len(self.lines) else None

    @rule(place=LINES)
    def connect(self, place: int) -> None:
        if found := self.line(place):
            seat, line = found
            self.run(line.connect)
            if self.coming.get(seat) is line:
                self.current[seat] = self.coming.pop(seat)

    @rule(seat=SEATS)
    def come(self, seat: str) -> None:
        self.offer(seat)
        self.connect(0)

    @rule(place=LINES)
    def lose(self, place: int) -> None:
        if found := self.line(place):
            seat, line = found
            self.run(line.begin_closing)
            for kept in (self.coming, self.current):
                if kept.get(seat) is line:
                    del kept[seat]

    # ---- what must hold

    @invariant()
    def nobody_is_heard_but_by_the_other_when_both_are_admitted(self) -> None:
        self.run(self.house.hall.watch)
        for seat, line in self.lines[-6:]:
            self.run(line.speak)
            heard = [each for _, each in self.lines if each.sent]
            for each in heard:
                each.sent.clear()
            may = self.current.get(seat) is line and self.admitted == set(BOTH)
            assert heard == [each for name, each in self.current.items() if may and name != seat]


@pytest.mark.slow
def test_in_no_order_does_a_packet_pass_before_both_are_admitted() -> None:
    wanted = settings(max_examples=200, stateful_step_count=40, deadline=None)
    run_state_machine_as_test(Orders, settings=wanted)
