"""The floor at this moment: everything at once, a calm noon, the first day, and after closing."""

from datetime import timedelta

from tests.queue.make import NOON, after, booked, entry, shift
from tests.web.showcase.director import NAMES, RAGNA
from tests.web.showcase.page import Page
from venterom.journal.epj_answer import Said
from venterom.journal.retry import Concern, Line
from venterom.queue import staffing
from venterom.queue.floor import Deferral, Entry, Floor
from venterom.queue.monitor import Cause, Step
from venterom.queue.outlook import Advice, Hour, Outlook
from venterom.queue.overview import Taken, overview
from venterom.queue.report import Share
from venterom.queue.states import Phase
from venterom.web import now, undelivered
from venterom.web.undelivered import Waits

PATIENTS = (6.2, 5.8, 5.0, 6.5, 7.3, 7.6, 7.1, 6.4, 5.6, 3.1)
DOCTORS = (3, 3, 2, 2.5, 3, 3, 3, 3, 3, 2)
PROMISED = (0.987, 0.927, 0.61, 0.84, 0.995, 0.958, 0.979, 0.977, 0.962, 0.986)

DEBT = Deferral("v8", "d2", "p8", after(-9), after(-8), None, after(-7), None)
ASKED = Deferral("v9", "d3", "p9", after(-3), after(-2), None, None, None)
BUSY = Floor(
    (
        shift("d1", 60, phase=Phase.IDLE, phase_since=after(-1)),
        shift("d2", 180, phase=Phase.CONSULT, phase_since=after(-6), visit="v10"),
        shift("d3", 180, phase=Phase.WRAP, phase_since=after(-3), visit="v9"),
        shift("d4", 240, phase=Phase.RINGING, phase_since=after(0), visit="v11"),
        shift("d5", 240, phase=Phase.LOST, phase_since=after(-12)),
    ),
    (
        entry("v1", -2),
        entry("v2", 1.5),
        entry("v3", 7, attempts=1, release_at=after(2)),
        entry("v4", 9),
        entry("v5", 17),
        entry("v6", 38),
        booked("v7", -1),
        booked("later", 60),
    ),
    kept=41,
    broken=2,
    deferrals=(DEBT, ASKED),
)
P = {"v1": 0.02, "v2": 0.31, "v3": 0.74, "v4": 0.93, "v5": 0.97, "v6": 0.999}


def _taken(visit: str, deadline: float, step: Step, at: float, cause: Cause, p: float) -> Taken:
    return Taken(f"promise of {visit}", after(deadline), step, after(at), p, cause)


STEPS = (
    _taken("v1", -2, Step.APOLOGISE, -2, Cause.SHORT_STAFF, 0.0),
    _taken("v2", 1.5, Step.ALERT, -0.5, Cause.LONG_CALLS, 0.31),
    _taken("v1", -2, Step.ALERT, -4, Cause.SHORT_STAFF, 0.12),
    _taken("v2", 1.5, Step.TELL, -4, Cause.LONG_CALLS, 0.44),
    _taken("v2", 1.5, Step.PAGE, -6, Cause.LONG_CALLS, 0.58),
    _taken("v3", 7, Step.DEFER, -7, Cause.NO_ANSWER, 0.74),
    _taken("gone", -60, Step.DEFER, -70, Cause.DOCTOR_LOST, 0.77),
    _taken("closed", -90, Step.APOLOGISE, -90, Cause.CLOSED, 0.0),
)


def _hours(*, foreseen: bool = True) -> tuple[Hour, ...]:
    return tuple(
        Hour(
            NOON + timedelta(hours=n),
            DOCTORS[n],
            PATIENTS[n] if foreseen else None,
            Share(round(400 * PROMISED[n]), 400) if foreseen and n < 9 else None,
        )
        for n in range(10)
    )


ADVICE = (
    Advice(after(60), after(120), 1, 1),
    Advice(after(120), after(210), 2, 3),
    Advice(after(300), after(450), 0, 1),
    Advice(after(540), after(600), staffing.MOST + 1, staffing.MOST + 1),
)


def _now(floor: Floor, outlook: Outlook | None, steps: tuple[Taken, ...] = ()) -> Page:
    chances: list[tuple[Entry, float]] = [
        (each, P[each.visit]) for each in floor.entries if each.visit in P
    ]
    context = {
        "floor": overview(floor, chances, steps, NOON),
        "names": NAMES,
        "outlook": outlook,
        "plots": now.drawn(outlook) if outlook else {},
        "target": staffing.TARGET,
    }
    return Page("director/now.html", context, "/director/now", RAGNA)


def _journal(*notes: Waits, line: Line = Line()) -> Page:  # noqa: B008  # frozen
    context = {
        "notes": notes,
        "line": line,
        "line_why": undelivered.WHY.get(line.why, undelivered.UNKNOWN),
        "now": after(0),
        "names": NAMES,
    }
    return Page("director/journal.html", context, "/director/journal", RAGNA)


def _waits(n: int, concern: Concern, why: str) -> Waits:
    signed_at = after(-(1000, 300, 20, 1)[concern])
    said = undelivered.WHY.get(why, undelivered.NOT_TRIED)
    return Waits(f"v{n}", ("d1", "gone")[n % 2], signed_at, concern, said, 3 - concern)


CALM = Floor((shift("d1", 60), shift("d2", 180)), kept=12)
FLOOR = {
    "director-now": _now(BUSY, Outlook(after(-3), _hours(), ADVICE, staffing.DAYS), STEPS),
    "director-now-calm": _now(CALM, Outlook(after(-1), _hours(), (), staffing.DAYS)),
    "director-now-first-day": _now(CALM, Outlook(after(-1), _hours(foreseen=False))),
    "director-now-started": _now(CALM, None),
    "director-journal-empty": _journal(),
    "director-journal": _journal(
        _waits(0, Concern.STOPPED, Said.OTHER_PATIENT),
        _waits(1, Concern.VERY_LATE, Said.HALF),
        _waits(2, Concern.LATE, Said.REFUSED),
        _waits(3, Concern.UNDERWAY, ""),
    ),
    "director-journal-away": _journal(
        _waits(2, Concern.LATE, Said.SILENT),
        line=Line(4, after(-20), after(1), Said.SILENT),
    ),
    "director-now-closed": _now(Floor(), Outlook(after(-1), ())),
}
