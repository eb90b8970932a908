"""The levers: what is on decides how the engine goes about it."""

import pytest

from tests.queue.make import NOON, after, entry, shift
from venterom.queue import grounds
from venterom.queue.deferrals import whom_to_ask
from venterom.queue.dispatch import OURS, OURS_DEFER, Manner
from venterom.queue.floor import Floor
from venterom.queue.hours import Hours
from venterom.queue.levers import Levers
from venterom.queue.promise import predict, situation
from venterom.queue.states import Phase

WRITES = shift("d1", phase=Phase.WRAP, phase_since=after(-1), visit="v0")
TALKS = shift("d2", phase=Phase.CONSULT, phase_since=after(-4), visit="v9")


@pytest.mark.parametrize(
    ("levers", "manner"),
    [(Levers(), OURS_DEFER), (Levers(defers=False), OURS), (Levers(plans=True), OURS_DEFER)],
)
def test_the_engine_goes_by_the_levers(levers: Levers, manner: Manner) -> None:
    assert levers.manner is manner


def test_no_doctor_is_asked_where_the_director_does_not_want_it() -> None:
    assert whom_to_ask(Floor((WRITES,)), NOON) is WRITES
    assert whom_to_ask(Floor((WRITES,), levers=Levers(defers=False)), NOON) is None


def test_less_is_promised_where_no_note_can_be_put_off() -> None:
    line = (entry("v1", 3), entry("v2", 8))
    with_it, without = (
        predict(situation(Floor((WRITES, TALKS), line, levers=each), Hours.ALL_DAY, NOON), by, 0.9)
        for each in (Levers(), Levers(defers=False))
        for by in [after(20)]
    )
    assert without < with_it


@pytest.mark.parametrize("levers", [Levers(), Levers(defers=False)])
def test_the_ledger_knows_what_was_on(levers: Levers) -> None:
    seen = situation(Floor((WRITES,), levers=levers), Hours.ALL_DAY, NOON)
    assert grounds.read(grounds.written(seen, ())).levers == levers


def test_lines_from_before_there_was_a_choice_had_it_on() -> None:
    old = grounds.written(situation(Floor(), Hours.ALL_DAY, NOON), ()).replace('"defers":true,', "")
    assert "defers" not in old
    assert grounds.read(old).levers == Levers()
