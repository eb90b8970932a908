"""How the promises go: a week with everything in it, and a morning with nothing yet."""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any

from tests.queue.make import NOON
from tests.web.showcase.page import Page
from venterom.queue.learning import Version
from venterom.queue.promise import Decision, Outcome
from venterom.queue.report import Asked, calibration, report
from venterom.web import plots, truth

MORNING = NOON - timedelta(hours=5)
FORETOLD = (0.86, 0.93, 0.962, 0.983, 0.999)


def _week() -> Iterator[Asked]:
    for hour in range(15):
        for n in range(70 + 40 * (hour in (2, 3, 10))):
            at = MORNING + timedelta(hours=hour, seconds=30 * n)
            decision = (*[Decision.PROMISE20] * 8, Decision.LATER, Decision.SLOT)[n % 10]
            decision = Decision.DECLINED if hour == 14 and n % 2 else decision
            accepted = decision is not Decision.DECLINED
            ended = _ended(n, hour) if accepted else None
            cause = "long_calls" if n % 3 else "doctor_lost"
            yield Asked(
                f"v{hour}-{n}",
                at,
                decision,
                FORETOLD[n % 5],
                accepted,
                ended,
                cause if ended is Outcome.BROKEN else "",
            )


def _ended(n: int, hour: int) -> Outcome:
    if n % 23 == 22:
        return Outcome.WITHDRAWN
    return Outcome.BROKEN if (n + hour) % (30 + 20 * (n % 5)) == 0 else Outcome.KEPT


def _truth(days: int, asked: Iterable[Asked], known: Version) -> Page:
    lines = tuple(asked)
    told, bins = report(lines), calibration(lines)
    context: dict[str, Any] = {
        "days": days,
        "choices": truth.DAYS,
        "report": told,
        "foretold": bins,
        "target": plots.TARGET,
        "known": known,
        "plots": {
            "kept": plots.kept_by_hour(told.by_hour, plots.TARGET),
            "foretold": plots.foretold(bins),
            "offered": plots.counted(told.offered, tuple(Decision)),
        },
    }
    return Page("director/truth.html", context, "/director/truth", "Ragna Lederprøve")


LEARNED = Version(12, MORNING, calls=84, notes=81)
TRUTH = {
    "director-truth": _truth(7, _week(), LEARNED),
    "director-truth-empty": _truth(1, (), Version()),
}
