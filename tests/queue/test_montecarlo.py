"""Monte Carlo against brute force, and that it neither rolls again nor stops too soon."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.queue.brute_force import first_free, is_started
from tests.queue.snapshots import LONG, at_note, idle, in_call, ms, ringing, snapshot
from venterom.queue.dispatch import DROPIN, OURS_DEFER, Job, Manner
from venterom.queue.future import Busy
from venterom.queue.hold import A2
from venterom.queue.montecarlo import (
    FUTURES,
    NEW,
    Stream,
    Waiting,
    decided,
    engage,
    share,
    waiting,
)
from venterom.queue.snapshot import Debt, Doctor, Snapshot

PLAIN = Manner(A2)

TRIALS = 2_000


def asked(seen: Snapshot, minutes: float = 20) -> Waiting:
    return waiting(seen, PLAIN, Job(0, ms(minutes), DROPIN, NEW))


def brute_force(seen: Snapshot, deadline: int, seed: int) -> float:
    dice = random.Random(seed)
    return sum(is_started(seen, deadline, dice) for _ in range(TRIALS)) / TRIALS


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.integers(0, 25).map(in_call),
            st.integers(0, 8).map(at_note),
            st.integers(0, 15).map(lambda since: idle(LONG, since)),
        ),
        min_size=1,
        max_size=4,
    ),
    st.integers(0, 4),
)
def test_it_agrees_with_brute_force(doctors: list[Doctor], ahead: int) -> None:
    seen = snapshot(*doctors, promises=(20,) * ahead)
    exact = brute_force(seen, ms(20), seed=ahead)
    # Two samples of 2 000: by chance alone they lie five times less than this apart.
    assert all_played(asked(seen), seen.seed(), ms(20)) == pytest.approx(exact, abs=0.08)


def all_played(start: Waiting, seed: int, deadline: int, futures: int = 2000) -> float:
    """As `share`, but never stopping early: what is far from a floor is known only roughly."""
    stream, started = Stream(seed), 0
    for _ in range(futures):
        future = start.future(stream)
        future.run(deadline, NEW)
        started += NEW in future.starts
    return started / futures


@pytest.mark.parametrize("phase", [in_call, at_note])
def test_what_is_left_is_drawn_from_those_that_took_longer(phase: object) -> None:
    doctor = in_call(12) if phase is in_call else at_note(3)
    busy, stream, ends = Busy(1), Stream(7), []
    for _ in range(TRIALS):
        engage(busy, 0, doctor, 0, stream)
        ends.append(busy.free[0])
    dice = random.Random(1)
    exact = [first_free(doctor, dice) for _ in range(TRIALS)]
    assert min(ends) > 0
    assert sum(ends) / TRIALS == pytest.approx(sum(exact) / TRIALS, rel=0.06)


@pytest.mark.parametrize(
    ("doctor", "free"),
    [
        (idle(), -60),
        (idle(LONG, since=5), 5),
        (ringing(1.5), 1.5),  # not there: given up after three minutes
    ],
)
def test_what_is_certain_is_not_drawn(doctor: Doctor, free: float) -> None:
    busy = Busy(1)
    engage(busy, 0, doctor, 0, Stream(1))
    assert busy.free[0] == ms(free)


@pytest.mark.parametrize("doctor", [in_call(90), at_note(60), ringing(15)])
def test_who_has_taken_longer_than_anybody_is_still_busy(doctor: Doctor) -> None:
    busy, stream = Busy(1), Stream(3)
    for _ in range(50):
        engage(busy, 0, doctor, 0, stream)
        assert 0 < busy.free[0] < ms(16)


def test_a_debt_that_is_being_worked_off_makes_the_doctor_later() -> None:
    busy, debt = Busy(1), Debt(ms(-50), ms(3))
    call = in_call(5)
    engage(busy, 0, call, 0, Stream(1))
    plain = busy.free[0]
    engage(busy, 0, call._replace(debt=debt), 0, Stream(1))
    assert busy.folded[0] and busy.free[0] == plain + busy.debt[0] > plain
    engage(busy, 0, call._replace(debt=Debt(ms(-20), ms(3))), 0, Stream(1))
    assert not busy.folded[0] and busy.free[0] == plain


SEEN = snapshot(in_call(5), at_note(1), in_call(12), promises=(8, 15), slots=(10, 30))


def test_the_same_state_gives_the_same_answer_also_a_little_later() -> None:
    """Whoever asks again rolls no other dice: only the time has moved."""
    assert SEEN.seed() == SEEN._replace(now=ms(1)).seed()
    assert share(asked(SEEN), SEEN.seed(), ms(20), NEW, 0.9) == share(
        asked(SEEN), SEEN.seed(), ms(20), NEW, 0.9
    )


@pytest.mark.parametrize(
    "other",
    [
        SEEN._replace(slots=SEEN.slots[:1]),
        SEEN._replace(promises=SEEN.promises[:1]),
        SEEN._replace(doctors=SEEN.doctors[:2]),
        SEEN._replace(doctors=(in_call(6), *SEEN.doctors[1:])),
    ],
)
def test_another_state_has_another_seed(other: Snapshot) -> None:
    assert other.seed() != SEEN.seed()


def test_a_pinned_answer_is_the_same_on_every_machine() -> None:
    assert share(asked(SEEN), SEEN.seed(), ms(20), NEW, 0.55) == 227 / 400


@pytest.mark.parametrize(
    ("started", "played", "floor", "clear"),
    [
        (20, 20, 0.9, False),  # all of few: not yet
        (100, 100, 0.9, True),
        (8, 20, 0.9, True),
        (90, 100, 0.9, False),
        (144, 160, 0.9, False),
    ],
)
def test_it_stops_when_it_is_clear(started: int, played: int, floor: float, clear: bool) -> None:
    assert decided(started, played, floor) is clear


def test_stopping_early_hardly_ever_changes_the_decision() -> None:
    """At .93 for a floor of .90, three hundred times: as all of the futures would have decided."""
    dice, changed = random.Random(5), 0
    for _ in range(300):
        starts = [dice.random() < 0.93 for _ in range(FUTURES)]
        looks = range(20, FUTURES + 1, 20)
        played = next((n for n in looks if decided(sum(starts[:n]), n, 0.9)), FUTURES)
        changed += (sum(starts[:played]) >= 0.9 * played) is not (sum(starts) >= 0.9 * FUTURES)
    assert changed <= 10


def test_putting_notes_off_helps() -> None:
    seen = snapshot(in_call(8), in_call(3), promises=(5, 12))
    deferring = waiting(seen, OURS_DEFER, Job(0, ms(20), DROPIN, NEW))
    plain = share(asked(seen), 1, ms(20), NEW, 0.5)
    assert share(deferring, 1, ms(20), NEW, 0.5) > plain
