"""Who has which role, for the director; and the operator's page."""

from types import SimpleNamespace

from tests.queue.make import NOON, after
from tests.web.showcase.page import INSURER, SOLVEIG, Page
from venterom.web import staff
from venterom.web.identity.roles import Role

RAGNA = "Ragna Lederprøve"
A_DAY = 1_440  # minutes


def _row(name: str, role: Role, days: int, **more: object) -> SimpleNamespace:
    plain = {
        "id": "g1",
        "name": name,
        "role": role,
        "hpr_number": "",
        "insurer": "",
        "ends": after(days * A_DAY),
        "ended": None,
        "soon": days <= 30,
        "own": False,
        "answered_at": None,
    }
    return SimpleNamespace(**{**plain, **more})


DOCTOR = _row(SOLVEIG, Role.DOCTOR, 200, hpr_number="9990001", answered_at=NOON)
ROWS = (
    _row("", Role.INSURER, 12, insurer=INSURER),
    DOCTOR,
    _row(RAGNA, Role.DIRECTOR, 300, own=True),
)
GONE = _row("Jonas Fjordtestesen", Role.DOCTOR, 200, hpr_number="9990002", ended=after(-A_DAY))
BLANK = dict.fromkeys(staff.FIELDS, "")
AMISS = {
    "role": staff.NO_ROLE,
    "national_number": staff.BAD_NUMBER,
    "hpr_number": staff.NO_DOCTOR,
    "insurer": staff.NO_INSURER,
    "lasts": staff.HOW_LONG,
    "list": staff.OWN,
}


def _staff(*lost: SimpleNamespace, **errors: str) -> Page:
    context = {
        "rows": ROWS,
        "lost": lost,
        "roles": staff.ROLES,
        "form": BLANK,
        "errors": errors,
    }
    return Page("director/staff.html", context, "/director/staff", RAGNA)


def _machinery(*, well: bool) -> Page:
    context = {
        "waiting": 0 if well else 41,
        "oldest": None if well else after(-300),
        "line_lost": None if well else after(-290),
        "answered": NOON if well else None,
        "registers": {"hpr": True, "population": well},
    }
    return Page("operator/machinery.html", context, "/operator", "Odd Driftstest")


STAFF = {
    "staff": _staff(),
    "staff-lost": _staff(GONE),
    "staff-amiss": _staff(**AMISS),
    "operator-well": _machinery(well=True),
    "operator-ill": _machinery(well=False),
    "operator-new": Page(
        "operator/machinery.html",
        {
            "waiting": 0,
            "oldest": None,
            "line_lost": None,
            "answered": None,
            "registers": {"hpr": False, "population": False},
        },
        "/operator",
        "Odd Driftstest",
    ),
}
