"""Both state machines, drawn out in full: what is not in the tables raises and changes nothing."""

import pytest

from venterom.queue.errors import WrongState
from venterom.queue.states import (
    ENTRY,
    HELD,
    LIVE,
    OPEN,
    SHIFT,
    Act,
    Phase,
    State,
    entry_after,
    phase_after,
)


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("act", Act)
def test_an_entry_moves_only_as_the_table_says(state: State, act: Act) -> None:
    if (state, act) in ENTRY:
        assert entry_after(state, act) is ENTRY[state, act]
    else:
        with pytest.raises(WrongState):
            entry_after(state, act)


@pytest.mark.parametrize("phase", Phase)
@pytest.mark.parametrize("act", Act)
def test_a_shift_moves_only_as_the_table_says(phase: Phase, act: Act) -> None:
    if (phase, act) in SHIFT:
        assert phase_after(phase, act) is SHIFT[phase, act]
    else:
        with pytest.raises(WrongState):
            phase_after(phase, act)


def test_the_whole_life_of_a_visit() -> None:
    state = State.WAITING
    for act in (Act.CLAIM, Act.LOSE, Act.CLAIM, Act.CONNECT, Act.HANG_UP, Act.FINISH):
        state = entry_after(state, act)
    assert state is State.DONE


def test_what_has_ended_never_moves_again() -> None:
    assert {state for state, _ in ENTRY} == LIVE
    assert Phase.OFF not in {phase for phase, _ in SHIFT}


def test_every_state_can_be_reached() -> None:
    assert set(ENTRY.values()) == set(State)
    assert set(SHIFT.values()) == set(Phase)


def test_every_held_entry_can_be_lost_and_waits_again() -> None:
    assert {entry_after(state, Act.LOSE) for state in HELD} == {State.WAITING}
    assert HELD < OPEN < LIVE


def test_a_doctor_with_a_patient_takes_no_other_and_does_not_go() -> None:
    for phase in (Phase.RINGING, Phase.CONSULT):
        assert (phase, Act.CLAIM) not in SHIFT
        assert (phase, Act.GO_OFF) not in SHIFT


def test_every_working_doctor_can_be_lost() -> None:
    working = set(Phase) - {Phase.OFF, Phase.LOST}
    assert {phase_after(phase, Act.LOSE) for phase in working} == {Phase.LOST}
