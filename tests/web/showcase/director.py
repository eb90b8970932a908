"""What a director may meet: the plan of a week, and a line of it."""

from collections.abc import Mapping
from datetime import date, timedelta
from types import SimpleNamespace

from tests.queue.make import after, planned
from tests.web.showcase.page import DAY, Page
from venterom.queue import planning
from venterom.queue.choices import Choice
from venterom.queue.errors import ShiftEndsTooEarly, ShiftsOverlap
from venterom.queue.hours import DAY as A_DAY
from venterom.queue.hours import Hours
from venterom.queue.levers import Levers
from venterom.queue.planning import Planned, Work
from venterom.queue.unsigned import Overdue
from venterom.web import director

RAGNA = "Ragna Lederprøve"
NAMES = {"d1": "Solveig Legeprøve", "d2": "Jonas Fjordtestesen", "d3": "Amina Viddeprøve"}
NIGHT = planned("d3", on=600, off=1080)  # 22:00 to 06:00
LINES = (
    planned("d1", on=-240, off=0),
    planned("d1", on=120, off=420),
    planned("d1", on=210, off=240, work=Work.BREAK),
    planned("d2", on=180, off=600),
    planned("d2", on=1200, off=1680),
    planned("gone", on=1200, off=1680),
    planned("d3", on=240, off=600, work=Work.ON_CALL),
    NIGHT,
)
BOOKED = {after(150): 1, after(165): 2}


def _week(
    lines: tuple[Planned, ...] = LINES,
    *,
    too_many: bool = False,
    refusal: str = "",
    day: date = DAY,
    lost: int = 0,
) -> Page:
    days = planning.week_of(day)
    context = {
        "days": [(each, planning.on_day(lines, each)) for each in days],
        "today": DAY,
        "before": days[0] - A_DAY,
        "after": days[-1] + A_DAY,
        "names": NAMES,
        "too_many": BOOKED if too_many else {},
        "refusal": refusal,
        "lost": lost,
    }
    return Page("director/week.html", context, "/director", RAGNA)


def _line(
    plan: str = "",
    *,
    depending: bool = False,
    removing: bool = False,
    night: bool = False,
    errors: Mapping[str, str] | None = None,
) -> Page:
    form = {"doctor": "d1", "work": "shift", "day": "2026-11-24", "from": "14:00", "to": "19:00"}
    blank = {"doctor": "", "work": "shift", "day": "2026-11-24", "from": "", "to": ""}
    context = {
        "plan": plan,
        "form": form if plan or errors else blank,
        "errors": errors or {},
        "doctors": [SimpleNamespace(id=key, name=name) for key, name in NAMES.items()],
        "hours": Hours.ALL_DAY if night else Hours.STANDARD,
        "depending": BOOKED if depending else {},
        "removing": removing,
    }
    address = f"/director/plan/{plan}" if plan else "/director/plan"
    return Page("director/line.html", context, address, RAGNA)


def _levers(choice: Choice, by: str = "") -> Page:
    context = {"choice": choice, "by": by}
    return Page("director/levers.html", context, "/director/levers", RAGNA)


def _unsigned(*late: Overdue) -> Page:
    context = {"late": late, "in_time": len(late), "hours": 24, "names": NAMES}
    return Page("director/unsigned.html", context, "/director/unsigned", RAGNA)


DIRECTOR = {
    "director-unsigned": _unsigned(
        Overdue("d1", (after(-4000), after(-1500))), Overdue("gone", (after(-2000),))
    ),
    "director-all-signed": _unsigned(),
    "director-levers": _levers(Choice()),
    "director-levers-chosen": _levers(Choice(Levers(False, True), "r", after(-90)), RAGNA),
    "director-week": _week(),
    "director-week-empty": _week((), day=DAY + timedelta(days=7)),
    "director-lost": _week(lost=2),
    "director-too-many": _week(too_many=True),
    "director-gone": _week(refusal=director.GONE),
    "director-new": _line(),
    "director-new-at-night": _line(night=True),
    "director-line": _line("p1"),
    "director-incomplete": _line(
        errors={
            "doctor": director.NO_DOCTOR,
            "work": director.NO_WORK,
            "day": director.BAD_DAY,
            "to": director.BAD_CLOCK,
        }
    ),
    "director-too-early": _line(errors=dict([director.TROUBLE[ShiftEndsTooEarly]])),
    "director-overlap": _line("p1", errors=dict([director.TROUBLE[ShiftsOverlap]])),
    "director-change-depends": _line("p1", depending=True),
    "director-remove-depends": _line("p1", depending=True, removing=True),
}
