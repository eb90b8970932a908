"""The table of a room's states: what may happen where, and that nothing else may."""

import pytest

from venterom.rtc.errors import IllegalMove
from venterom.rtc.states import TABLE, Move, State, move


@pytest.mark.parametrize(("state", "by"), [(s, m) for s in State for m in Move])
def test_a_room_moves_by_the_table_and_not_otherwise(state: State, by: Move) -> None:
    if (state, by) in TABLE:
        assert move(state, by) is TABLE[state, by]
    else:
        with pytest.raises(IllegalMove):
            move(state, by)


def test_a_closed_room_stays_closed_and_every_open_room_can_be_closed() -> None:
    assert not any(state is State.CLOSED for state, _ in TABLE)
    assert all(TABLE[s, Move.CLOSED] is State.CLOSED for s in State if s is not State.CLOSED)


def test_nobody_talks_before_both_seats_are_taken() -> None:
    before = {state for (state, _), after in TABLE.items() if after is State.TALKING}
    assert before == {State.CONNECTING, State.BROKEN}
