"""Who comes and when: by chance, the same each time, and in the shares that were meant."""

from collections.abc import Callable
from datetime import date
from itertools import islice
from random import Random
from statistics import fmean

import pytest

from venterom.queue.service import NO_SHOW
from venterom.server.demo.crowd import behaviour
from venterom.server.demo.crowd.behaviour import Coming, Round, Stint, Wish, comings, may_rest
from venterom.server.demo.crowd.complaints import FOR_CHILD, OWN
from venterom.server.demo.people import CROWD, world

PEOPLE = world(date(2026, 11, 24)).crowd
PARENTS = sum(bool(children) for _, _, _, children in CROWD) / len(CROWD)  # share of the crowd
MANY = 5_000


def some(count: int = MANY, an_hour: int = 30, seed: int = 1) -> list[Coming]:
    return list(islice(comings(Random(seed), PEOPLE, an_hour), count))


def test_the_same_seed_gives_the_same_people() -> None:
    assert some(50) == some(50)
    assert some(50, seed=2) != some(50)


@pytest.mark.parametrize("an_hour", [1, 30, 120])
def test_as_many_come_an_hour_as_was_asked_for(an_hour: int) -> None:
    assert fmean(coming.after for coming in some(an_hour=an_hour)) == pytest.approx(
        60 / an_hour, rel=0.05
    )


def test_the_times_between_them_are_those_of_a_poisson_process() -> None:
    gaps = [coming.after for coming in some()]
    for minutes in (1.0, 2.0, 5.0):  # P(gap > t) = exp(-rate t)
        longer = sum(gap > minutes for gap in gaps) / len(gaps)
        assert longer == pytest.approx(2.718281828 ** (-minutes / 2), abs=0.02)


def test_the_first_comes_at_once_so_that_something_is_seen() -> None:
    assert some(1)[0].after == 0


def test_they_take_turns() -> None:
    turns = [coming.who for coming in some(2 * len(CROWD))]
    assert sorted(turns[: len(CROWD)]) == list(range(len(CROWD)))
    assert turns[: len(CROWD)] == turns[len(CROWD) :]
    assert turns[:3] != [0, 1, 2]


def test_a_child_is_the_parents_own_and_has_a_childs_complaint() -> None:
    for coming in some():
        children = CROWD[coming.who][3]
        if coming.child is None:
            assert coming.complaint in OWN
        else:
            assert 0 <= coming.child < len(children)
            assert coming.complaint in FOR_CHILD


@pytest.mark.parametrize(
    ("share", "holds"),
    [
        (behaviour.WANTS_SLOT, lambda coming: coming.wish is Wish.SLOT),
        (NO_SHOW / 1000, lambda coming: coming.misses > 0),
        (behaviour.WITH_CHILD * PARENTS, lambda coming: coming.child is not None),
        # exponential: 1/e of all wait longer than the mean
        (0.368, lambda coming: coming.patience > behaviour.PATIENCE),
    ],
    ids=["slot", "no answer", "child", "patient"],
)
def test_the_shares_are_those_that_were_meant(
    share: float, holds: Callable[[Coming], bool]
) -> None:
    assert sum(map(holds, some())) / MANY == pytest.approx(share, rel=0.2)


def test_whoever_misses_a_call_answers_the_next_or_none() -> None:
    misses = [coming.misses for coming in some() if coming.misses]
    assert set(misses) == {1, behaviour.TRIES}
    never = misses.count(behaviour.TRIES) / len(misses)
    assert never == pytest.approx(behaviour.NEVER_ANSWERS, rel=0.4)  # about 50 people


def test_three_doctors_keep_up_with_thirty_an_hour() -> None:
    rounds = list(islice(behaviour.rounds(Random(1)), MANY))
    stints = list(islice(behaviour.stints(Random(1)), MANY))
    a_patient = fmean(each.look + each.talk + each.write for each in rounds)
    at_work = fmean(each.work for each in stints) / fmean(each.work + each.rest for each in stints)
    assert 0.7 < 30 / (3 * at_work * 60 / a_patient) < 0.9  # busy, and not too busy


def test_every_part_of_a_round_lies_within_its_bounds() -> None:
    shortest, longest = behaviour.TALKING[:2]
    for each in islice(behaviour.rounds(Random(1)), MANY):
        assert isinstance(each, Round)
        assert behaviour.LOOKING[0] <= each.look <= behaviour.LOOKING[1]
        assert shortest <= each.talk <= longest
        assert behaviour.WRITING[0] <= each.write <= behaviour.WRITING[1]


@pytest.mark.parametrize(
    ("worked", "anybody_waits", "may"),
    [
        (0, False, False),
        (39.9, False, False),
        (40, False, True),
        # patients come first
        (40, True, False),
        (59.9, True, False),
        # … but not for ever
        (60, True, True),
    ],
)
def test_nobody_rests_while_somebody_waits(worked: float, anybody_waits: bool, may: bool) -> None:
    assert may_rest(worked, Stint(work=40, rest=5), anybody_waits) is may
