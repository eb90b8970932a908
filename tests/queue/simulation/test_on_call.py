"""The doctor on call: paged by the ladder of the service, comes or not, and is a rescue."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from tests.queue.simulation.test_driver import Watcher, day, started
from tests.queue.snapshots import ms
from venterom.queue import monitor
from venterom.queue.chance import Dice
from venterom.queue.monitor import LADDER, Step
from venterom.queue.on_call import ANSWERS_WITHIN
from venterom.queue.promise import Outcome
from venterom.queue.service import MINUTE
from venterom.queue.simulation import on_call
from venterom.queue.simulation.driver import no_clock, play, play_all
from venterom.queue.simulation.on_call import LATEST, SOONEST, Attended, attended
from venterom.queue.simulation.policies import Rule, always
from venterom.queue.simulation.told import Played
from venterom.queue.simulation.trace import Day

# One doctor, in a call that takes far longer than any is expected to; two or more wait behind it.
STUCK = ((0, 100, 4), (1, 5, 2), (1.5, 5, 2))
MORE = (*STUCK, (2, 5, 2), (2.5, 5, 2))


@pytest.fixture
def comes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The doctor on call always comes."""
    monkeypatch.setattr(on_call, "ANSWERS", 1000)


def with_doctor(given: Day, start: int = 1) -> Played:
    return play(given, Rule(always), make=attended(Dice(start)))


def in_minutes(played: Played) -> Sequence[float]:
    return [minutes if minutes is not None else -1 for minutes in started(played)]


@pytest.mark.usefixtures("comes")
def test_a_promise_in_danger_brings_the_doctor_on_call() -> None:
    played = with_doctor(day(*STUCK))
    first, second, third = in_minutes(played)
    assert played.calls == 1 and first == 0
    # The third will hardly be reached by one doctor: called some looks after it came, not before.
    looked = 1.5 + monitor.EVERY.total_seconds() / 60
    assert looked + SOONEST / MINUTE <= second <= looked + 2 + LATEST / MINUTE
    assert third == second + 7  # the second is served first, and one doctor came


@pytest.mark.usefixtures("comes")
def test_the_doctor_takes_two_and_is_called_again_for_the_next() -> None:
    played = with_doctor(day(*MORE))
    _, second, third, fourth, _ = in_minutes(played)
    assert third == second + 7
    assert fourth == -1 or fourth > third + 7  # who came for two does not go on with a third
    assert [told.outcome for told in played.arrivals[1:3]] == [Outcome.KEPT, Outcome.KEPT]


def test_who_does_not_answer_does_not_come(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(on_call, "ANSWERS", 0)
    played = with_doctor(day(*STUCK))
    assert played.calls > 1  # but the call is repeated, as long as somebody is in danger
    assert in_minutes(played)[1] > 100


def test_seven_of_ten_calls_are_answered() -> None:
    came = 0
    for start in range(400):
        world = Attended(day(), Rule(always), no_clock, Dice(start))
        world._ring(1)
        came += sum(world.takes.values()) > 0
    assert came == pytest.approx(280, abs=40)


@pytest.mark.usefixtures("comes")
def test_as_many_are_called_as_promises_are_in_danger() -> None:
    played = play(day(*MORE), Rule(always), make=attended(Dice(1), doctors=6))
    assert played.calls == len(MORE) - 1  # the first is served already
    assert [told.outcome for told in played.arrivals] == [Outcome.KEPT] * 5


def test_where_the_first_does_not_answer_the_next_is_called(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(on_call, "ANSWERS", 0)
    world = Attended(day(*STUCK[:2]), Rule(always), no_clock, Dice(1), 2)
    world.run(ms(15))
    first, second = sorted(call.at for call in world.rung.values())
    assert ANSWERS_WITHIN <= second - first <= ANSWERS_WITHIN + MINUTE


def test_where_nobody_is_in_danger_nobody_is_called() -> None:
    played = with_doctor(day((1, 10, 4), (7, 10, 4)))
    assert played.calls == 0 and started(played) == [1, 15]
    assert not any(told.rescued for told in played.arrivals)


def test_it_is_the_ladder_of_the_service_that_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    never = dict.fromkeys(LADDER, monitor.Threshold(-1.0, timedelta.min))
    monkeypatch.setattr(monitor, "LADDER", never)
    assert with_doctor(day(*STUCK)).calls == 0
    monkeypatch.setattr(monitor, "LADDER", {**never, Step.PAGE: LADDER[Step.PAGE]})
    assert with_doctor(day(*STUCK)).calls == 1


@pytest.mark.usefixtures("comes")
def test_a_rescue_is_kept_for_the_patient_and_missed_for_the_floor() -> None:
    class Learner(Watcher):
        heard: tuple[int, int]

        def learn(self, kept: int, broken: int) -> None:
            """Remember it."""
            self.heard = kept, broken

    learner = Learner()
    (played,) = play_all([day(*STUCK)], learner, make=attended(Dice(1)))
    assert [told.outcome for told in played.arrivals] == [Outcome.KEPT] * 3
    assert learner.heard == (1, 2)


@pytest.mark.usefixtures("comes")
def test_no_quote_counts_on_the_doctor_on_call() -> None:
    watcher = Watcher()
    play(day(*STUCK, (15, 5, 2)), watcher, make=attended(Dice(1)))
    assert [len(seen.doctors) for seen in watcher.seen] == [1] * 4


@pytest.mark.usefixtures("comes")
def test_a_doctor_who_finds_nobody_leaves() -> None:
    """Both who waited lost patience; whoever is in danger later is a new call."""
    world = Attended(day(*STUCK, patience=4), Rule(always), no_clock, Dice(1))
    world.run(ms(90))
    assert world.calls == 1 and not any(world.takes.values()) and list(world.starts) == [0]
