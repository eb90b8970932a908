"""A patient's own record, and what doctors and the director see of its blocks and wishes."""

from dataclasses import replace
from datetime import date
from types import SimpleNamespace
from typing import Any

from tests.queue.make import NOON, after
from tests.web.showcase.page import KARI, SOLVEIG, Page
from tests.web.showcase.papers import SHOWN
from venterom.journal import amending, note
from venterom.journal.amending import Own
from venterom.journal.blocking import SHORTEST_REASON
from venterom.journal.cases import LONGEST, Case, Kind, State, Urgency, Words
from venterom.journal.chain import Action
from venterom.journal.fhir_looks import Seen
from venterom.journal.history import Addition, Note
from venterom.journal.mine import Kept
from venterom.journal.note import NoteFields
from venterom.journal.papers import paper
from venterom.web import (
    amend,
    blocking,
    casework,
    forms,
    mine_log,
    papers,
    proxies,
    sheet,
    versions,
)
from venterom.web.identity.standing import RIGHTS, Right, Standing
from venterom.web.mine_log import Said
from venterom.web.text import SOURCE
from venterom.web.withdrawing import SOME_PAPER, InTheWay

DIRECTOR = "Ragna Lederprøve"
SERVICE = "Venterom"
ACCOUNT = "Videokonsultasjon 24.11.2026 kl. 12.00–12.12.\nTil stede: pasienten."
FIELDS = NoteFields("Sår hals", "", "Rød svelg", "Forkjølelse", "Hvile.\nDrikk godt.", "R74")
KEPT = Kept("v1", after(12), SOLVEIG, amended_at=after(900))
ELSEWHERE = Kept("v0", after(-9_000), SOLVEIG, elsewhere=True)
WISH = Words("Jeg har aldri hatt feber.", "")
ANSWERED = Words(WISH.wish, "Notatet sier at du ikke hadde feber. Det er riktig.")


def _mine(template: str, path: str = "", standing: Standing = Standing.SELF, **more: Any) -> Page:
    frame = {
        "patient": {"id": "p1", "name": KARI},
        "standing": standing,
        "rights": [right for right in Right if right in RIGHTS[standing]],
    }
    return Page(f"mine/{template}.html", {**frame, **more}, f"/mine/p1{path}", KARI)


def _home(standing: Standing = Standing.SELF, **more: Any) -> Page:
    plain = {"notes": [KEPT], "others": [], "open_cases": 0, "unconfirmed": False}
    return _mine("home", "", standing, **{**plain, **more})


def _said(action: Action, **more: Any) -> Said:
    plain = {
        "at": after(12),
        "who": SOLVEIG,
        "role": mine_log.ROLES["doctor"],
        "hpr": "9990001",
        "is_staff": True,
        "what": mine_log.WHAT[action],
        "why": mine_log.WHY["care"],
        "about": NOON,
        "until": None,
        "days": 0,
        "words": "",
    }
    return Said(**{**plain, **more})


LOOKS = [
    Seen(NOON.date(), "Fjellprøve Forsikring", "fjellprove-kundesenter", True, "FJP-107919", 3),
    Seen(NOON.date(), "Fjellprøve Forsikring", "Berit Kundeprøve", False, "FJP-107919", 1),
]
LINES = [
    _said(Action.NOTE_READ, who="", role="", hpr="", is_staff=False, why=mine_log.WHY["own"]),
    _said(
        Action.GLASS_BROKEN,
        why=mine_log.WHY["glass"],
        until=after(252),
        words="Pasienten er bevisstløs, og vi må vite om medisiner.",
    ),
    _said(Action.NOTE_SENT, who=SERVICE, role=mine_log.ROLES["system"], hpr=""),
    _said(Action.CARE_BEGUN, days=14),
]


def _case(state: State = State.OPEN, kind: Kind = Kind.CORRECTION) -> Case:
    answered = None if state is State.OPEN else after(2000)
    by = "" if state is State.OPEN else "d1"
    deleted = after(3000) if state is State.CARRIED_OUT else None
    about = ("c1", "p1", "v1", kind, "p1", NOON, after(40_000), "d1", SOLVEIG)
    return Case(*about, state, by, answered, deleted)


def _record(kind: str) -> Any:
    return SimpleNamespace(id=f"r-{kind}", visit="v1", kind=kind, at=NOON, text_version="2026-1")


RECORDS = [_record(kind) for kind in ("withdrawal", "consent", "notice")]
CASES = [
    (_case(), WISH),
    (_case(State.REFUSED), ANSWERED),
    (_case(State.GRANTED, Kind.DELETION), ANSWERED),
    (_case(State.CARRIED_OUT, Kind.DELETION), ANSWERED),
    (_case(State.GRANTED), ANSWERED),
    (_case(State.CARRIED_OUT), ANSWERED),
]


def _wrong(**errors: str) -> Page:
    context: dict[str, Any] = {"visit": "v1", "doctor": SOLVEIG, "signed_at": after(12)}
    form = {"kind": "", "wish": ""}
    return _mine(
        "wrong", "/note/v1/wrong", **context, days=28, most=LONGEST, form=form, errors=errors
    )


def _blocks(standing: bool = False, **errors: str) -> Page:
    set_ = [{"id": "b1", "name": "", "set_at": NOON}, {"id": "b2", "name": SOLVEIG, "set_at": NOON}]
    doctors = [("d2", "Jonas Fjordtestesen")]
    context: dict[str, Any] = {
        "blocks": set_ if standing else [],
        "all_blocked": standing,
        "doctors": doctors,
    }
    return _mine("blocks", "/blocks", **context, errors=errors)


def _proxies(given: bool = False, **errors: str) -> Page:
    form = dict.fromkeys(proxies.FIELDS, "")
    stand = [{"id": "x1", "name": "Anna Fullmaktprøve", "expires": after(40_000)}]
    return _mine("proxies", "/proxies", proxies=stand if given else [], form=form, errors=errors)


def _signed(**more: Any) -> Note:
    plain = {"account": ACCOUNT, "term": "Akutt øvre luftveisinfeksjon"}
    return Note(FIELDS, 1, "d1", signed_at=after(12), **{**plain, **more})


GONE = Note(NoteFields(), 1, "d1", signed_at=after(12), elsewhere=True)
ADDED = Addition(2, SOLVEIG, after(900), "Halsprøven var negativ.", "Prøvesvaret kom i dag.")
AMENDED = _signed(
    why="Planen var skrevet på feil pasient.",
    changed=("Plan", "Diagnose (ICPC-2)"),
    additions=(ADDED, Addition(4, SOLVEIG, after(2_000), elsewhere=True)),
    before=(
        _signed(why="Feil funn.", changed=("Funn",), additions=(ADDED,)),
        GONE,
    ),
)


def _note(standing: Standing = Standing.SELF, shown: Note | None = None) -> Page:
    shown = shown or _signed()
    return _mine(
        "note",
        "/note/v1",
        standing,
        visit="v1",
        doctor=SOLVEIG,
        service=SERVICE,
        note=versions.shown(shown),
        pictures=() if shown.elsewhere else ("k1",),
        papers=SHOWN,
    )


STORED = {
    "why": "Planen var en annens",
    "addition": "",
    "account": "",
    "sections": note.sections(FIELDS),
    "code": ("R74", ""),
}


def _amend(shown: Note | None, *, anew: bool = True, **errors: str) -> Page:
    context = {
        "visit": "v1",
        "patient_name": KARI,
        "signer": SOLVEIG,
        "signed_at": after(12),
        "seen": 2,
        "version": 3,
        "saved_at": after(920),
        "note": shown and versions.shown(shown),
        "anew": anew and shown is not None,
        "fields": FIELDS,
        "term": "Akutt øvre luftveisinfeksjon",
        "why": "",
        "addition": "",
        "stored": STORED if "amend" in errors else None,
        "sent_back": bool(errors),
        "errors": errors,
    }
    return Page("doctor/amend.html", context, "/doctor/visit/v1/amend", SOLVEIG)


def _own(count: int) -> Page:
    notes = [
        Own(90 - n, f"v{n}", f"p{n}", after(12 - 60 * n), 1 + n % 3, n == 1) for n in range(count)
    ]
    found = amending.Page(notes, older=count > 0, newer=count > 0)
    context = {"found": found, "names": {"p0": KARI, "p1": "Per Testesen", "p2": "Ida Prøvdal"}}
    return Page("doctor/notes.html", context, "/doctor/notes", SOLVEIG)


SHEET = {
    "style": "",
    "patient": {"name": KARI, "birth_date": date(1986, 5, 17)},
    "taken_at": NOON,
    "service": SERVICE,
    "notes": [
        {
            "signed_at": after(12),
            "doctor": SOLVEIG,
            "hpr": "9990001",
            "why": "",
            "addition": "",
            "replaced_at": after(900),
            "sections": note.sections(FIELDS),
            "account": ACCOUNT,
            "code": "R74",
            "pictures": 1,
            "papers": 1,
        },
        {
            "signed_at": after(900),
            "doctor": SOLVEIG,
            "hpr": "9990001",
            "why": "Prøvesvaret kom i dag.",
            "addition": "Halsprøven var negativ.",
            "replaced_at": None,
            "sections": [],
            "account": "",
            "code": "",
            "pictures": 0,
            "papers": 0,
        },
    ],
    "elsewhere": [ELSEWHERE],
    "consents": RECORDS,
    "cases": [{"case": case, "words": words} for case, words in CASES],
    "log": list(sheet.lines(LINES, SERVICE, SOURCE)),
    "left_out": 0,
    "looks": LOOKS,
}


def _earlier(
    *, blocked: bool = False, until: object = None, notes: bool = True, **errors: str
) -> Page:
    own = {"kept": KEPT, **versions.shown(AMENDED)}
    shown = [own, {"kept": ELSEWHERE, **versions.shown(GONE)}] if notes else []
    context = {
        "visit": "v2",
        "notes": shown,
        "kept_back": 2 if blocked and not until else 0,
        "blocked": blocked,
        "until": until,
        "shortest": SHORTEST_REASON,
        "form": {"reason": ""},
        "errors": errors,
    }
    return Page("doctor/earlier.html", context, "/doctor/visit/v2/earlier", SOLVEIG)


def _cases(role: str, me: str, rows: bool = True) -> Page:
    near = (Urgency.SOON, *[Urgency.FINE] * 5)
    shown = [{"case": case, "urgency": each} for (case, _), each in zip(CASES, near, strict=True)]
    shown.append({"case": _case(), "urgency": Urgency.LATE})
    return Page(f"{role}/cases.html", {"rows": shown if rows else []}, f"/{role}/cases", me)


IN_THE_WAY = {
    "doctor": [InTheWay("q1", papers.NAMES[paper.Kind.PRESCRIPTION], NOON)],
    "director": [InTheWay("q1", SOME_PAPER, NOON), InTheWay("q2", SOME_PAPER, NOON)],
}


def _one(
    role: str,
    me: str,
    which: int = 0,
    may_delete: bool = False,
    in_the_way: bool = False,
    left: bool = False,
    **errors: str,
) -> Page:
    case, words = CASES[which]
    context = {
        "case": case,
        "words": words,
        "patient_name": KARI,
        "answered_by": SOLVEIG if which else "",
        "urgency": Urgency.FINE,
        "may_delete": may_delete,
        "in_the_way": IN_THE_WAY[role] if in_the_way else [],
        "left": left,
        "most": LONGEST,
        "form": {"outcome": "", "reason": ""},
        "errors": errors,
    }
    return Page(f"{role}/case.html", context, f"/{role}/cases/c1", me)


def _wrong_patient(**errors: str) -> Page:
    context = {"visit": "v1", "most": LONGEST, "form": {"wish": ""}, "errors": errors}
    return Page("doctor/wrong_patient.html", context, "/doctor/visit/v1/wrong-patient", SOLVEIG)


GLASS = [{"doctor": SOLVEIG, "at": NOON, "until": after(240), "why": "Pasienten er bevisstløs."}]
MINE = {
    "mine": _home(notes=[KEPT, ELSEWHERE], others=[("p2", "Ida Prøvdal")], open_cases=1),
    "mine-empty": _home(notes=[]),
    "mine-parent": _home(Standing.PARENT),
    "mine-parent-unconfirmed": _home(Standing.PARENT, unconfirmed=True),
    "mine-proxy": _home(Standing.PROXY),
    "mine-note": _note(),
    "mine-note-proxy": _note(Standing.PROXY),
    "mine-note-elsewhere": _note(shown=GONE),
    "mine-note-amended": _note(shown=AMENDED),
    "mine-note-elsewhere-added": _note(shown=replace(GONE, additions=(ADDED,))),
    "doctor-notes": _own(3),
    "doctor-notes-none": _own(0),
    "doctor-amend": _amend(_signed()),
    "doctor-amend-again": _amend(AMENDED, why=forms.EMPTY, amend=amend.NEWER),
    "doctor-amend-add": _amend(_signed(), anew=False, addition=forms.EMPTY),
    "doctor-amend-not-at-hand": _amend(None),
    "mine-log": _mine("log", "/log", lines=LINES, looks=LOOKS, older=17, service=SERVICE),
    "mine-log-empty": _mine("log", "/log", lines=[], looks=[], older=None, service=SERVICE),
    "mine-blocks": _blocks(),
    "mine-blocks-set": _blocks(True),
    "mine-blocks-nobody": _blocks(against=blocking.CHOOSE),
    "mine-wrong": _wrong(),
    "mine-wrong-amiss": _wrong(kind=casework.CHOOSE, wish=forms.EMPTY),
    "mine-cases": _mine(
        "cases",
        "/cases",
        rows=[{"case": case, "words": words} for case, words in CASES],
        names={"d1": SOLVEIG},
    ),
    "mine-cases-none": _mine("cases", "/cases", rows=[], names={}),
    "mine-consents": _mine("consents", "/consents", records=RECORDS, valid=["v1"]),
    "mine-consents-none": _mine("consents", "/consents", records=[], valid=[]),
    "mine-proxies": _proxies(),
    "mine-proxies-given": _proxies(True, lasts=proxies.HOW_LONG),
    "mine-take-out": _mine("take_out", "/take-out"),
    "mine-sheet": Page("mine/sheet.html", SHEET, "/mine/p1/take-out", KARI),
    "mine-sheet-left-out": Page(
        "mine/sheet.html", {**SHEET, "left_out": 12}, "/mine/p1/take-out", KARI
    ),
    "receipts": Page("receipts.html", {"kids": ["Xq3b0p7u"]}, "/receipts"),
    "doctor-earlier": _earlier(),
    "doctor-earlier-none": _earlier(notes=False),
    "doctor-earlier-blocked": _earlier(blocked=True, notes=False, reason=blocking.SAY_WHY),
    "doctor-earlier-opened": _earlier(blocked=True, until=after(240)),
    "doctor-cases": _cases("doctor", SOLVEIG),
    "doctor-cases-none": _cases("doctor", SOLVEIG, rows=False),
    "doctor-case": _one("doctor", SOLVEIG, reason=casework.SAY_WHY, outcome=casework.ANSWER),
    "doctor-case-refused": _one("doctor", SOLVEIG, 1),
    "doctor-wrong-patient": _wrong_patient(),
    "doctor-wrong-patient-amiss": _wrong_patient(wish=forms.EMPTY),
    "doctor-case-to-delete": _one("doctor", SOLVEIG, 2),
    "doctor-case-papers-stand": _one("doctor", SOLVEIG, 2, in_the_way=True),
    "director-case-papers-stand": _one(
        "director", DIRECTOR, 2, True, True, ground=casework.PAPERS_STAND
    ),
    "director-case-doctor-left": _one("director", DIRECTOR, 2, in_the_way=True, left=True),
    "doctor-case-to-put-right": _one("doctor", SOLVEIG, 4),
    "doctor-case-put-right": _one("doctor", SOLVEIG, 5),
    "director-case-to-put-right": _one("director", DIRECTOR, 4),
    "director-cases": _cases("director", DIRECTOR),
    "director-case": _one("director", DIRECTOR),
    "director-case-delete": _one("director", DIRECTOR, 2, may_delete=True),
    "director-case-delete-amiss": _one(
        "director", DIRECTOR, 2, may_delete=True, ground=casework.GROUND
    ),
    "director-case-deleted": _one("director", DIRECTOR, 3),
    "director-glass": Page("director/glass.html", {"rows": GLASS}, "/director/glass", DIRECTOR),
    "director-glass-none": Page("director/glass.html", {"rows": []}, "/director/glass", DIRECTOR),
}
