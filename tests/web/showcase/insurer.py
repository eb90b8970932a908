"""An insurer's pages: a busy year and an empty one, a chief and a colleague."""

from datetime import timedelta
from typing import Any

from tests.queue.make import NOON
from tests.web.showcase.page import DAY, Page
from tests.web.showcase.page import INSURER as COMPANY
from venterom.queue.coverage.billing import SEVERAL, Bill, Part
from venterom.queue.coverage.insurer import PolicyView
from venterom.queue.coverage.kept import FEWEST, Kept, together
from venterom.queue.coverage.usage import Month, Uses, months_over
from venterom.web import forms, plots
from venterom.web.identity.clerk_tables import What
from venterom.web.identity.clerks import Change, Clerk
from venterom.web.portal import clerks
from venterom.web.portal.look_ups import Line

BERIT = "Berit Kundeprøve"
OCTOBER = Month(2026, 10)
USED = (Uses(OCTOBER, 2), Uses(Month(2026, 3), 1))
COUNTS = (31, 44, 52, 61, 38, 0, 47, 58, 40, 66, 71, 80)
SHARES = (None, (44, 44), (51, 52), (60, 61), (37, 38), None, (45, 47), (58, 58), (40, 40))


def _insurer(template: str, path: str = "", **more: Any) -> Page:
    address = f"/insurer{path}"
    given = {"insurer": COMPANY, "here": address, **more}
    return Page(f"insurer/{template}.html", given, address, BERIT)


def _check(view: PolicyView | None = None, **errors: str) -> Page:
    number = view.number if view else "X" if errors else ""
    return _insurer("check", form={"number": number}, errors=errors, view=view)


def _months(*counts: int) -> Page:
    months = months_over(DAY)
    year = [Uses(month, count) for month, count in zip(months, counts, strict=True)]
    plot = plots.by_month([(each.month.month, each.uses) for each in year])
    return _insurer("months", "/months", year=year, plot=plot)


def _promise(*shares: tuple[int, int] | None) -> Page:
    months = months_over(DAY)
    told = {
        month: Kept(month, *(share or (None, None)))
        for month, share in zip(months, shares, strict=False)
    }
    placed = {place: share for place, share in enumerate(shares) if share}
    return _insurer(
        "promise",
        "/promise",
        year=[(month, told.get(month)) for month in months],
        together=together(told.values()),
        fewest=FEWEST,
        target=plots.TARGET,
        plot=plots.kept_by_month([month.month for month in months], placed, plots.TARGET),
    )


def _log(*lines: Line, more: bool = False) -> Page:
    running = Month.of(DAY)
    choices = (running, *reversed(months_over(DAY)))
    return _insurer("log", "/log", month=running, months=choices, lines=lines, more=more)


def _clerks(chief: bool, *changes: Change, **errors: str) -> Page:
    form = {**clerks.EMPTY, "name": "Nina" if errors else ""}
    colleagues = [
        Clerk("c1", BERIT, True),
        Clerk("c2", "Nina Nyprøve", False),
        Clerk("", "", True),  # has not been here yet
    ]
    return _insurer(
        "clerks",
        "/clerks",
        clerks=colleagues,
        own="c1" if chief else "c2",
        chief=chief,
        changes=changes,
        form=form,
        errors=errors,
    )


LINES = (
    Line(DAY, "fjellprove-kundesenter", True, "FJP-107919", 3),
    Line(DAY, BERIT, False, "FJP-115838", 1),
    Line(DAY - timedelta(days=1), BERIT, False, "FJP-107919", 2),
)
CHANGES = (
    Change(NOON, BERIT, What.WITHDRAWN, "Carl Kontortest"),
    Change(NOON - timedelta(days=3), BERIT, What.GIVEN, "Nina Nyprøve"),
)
BILL = Bill(OCTOBER, 80, 6, (Part("Behandling Pluss", 62), Part("Reise", 11), Part(SEVERAL, 7)))
INSURER = {
    "insurer": _check(),
    "insurer-valid": _check(PolicyView("FJP-107919", True, "Behandling Pluss", DAY, USED)),
    "insurer-expired": _check(PolicyView("FJP-107919", False, "Behandling Pluss", DAY)),
    "insurer-unknown": _check(PolicyView("FJP-000000")),
    "insurer-malformed": _check(number=forms.BAD_POLICY_NUMBER),
    "insurer-months": _months(*COUNTS),
    "insurer-months-empty": _months(*[0] * 12),
    "insurer-month": _insurer("month", "/months/2026-10", bill=BILL),
    "insurer-month-few": _insurer(
        "month", "/months/2026-10", bill=Bill(OCTOBER, 6, None, (Part(SEVERAL, 6),))
    ),
    "insurer-month-empty": _insurer("month", "/months/2026-10", bill=Bill(OCTOBER, 0, 0, ())),
    "insurer-promise": _promise(*SHARES),
    "insurer-promise-few": _promise(None, None),
    "insurer-log": _log(*LINES, more=True),
    "insurer-log-empty": _log(),
    "insurer-clerks": _clerks(True, *CHANGES),
    "insurer-clerks-colleague": _clerks(False),
    "insurer-clerks-trouble": _clerks(
        True, national_number="Se etter at alle de 11 sifrene er riktige."
    ),
}
