"""What a doctor may meet: list, shift and room."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from tests.queue.make import NOON, after, planned
from tests.web.showcase.page import FORECAST, INSURER, KARI, ROOM, SOLVEIG, Page, check
from venterom.journal import icpc2
from venterom.journal.contact import Telephone, Why
from venterom.journal.identification import How, Identification, Seen
from venterom.journal.note import NEEDED, NoteFields, Problem
from venterom.journal.phrases import Phrase
from venterom.journal.phrases import Problem as PhraseProblem
from venterom.journal.picturing import Pictures
from venterom.journal.protection import Encryption, Protection, Words
from venterom.queue.floor import Kind, Shift
from venterom.queue.on_call import Answer, Call
from venterom.queue.states import Phase, State
from venterom.queue.triage import GROUNDS, Triage
from venterom.queue.view import LeftBehind, Row, Worklist, colour
from venterom.rtc import figures
from venterom.rtc.figures import Kept
from venterom.rtc.quality import Verdict
from venterom.rtc.tested import Microphone, Speaker, Way
from venterom.web import doctor, forms, notes, phrases, priority, shift

REASONS = (
    "Vondt i halsen i tre dager, feber i går. Bruker Levaxin.",
    "Utslett på armen etter hagearbeid",
    "Hodepine siden i går, verre når jeg bøyer meg. Har prøvd paracetamol uten at det hjalp noe"
    " særlig, og er litt kvalm. Ingen feber. Allergisk mot penicillin.",
    "Trenger ny resept på blodtrykksmedisin",
    "Hoste som ikke gir seg",
    "Øyet er rødt og klissete",
    "",
    "Vond rygg etter flytting, stråler ned i beinet",
)
NAMES = (
    "Per Testesen",
    "Nora Testesen",
    "Leila Havprøve",
    "Ola Testvik",
    "Ragnhild Uprøvd Testli",
    "Bjørn Lykkjetest",
    "Mai Sundprøve",
    "Tor-Erik Åstest",
)
SHIFT = Shift("s", "d", after(-60), after(300), Phase.IDLE, after(-9), None, NOON)
LEFT = (-1, 3, 4, 7, 9, 12, 16, 19)  # minutes to each one's deadline: every colour is there


def _row(n: int, left: int, slot: datetime | None = None) -> Row:
    deadline = after(left)
    kind = Kind.BOOKED if slot else Kind.LATER if n == 5 else Kind.DROPIN
    state, attempts = State.WAITING, 1 if n == 3 else 0
    times = (slot, deadline, left, colour(deadline - NOON), max(0, 20 - left), n == 1, attempts)
    again_at = after(2) if attempts else None
    return Row(f"v{n}", f"p{n}", kind, state, *times, again_at, urgent=n == 0)


CHECKS = {
    "v0": check(round_trip=38, lost=2),
    "v2": check(Verdict.POOR, lost=60, camera=False, microphone=Microphone.QUIET),
    "v3": check(Verdict.TOO_POOR, way=Way.BLOCKED, microphone=Microphone.NONE),
    "v4": check(Verdict.NOT_MEASURED, way=Way.UNTRIED, speaker=Speaker.NOT_HEARD),
}


def _worklist(
    rows: int, *, on: bool = True, refusal: str = "", notes: int = 0, at: str = "", first: int = 0
) -> Page:
    waiting = tuple(_row(n, LEFT[n]) for n in range(first, first + rows))
    booked = tuple(_row(n + 5, 63 + n, after(60 + n)) for n in range(rows // 4))
    mine = (replace(_row(0, 4), visit=at, state=State.IN_CALL),) if at else ()
    listed = Worklist(SHIFT if on else None, waiting, booked, mine, 2, 3, 41, 1, rows // 3)
    states = ("unsigned", "failed", "put_off", "late", "on_its_way", "signed")[:notes]
    context = {
        "list": listed,
        "people": {f"p{n}": doctor.Known(name, 7 + 9 * n) for n, name in enumerate(NAMES)},
        "reasons": {f"v{n}": reason for n, reason in enumerate(REASONS) if reason},
        "policies": {"v0": "covered", "v1": "covered", "v3": "not_covered", "v4": "covered"},
        "checks": CHECKS,
        "unfinished": [
            doctor.Unfinished(f"w{n}", NAMES[n], after(-n * 900), state, n > 1)
            for n, state in enumerate(states)
        ],
        "stopped": [("w9", NAMES[0])] if notes > 3 else [],
        "refusal": refusal,
    }
    return Page("doctor/worklist.html", context, "/doctor", SOLVEIG)


def _shift(
    *,
    on: bool,
    unsigned: int = 0,
    owing: bool = False,
    left: LeftBehind | None = None,
    rung: Answer | None = None,
    **errors: str,
) -> Page:
    context = {
        "shift": SHIFT if on else None,
        "form": {"until": "17:00"},
        "errors": errors,
        "until_choices": [after(30 * n) for n in range(1, 25)],
        "forecast": replace(FORECAST, waiting=2),
        "unsigned": [
            doctor.Unfinished(f"w{n}", NAMES[n], after(-n * 1500), "unsigned", n > 0)
            for n in range(unsigned)
        ],
        "sending": unsigned // 2,
        "owing": owing,
        "left": left,
        "going": left is not None and left.doctors == 0,
        "planned": planned(on=-60, off=300) if unsigned else None,
        "rung": Call(0, rung) if rung else None,
    }
    return Page("doctor/shift.html", context, "/doctor/shift", SOLVEIG)


def _priority(endangered: int, *, urgent: bool = False, **errors: str) -> Page:
    grounds = GROUNDS[Triage.ORDINARY if urgent else Triage.URGENT]
    context = {
        "row": replace(_row(1, 3), urgent=urgent),
        "patient": doctor.Known(NAMES[1], 16),
        "reason": REASONS[1],
        "grounds": [(ground, priority.WORDS[ground]) for ground in grounds],
        "endangered": endangered,
        "errors": errors,
    }
    return Page("doctor/priority.html", context, "/doctor/visit/v1/priority", SOLVEIG)


def _phrases(phrase: str = "", *, some: bool = True, **errors: str) -> Page:
    known = (
        Phrase("f1", "d", "feber", "Temp. ___, målt {dato}", True),
        Phrase("f2", "d2", "hals", "Rød svelg.\nIkke belegg.", True),
        Phrase("f3", "d3", "kne", "Ingen hevelse.", True),
    )
    blank = {"key": "", "text": "", "shared": ""}
    context = {
        "phrases": known if some else (),
        "own": "d",
        "names": {"d2": NAMES[1]},
        "phrase": phrase,
        "form": {"key": "feber", "text": "Temp. ___", "shared": "yes"}
        if phrase or errors
        else blank,
        "errors": errors,
    }
    address = f"/doctor/phrases/{phrase}" if phrase else "/doctor/phrases"
    return Page("doctor/phrases.html", context, address, SOLVEIG)


NOTE = NoteFields(
    reason="Sår hals i tre dager, feber 38,4 i går.",
    history="Frisk fra før. Bruker Levaxin.\nIngen allergier.",
    findings="Upåvirket på video. Ingen pustebesvær. Snakker uanstrengt.",
    assessment="Sannsynlig viral halsinfeksjon.",
    plan="Hvile og drikke.\nTa kontakt igjen hvis feberen varer mer enn tre dager.",
    icpc2="R76",
    medication="Levotyroksin 100 µg, 1 tablett daglig\nParacetamol 500 mg, 2 tabletter ved behov",
    critical="Penicillin: utslett i 2019",
    advice="Ring 113 hvis du får vondt for å puste.",
    place="Hjemme, Prøveveien 1, Prøvdal",
    callback="99 99 99 99",
)
ACCOUNT = (
    "Videokonsultasjon 24.11.2026 kl. 12.00–12.12.\n"
    f"Til stede: pasienten, {SOLVEIG} (lege), Tor Prøve (tolk).\n"
    "Identitet bekreftet i bilde kl. 12.01.\n"
    f"Her var pasienten: {NOTE.place}\n"
    f"Nummer å ringe tilbake på: {NOTE.callback}"
)


def _desk(
    phase: str, delivery: str = "", *, used: int = 6, child: bool = False, **more: Any
) -> Page:
    signed = phase == "signed"
    care = {
        "phase": phase,
        "again_in": None if more.pop("last", False) else timedelta(minutes=2),
        "connected_at": None if phase == "calling" else after(-used),
        "signed_at": after(-1) if signed else None,
        "delivery": delivery,
        "delivered_at": NOON if delivery == "in_the_journal" else None,
        "waiting": 3,
        "at_risk": 1 if child else 0,
        "asked": more.pop("asked", False),
        "whom": {
            "name": NAMES[1] if child else KARI,
            "born": date(2019, 5, 4) if child else date(1985, 3, 2),
            "companion": NAMES[0] if child else "",
        },
        "identified": more.pop("identified", None),
        "telephone": more.pop("telephone", None),
        "pictures": more.pop("pictures", Pictures()),
        "papers": more.pop("papers", 0),
    }
    story = {
        "reason": REASONS[2] if child else REASONS[0],
        "policy": "unchecked" if child else "covered",
        "insurer": "" if child else INSURER,
        "consent_at": None if more.get("errors") else after(-12),
        "language": "Bokmål",
        "asked_at": after(-14),
        "deadline": after(6),
    }
    context = {
        "visit": "v1",
        "patient": {"name": NAMES[1], "age": 7} if child else {"name": KARI, "age": 41},
        "companion": NAMES[0] if child else "",
        "asked_first": not child,
        "confirmed": more.pop("confirmed", True),
        "story": story,
        "fields": NoteFields() if phase == "calling" else NOTE,
        "stored": None,
        "errors": {},
        "protection": more.pop("protection", None),
        "account": ACCOUNT if signed else "",
        "elsewhere": False,
        "version": 3,
        "needed": NEEDED,
        "saved_at": None if phase == "calling" else after(-0.1),
        "phrases": {} if child else {"hals": "Rød svelg. Ikke belegg.", "feber": "Temp. ___"},
        "term": "" if phase == "calling" else icpc2.COMMON[NOTE.icpc2],
        "room": ROOM
        | {
            "role": "doctor",
            "hang_up": "/doctor/visit/v1/hang-up",
            "protection": "/doctor/visit/v1/protection",
            "guest": "/doctor/visit/v1/guest",
        },
        "care": care,
        "check": None if child else check(),
        "call": CALL if phase in ("wrap", "signed") else [],
        "call_verdict": figures.verdict(CALL),
    }
    return Page("doctor/room.html", {**context, **more}, "/doctor/visit/v1", SOLVEIG)


def seen(whom: Seen) -> Identification:
    """What the doctor said two minutes ago."""
    return Identification(whom, How.PICTURE, after(-2))


CALL = [
    Kept("patient", 720, 70, 1, 4, 38, 61, 6, 420, 390, 1),
    Kept("doctor", 731, 0, 0, None, None, None, None, None, None, None),
]
NOT_YET = {"reason": forms.EMPTY, "icpc2": notes.PROBLEMS[Problem.NOT_A_CODE]}
DOCTOR = {
    "worklist-off-shift": _worklist(0, on=False),
    "worklist-empty": _worklist(0),
    "worklist-eight": _worklist(8, notes=1),
    "worklist-notes": _worklist(3, notes=5),
    "worklist-in-room": _worklist(4, at="v0"),
    "worklist-only-one-who-did-not-answer": _worklist(1, first=3),
    "worklist-refused": _worklist(1, refusal=doctor.NOBODY),
    "priority": _priority(2),
    "priority-no-ground": _priority(0, ground=priority.NO_GROUND),
    "priority-back": _priority(0, urgent=True),
    "phrases": _phrases(),
    "phrases-none": _phrases(some=False),
    "phrases-change": _phrases("f1"),
    "phrases-refused": _phrases(
        key=phrases.PROBLEMS[PhraseProblem.TAKEN], text=phrases.PROBLEMS[PhraseProblem.EMPTY]
    ),
    "shift-off": _shift(on=False),
    "shift-on": _shift(on=True, unsigned=2),
    "shift-unsigned": _shift(on=True, unsigned=2, owing=True, left=LeftBehind(0, 0, ())),
    "shift-left-behind": _shift(on=True, left=LeftBehind(3, 1, (after(90), after(1200)))),
    "shift-left-alone": _shift(on=True, left=LeftBehind(1, 0, ())),
    "shift-rung": _shift(on=False, rung=Answer.NONE),
    "shift-rung-comes": _shift(on=False, rung=Answer.COMES),
    "shift-rung-cannot": _shift(on=False, rung=Answer.CANNOT),
    "shift-too-early": _shift(on=False, unsigned=1, until=shift.TOO_EARLY),
    "desk-calling": _desk("calling"),
    "desk-calling-the-last-time": _desk("calling", last=True),
    "desk-in-call": _desk("in_call"),
    "desk-calling-by-telephone": _desk("calling", telephone=Telephone(NOON, Why.WISH, False)),
    "desk-by-telephone": _desk("in_call", telephone=Telephone(NOON, Why.NETWORK, True)),
    "desk-identified": _desk("in_call", identified=seen(Seen.PATIENT)),
    "desk-parent-alone": _desk("in_call", child=True, identified=seen(Seen.PARENT)),
    "desk-somebody-else": _desk("wrap", identified=seen(Seen.OTHER)),
    "desk-picture-asked": _desk("in_call", pictures=Pictures(asked="p1", taken=("p0",))),
    "desk-picture-allowed": _desk("in_call", pictures=Pictures(allowed="p1")),
    "desk-picture-refused": _desk("in_call", pictures=Pictures(refused=True)),
    "desk-pictures-kept": _desk("wrap", pictures=Pictures(taken=("p0", "p1"))),
    "desk-pictures-signed": _desk("signed", "in_the_journal", pictures=Pictures(taken=("p0",))),
    "desk-papers": _desk("wrap", papers=2),
    "desk-papers-signed": _desk("signed", "in_the_journal", papers=2),
    "desk-child": _desk("in_call", used=16, child=True),
    "desk-child-unchecked": _desk("in_call", used=16, child=True, confirmed=False),
    "desk-wrap": _desk(
        "wrap", used=12, protection=Protection(Encryption.END_TO_END, Words.MATCHED)
    ),
    "desk-words-differ": _desk(
        "wrap", protection=Protection(Encryption.END_TO_END, Words.DIFFERENT)
    ),
    "desk-not-compared": _desk(
        "signed", "signed", protection=Protection(Encryption.END_TO_END, Words.NOT_COMPARED)
    ),
    "desk-open-call": _desk(
        "wrap", protection=Protection(Encryption.HOP_BY_HOP, Words.NOT_COMPARED)
    ),
    "doctor-room-asked": _desk("wrap", used=13, asked=True),
    "desk-not-yet": _desk("wrap", errors=NOT_YET),
    "desk-changed-elsewhere": _desk(
        "wrap", errors={"sign": notes.CHANGED_ELSEWHERE}, stored=replace(NOTE, plan="Hvile")
    ),
    "desk-hang-up-first": _desk("in_call", errors={"sign": notes.HANG_UP_FIRST}),
    "desk-signed": _desk("signed", "signed"),
    "desk-on-its-way": _desk("signed", "on_its_way"),
    "desk-in-the-journal": _desk("signed", "in_the_journal"),
    "desk-elsewhere": _desk(
        "signed", "in_the_journal", elsewhere=True, fields=NoteFields(), account="", term=""
    ),
    "desk-failed": _desk("signed", "failed"),
}
