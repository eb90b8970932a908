"""How the promises went: what counts, what is left out, and how sure one may be."""

from collections.abc import Sequence

import pytest

from tests.queue.make import after
from venterom.queue.promise import Decision, Outcome
from venterom.queue.report import FEW, Asked, Share, calibration, judged, report

KEPT, BROKEN, WITHDRAWN = Outcome.KEPT, Outcome.BROKEN, Outcome.WITHDRAWN


def asked(
    outcome: Outcome | None = KEPT,
    *,
    minute: float = 0,
    decision: Decision = Decision.PROMISE20,
    p: float = 0.99,
    accepted: bool = True,
) -> Asked:
    cause = "waiting" if outcome is BROKEN else ""
    return Asked("v", after(minute), decision, p, accepted, outcome, cause)


SEVERAL = (
    [asked()] * 6
    + [asked(BROKEN)] * 2
    + [asked(WITHDRAWN)]
    + [asked(None)]  # waits still
    + [asked(None, accepted=False)]  # was offered twenty minutes and went away
    + [asked(decision=Decision.LATER)] * 2
    + [asked(decision=Decision.SLOT), asked(None, decision=Decision.SLOT)]
    + [asked(None, decision=Decision.DECLINED, accepted=False)] * 5
)


@pytest.mark.parametrize(
    ("name", "part", "whole"),
    [
        ("promised", 11, 20),  # also those who did not take it
        ("later", 2, 20),
        ("slots", 2, 20),
        ("refused", 5, 20),
        ("kept", 8, 10),  # a later time is a promise too; a slot is a matter of its own
        ("strict", 8, 11),
        ("withdrawn", 1, 11),
    ],
)
def test_what_is_counted_of_what(name: str, part: int, whole: int) -> None:
    told = report(SEVERAL)
    assert told.asked == 20
    assert getattr(told, name) == Share(part, whole)


def test_what_was_offered_is_counted_by_the_hour_of_the_question() -> None:
    both = [asked(minute=59), asked(decision=Decision.SLOT, minute=59), asked(minute=60)]
    assert report(both).offered == {
        12: {Decision.PROMISE20: 1, Decision.SLOT: 1},
        13: {Decision.PROMISE20: 1},
    }


def test_a_rescue_is_a_miss_of_the_model() -> None:
    rescued = Asked("v", after(0), Decision.PROMISE20, 0.9, True, KEPT, "doctor_lost")
    assert judged([*SEVERAL, rescued]) == (8, 3)  # slots, the withdrawn and the open teach nothing


def test_broken_promises_tell_why() -> None:
    assert report(SEVERAL).causes == {"waiting": 2}


@pytest.mark.parametrize(
    ("part", "whole", "low", "high"),
    [
        (990, 1000, 0.982, 0.995),  # the design library's own example
        (0, 10, 0.0, 0.278),
        (10, 10, 0.722, 1.0),
        (0, 0, 0.0, 1.0),  # nothing is known
    ],
)
def test_the_interval_is_wilsons(part: int, whole: int, low: float, high: float) -> None:
    assert Share(part, whole).interval == pytest.approx((low, high), abs=0.0006)


def test_nothing_has_no_share() -> None:
    told = report([])
    assert (told.kept.value, told.worst_hour, told.asked) == (None, None, 0)


def hour(minute: float, kept: int, broken: int) -> list[Asked]:
    return [asked(minute=minute)] * kept + [asked(BROKEN, minute=minute)] * broken


@pytest.mark.parametrize(
    ("given", "worst"),
    [
        (hour(0, FEW - 10, 10) + hour(60, FEW - 2, 2), 12),
        (hour(0, FEW - 10, 10) + hour(60, 0, FEW - 1), 12),  # too few to tell
        (hour(59, FEW - 2, 2) + hour(60, FEW - 10, 10), 13),  # by the clock in Norway
        (hour(0, FEW, 0) + hour(60, FEW, 0), 12),  # of equals the first
    ],
)
def test_the_worst_hour_is_one_with_enough_promises(given: Sequence[Asked], worst: int) -> None:
    found = report(given).worst_hour
    assert found is not None and found[0] == worst


@pytest.mark.parametrize(
    ("p", "low"),
    [(0.0, 0.0), (0.79, 0.0), (0.8, 0.8), (0.949, 0.9), (0.95, 0.95), (0.99, 0.99), (1.0, 0.99)],
)
def test_each_promise_is_held_against_what_was_foretold(p: float, low: float) -> None:
    [found] = calibration([asked(p=p), asked(BROKEN, p=p)])
    assert (found.low, found.foretold, found.kept) == (low, p, Share(1, 2))


def test_what_was_not_put_to_the_test_is_not_in_the_calibration() -> None:
    untried = [asked(WITHDRAWN), asked(None), asked(accepted=False), asked(decision=Decision.SLOT)]
    assert calibration(untried) == ()
