"""Whether a promise can be kept, and what a new one does to those behind it."""

import pytest

from tests.queue.snapshots import at_note, idle, in_call, ms, snapshot
from venterom.queue import forecast as module
from venterom.queue.dispatch import OURS_DEFER, REFERENCE, Manner
from venterom.queue.forecast import forecast, p_keep
from venterom.queue.hold import A2
from venterom.queue.snapshot import Promise, Snapshot

PLAIN = Manner(A2)

MANNERS = [REFERENCE, PLAIN, OURS_DEFER]
BUSY = snapshot(in_call(5), at_note(1), in_call(12), promises=(8, 15), slots=(10, 30))


@pytest.mark.parametrize("manner", MANNERS)
@pytest.mark.parametrize(
    ("seen", "low", "high"),
    [
        (snapshot(), 0, 0),  # no doctor
        (snapshot(idle(), idle()), 1, 1),
        (snapshot(idle(), slots=(5,)), 0, 0.9),  # kept for the slot, and then busy with it
        (snapshot(in_call(0)), 0.5, 0.95),
        (snapshot(in_call(0), promises=(19, 19.5)), 0, 0.1),
        (snapshot(in_call(14), in_call(12), in_call(10), promises=(19,)), 0.85, 1),
    ],
)
def test_it_is_likely_where_a_doctor_is_going_to_be_free(
    manner: Manner, seen: Snapshot, low: float, high: float
) -> None:
    assert low <= p_keep(seen, ms(20), manner, 0.9) <= high


def test_what_is_plain_is_counted_and_not_played(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "share", None)
    assert p_keep(snapshot(idle(), idle()), ms(20), PLAIN, 0.9) >= 0.995
    assert p_keep(snapshot(in_call(0), promises=(5, 6, 7)), ms(20), PLAIN, 0.9) <= 0.6
    many = snapshot(*(in_call(n) for n in range(12)), promises=(19,) * 40)
    assert p_keep(many, ms(60), PLAIN, 0.98) < 0.98
    with pytest.raises(TypeError):
        p_keep(BUSY, ms(20), PLAIN, 0.9)


def test_a_promise_behind_the_new_one_is_looked_at() -> None:
    """A later promise that the new one is put before becomes less likely."""
    seen = snapshot(in_call(6), promises=(30,))
    p, least = forecast(seen, ms(20), PLAIN, 0.9)
    assert p > 0.8 and least < 0.8
    assert forecast(snapshot(in_call(6), promises=(19,)), ms(20), PLAIN, 0.9)[1] == 1


def test_a_lost_cause_binds_nobody() -> None:
    seen = snapshot(in_call(0))._replace(promises=(Promise(1, ms(8)),))
    assert forecast(seen, ms(20), PLAIN, 0.9)[1] == 1


def test_a_higher_class_is_ahead_whatever_its_deadline() -> None:
    ahead = snapshot(in_call(6))._replace(promises=(Promise(-1, ms(60)),))
    behind = snapshot(in_call(6))._replace(promises=(Promise(1, ms(10)),))
    assert p_keep(ahead, ms(20), PLAIN, 0.9) < 0.3 < p_keep(behind, ms(20), PLAIN, 0.9)
