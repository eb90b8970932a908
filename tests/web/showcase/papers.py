"""Papers: where they are written, where they are handed out, and where one is checked."""

from dataclasses import replace
from typing import Any

from tests.journal.papers.make import ANTIBIOTIC, EXAMINATION, ISOTRETINOIN, MEDICINE
from tests.queue.make import NOON
from tests.web.showcase.page import SOLVEIG, Page
from venterom.journal.papers.handing import Checked
from venterom.journal.papers.medicines import Loaded
from venterom.journal.papers.paper import Kind
from venterom.journal.papers.prescription import SAID
from venterom.journal.papers.problem import Problem
from venterom.web import paper_check, paper_forms, papers
from venterom.web.papers import NAMES, Shown

PLAIN = Shown(
    "p1", NAMES[Kind.PRESCRIPTION], MEDICINE.name, None, Kind.PRESCRIPTION, "", None, "", "", None
)
SICK = replace(
    PLAIN, id="p4", name=NAMES[Kind.SICK_NOTE], about="24.11.2026–27.11.2026", kind=Kind.SICK_NOTE
)
SHOWN = (
    replace(PLAIN, state="done", sent_at=NOON, reference="123 456 789"),
    replace(PLAIN, id="p2", state="on_its_way"),
    replace(PLAIN, id="p3", state="failed"),
    SICK,
    replace(PLAIN, id="p5", state="done", recall="waiting", withdrawn_at=NOON),
    replace(
        PLAIN,
        id="p6",
        name=NAMES[Kind.EXAMINATION],
        about="Legevakt",
        kind=Kind.EXAMINATION,
        examination=EXAMINATION,
    ),
    *(
        replace(SICK, id=f"p-{state}", state=state)
        for state in ("waiting", "on_its_way", "done", "failed")
    ),
    replace(SICK, id="p-late", state="done", withdrawn_at=NOON),
)
DRAFTS = [
    {"id": "p1", "name": NAMES[Kind.PRESCRIPTION], "about": MEDICINE.name, "mine": True},
    {"id": "p2", "name": NAMES[Kind.REFERRAL], "about": "Vanlig", "mine": False},
]


def _overview(**more: Any) -> Page:
    context = {
        "visit": "v1",
        "signed": False,
        "drafts": [],
        "issued": [],
        "kinds": list(NAMES.items()),
        "register": Loaded("2026-11-23", NOON, 15),
        "electronic": True,
        "errors": {},
    }
    return Page("doctor/papers.html", context | more, "/doctor/visit/v1/papers", SOLVEIG)


def _form(kind: Kind, *wrong: tuple[str, Problem], **more: Any) -> Page:
    form = dict(paper_forms.blank(kind))
    context: dict[str, Any] = {
        "visit": "v1",
        "name": NAMES[kind],
        "form": form | more.pop("form", {}),
        "errors": paper_forms.errors(dict(wrong)),
        "electronic": True,
        "medicine": None,
        "typed": "",
        "found": (),
        "none_found": False,
        "paragraphs": [(each.value, words) for each, words in SAID.items()],
    }
    at = f"/doctor/visit/v1/papers/{kind}"
    return Page(f"doctor/paper_{kind}.html", context | more, at, SOLVEIG)


def _check(**more: Any) -> Page:
    context: dict[str, Any] = {"typed": "", "checked": None, "asked_for": False, "errors": {}}
    return Page("paper.html", context | more, "/paper")


SAID_OF_ONE = {"Papir": "Resept", "Pasient": "Kari Prøvdal", "Legemiddel": MEDICINE.name}
TOO_SOON = ("first", Problem.BACK_DATED)
PAPERS = {
    "papers-none": _overview(),
    "papers-written": _overview(drafts=DRAFTS),
    "papers-enough": _overview(drafts=DRAFTS, errors={"paper": papers.ENOUGH}),
    "papers-not-electronic": _overview(electronic=False, register=None),
    "papers-issued": _overview(signed=True, issued=SHOWN),
    "papers-none-issued": _overview(signed=True),
    "prescription-search": _form(Kind.PRESCRIPTION),
    "prescription-found": _form(Kind.PRESCRIPTION, typed="prøve", found=(MEDICINE, ANTIBIOTIC)),
    "prescription-none-found": _form(Kind.PRESCRIPTION, typed="xyz", none_found=True),
    "prescription": _form(Kind.PRESCRIPTION, medicine=MEDICINE, electronic=False),
    "prescription-antibiotic": _form(
        Kind.PRESCRIPTION, ("ground", Problem.NO_GROUND), medicine=ANTIBIOTIC
    ),
    "prescription-isotretinoin": _form(
        Kind.PRESCRIPTION, ("to_woman", Problem.ASK_WHETHER_WOMAN), medicine=ISOTRETINOIN
    ),
    "prescription-blue": _form(
        Kind.PRESCRIPTION,
        ("paragraph", Problem.NO_PARAGRAPH),
        ("medicine", Problem.ADDICTIVE),
        medicine=MEDICINE,
        form={"scheme": "blue", "locked": "yes"},
    ),
    "prescription-hospital": _form(
        Kind.PRESCRIPTION,
        ("scheme", Problem.NOT_BY_HOSPITAL),
        ("may_bill_hospital", Problem.NO_HOSPITAL_RIGHT),
        ("refund_code", Problem.NO_DIAGNOSIS),
        medicine=MEDICINE,
        form={"scheme": "h"},
    ),
    "sick-note": _form(Kind.SICK_NOTE),
    "sick-note-by-hand": _form(Kind.SICK_NOTE, electronic=False),
    "sick-note-refused": _form(Kind.SICK_NOTE, TOO_SOON, ("door", Problem.NO_GATE)),
    "certificate": _form(Kind.CERTIFICATE),
    "certificate-for-insurer": _form(
        Kind.CERTIFICATE, ("taken_up", Problem.TAKE_UP), ("limited", Problem.NOT_CHOSEN)
    ),
    "referral": _form(Kind.REFERRAL),
    "referral-refused": _form(Kind.REFERRAL, ("urgency", Problem.NOT_CHOSEN)),
    "examination": _form(Kind.EXAMINATION),
    "examination-refused": _form(
        Kind.EXAMINATION,
        ("where", Problem.GP_IS_TOO_SLOW),
        ("soon", Problem.HOSPITAL_IS_TODAY),
    ),
    "paper-check": _check(),
    "paper-no-code": _check(typed="abc", errors={"code": paper_check.NO_CODE}),
    "paper-genuine": _check(asked_for=True, checked=Checked(SAID_OF_ONE, None)),
    "paper-withdrawn": _check(asked_for=True, checked=Checked(SAID_OF_ONE, NOON)),
    "paper-not-known": _check(asked_for=True, typed="0000"),
}
