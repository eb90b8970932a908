"""The driver: against theory, against the truth, and that it shows only what can be observed."""

import pytest

from tests.queue.snapshots import ms
from venterom.queue.dispatch import OURS_DEFER, REFERENCE, Claim, Job
from venterom.queue.future import NEVER
from venterom.queue.service import MINUTE
from venterom.queue.simulation.days import SCENARIOS, days
from venterom.queue.simulation.driver import Oracle, play
from venterom.queue.simulation.policies import POLICIES, Rule, always
from venterom.queue.simulation.score import score
from venterom.queue.simulation.told import PROMISE, Answer, Played
from venterom.queue.simulation.trace import Day, Shift, Visit
from venterom.queue.snapshot import Debt, Doctor, Promise, Snapshot
from venterom.queue.states import Phase

ERLANG = {("mm3", 700): 0.837, ("mm3", 800): 0.690, ("mm3", 900): 0.435, ("mm6", 800): 0.881}


@pytest.mark.slow
@pytest.mark.parametrize(("name", "rho"), ERLANG)
def test_always_keeps_what_erlang_c_says(name: str, rho: int) -> None:
    """P(wait <= 20 min) in M/M/c; 100 days here, and within .02 in the benchmark's 250."""
    kept = score(play(day, Rule(always)) for day in days(SCENARIOS[name], rho, 100, 1)).kept_share
    assert kept == pytest.approx(ERLANG[name, rho], abs=0.035)


class Watcher:
    """Promises everybody and remembers what it was shown."""

    manner = REFERENCE

    def __init__(self) -> None:
        self.seen: list[Snapshot] = []

    def quote(self, seen: Snapshot) -> Answer:
        """Yes."""
        self.seen.append(seen)
        return Answer(True)

    def claim(self, seen: Snapshot) -> Claim | None:
        """As the house does."""
        return Rule(always).claim(seen)

    def learn(self, kept: int, broken: int) -> None:
        """Nothing."""


def day(
    *arrivals: tuple[float, float, float],
    shifts: tuple[Shift, ...] = (Shift(0, ms(300)),),
    booked: tuple[tuple[float, float, float], ...] = (),
    patience: float = 1000,
) -> Day:
    """Visits as (at, consultation, note) in minutes."""
    return Day(
        shifts,
        tuple(Visit(ms(at), ms(talk), ms(note)) for at, talk, note in booked),
        tuple(Visit(ms(at), ms(talk), ms(note), ms(patience)) for at, talk, note in arrivals),
    )


def started(played: Played) -> list[float | None]:
    told = (*played.arrivals, *played.booked)
    return [each.started / MINUTE if each.started < NEVER else None for each in told]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (day((1, 10, 4), (2, 10, 4)), [1, 15]),
        (day((1, 3, 0), (2, 10, 4)), [1, 4]),  # nobody was there
        (day((1, 10, 4), shifts=(Shift(ms(5), ms(300)),)), [5]),
        (day((1, 10, 4), (2, 10, 4), shifts=(Shift(0, ms(24)),)), [1, None]),  # the shift is over
        (day((1, 10, 4), (2, 10, 4), shifts=(Shift(0, ms(300), ms(9)),)), [1, None]),  # vanished
        (day((1, 10, 4), shifts=(Shift(0, ms(300), speed=2000),)), [1]),
        (day((1, 10, 4), (2, 10, 4), shifts=(Shift(0, ms(300), speed=2000),)), [1, 29]),
        # held for the booked patient, who comes at 15
        (day((6, 10, 4), booked=((15, 10, 4),)), [29, 15]),
        (day((1, 30, 4), (2, 10, 4), patience=20), [1, None]),  # left at 22
    ],
)
def test_everybody_is_started_when_it_can_be(given: Day, expected: list[float | None]) -> None:
    assert started(play(given, Rule(always))) == expected


def test_what_is_shown_is_what_can_be_observed() -> None:
    """The second is asked about at minute 5, in a call; the third at 12, at the note."""
    watcher = Watcher()
    shifts = (Shift(0, ms(300)), Shift(ms(62), ms(400)), Shift(ms(90), ms(500)))
    play(day((1, 10, 4), (1.5, 3, 0), (5, 1, 1), (12, 1, 1), shifts=shifts), watcher)
    first, second, third, fourth = watcher.seen
    there, later = Doctor(ms(290), Phase.IDLE, 0), Doctor(ms(390), Phase.IDLE, ms(62))
    assert first.doctors == (there,)  # shifts that begin within the hour
    assert second.doctors == (there._replace(phase=Phase.RINGING, since=ms(1)),)
    assert third.doctors == (there._replace(phase=Phase.CONSULT, since=ms(1)), later)
    assert fourth.doctors == (there._replace(phase=Phase.WRAP, since=ms(11)), later)
    assert third.promises == (Promise(0, ms(21.5)),)


def test_somebody_who_does_not_answer_rings_on() -> None:
    watcher = Watcher()
    play(day((1, 3, 0), (3, 1, 1)), watcher)
    assert watcher.seen[1].doctors[0][1:3] == (Phase.RINGING, ms(1))


def test_a_debt_is_shown_until_it_is_worked_off() -> None:
    class Deferring(Watcher):
        manner = OURS_DEFER

    watcher = Deferring()
    # The call ends at 18.5, when the second has 1.5 minutes left: the note of four is put off.
    arrivals = ((0, 18.5, 4), (0.5, 5, 2), (20, 1, 1), (29, 1, 1), (60, 1, 1))
    played = play(day(*arrivals), watcher)
    assert played.put_off == 1 and started(played)[1] == 18.5
    owed = Debt(ms(18.5), 0)
    assert [seen.doctors[0].debt for seen in watcher.seen] == [None, None, owed, owed, None]


def test_a_policy_may_not_start_somebody_else() -> None:
    class Cheat(Watcher):
        def claim(self, seen: Snapshot) -> Claim | None:
            """The last in line."""
            return Claim(0, Job(0, seen.promises[-1].deadline, -1)) if seen.promises else None

    with pytest.raises(ValueError, match="cannot be started"):
        play(day((1, 10, 4), (2, 10, 4), (3, 10, 4)), Cheat())


def test_the_oracle_keeps_what_it_promises() -> None:
    """What it plays forward with the true durations is what then happens: one and the same code."""
    figures = score(play(each, Oracle(REFERENCE)) for each in days(SCENARIOS["b3"], 800, 20, 1))
    assert figures.kept_share > 0.998
    assert 0.84 < figures.promised_share < 0.93


@pytest.mark.slow
@pytest.mark.parametrize("name", ["reference", "ours", "ours-defer"])
def test_the_first_days_go_as_they_should(name: str) -> None:
    """Eight days; the benchmark has the figures of 250."""
    policy = POLICIES[name]()
    figures = score(play(each, policy) for each in days(SCENARIOS["b3"], 800, 8, 1))
    assert figures.kept_share > 0.98
    assert figures.promised_share > 0.8
    assert figures.punctual(1) > 0.95
    assert (figures.put_off > 0) is (name == "ours-defer")


def test_equal_days_go_equally() -> None:
    one, other = (
        [play(each, POLICIES["ours-defer"]()) for each in days(SCENARIOS["b3"], 800, 1, 1)]
        for _ in range(2)
    )
    assert one == other


def test_an_overrun_is_what_is_worked_after_the_shift() -> None:
    played = play(day((12, 10, 4), shifts=(Shift(0, ms(22)),)), Rule(always))
    assert played.overrun == ms(4) and played.worked == ms(14)


def test_the_clock_measures_the_quotes() -> None:
    ticks = iter(range(100))
    played = play(day((1, 1, 1), (2, 1, 1)), Rule(always), lambda: next(ticks))
    assert (played.quoting, played.quotes) == (2, 2)


def test_twenty_minutes_are_promised() -> None:
    assert PROMISE == ms(20)
