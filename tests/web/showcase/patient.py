"""What a patient may meet: front page, intake, visit, and what goes wrong."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

from tests.queue.make import NOON, after
from tests.web.showcase.page import DAY, FORECAST, INSURER, KARI, ROOM, SOLVEIG, TRIAL, Page, check
from tests.web.showcase.papers import SHOWN
from venterom.journal import contact
from venterom.journal.contact import Telephone
from venterom.journal.minors import Decider
from venterom.journal.note import MAX_REASON
from venterom.journal.picturing import Pictures
from venterom.journal.reading import Outcome
from venterom.queue.coverage.eligibility import MALFORMED, UNKNOWN, UNREACHABLE, Answer, Eligibility
from venterom.queue.coverage.eligibility import Reason as Why
from venterom.queue.errors import NoSuchSlot, SlotTaken
from venterom.queue.floor import Kind
from venterom.queue.hours import Hours
from venterom.queue.promise import Decision, Offer
from venterom.queue.view import PatientView, Stage
from venterom.rtc.quality import Verdict
from venterom.rtc.tested import Microphone, Speaker, Way
from venterom.server import errors as answers
from venterom.web import booking, consent, forms, whom
from venterom.web.identity.companions import GuestKind
from venterom.web.identity.links import Links
from venterom.web.measured import Check
from venterom.web.papers import Shown

TIMES = tuple(after(60 + 15 * n) for n in (*range(12), *range(76, 84)))

# The front page, links and faults


def _landing(me: str = "", current: object = None, **changes: Any) -> Page:
    context = {
        "forecast": replace(FORECAST, **changes),
        "hours": Hours.STANDARD,
        "current": current,
    }
    return Page("landing.html", {"demo": False, **context}, me=me)


def _fault(answer: answers.Answer, number: str = "") -> Page:
    words = {"title": answer.title, "text": answer.text}
    onward = {"next_url": answer.next_url, "next_text": answer.next_text}
    return Page("error.html", {**words, **onward, "number": number})


FRONT = {
    "landing-promise": _landing(),
    "landing-later": _landing(promise=False, by=after(60), waiting=4, doctors=1),
    "landing-full": _landing(promise=False, by=None, waiting=9),
    "landing-closed": _landing(open=False, promise=False, by=None, next_opening=after(60 * 19)),
    "landing-signed-in": _landing(me=KARI, current=SimpleNamespace(id="v1"), waiting=1),
    "link": Page("link_open.html", at="/j"),
    "error-not-here": _fault(answers.NOT_HERE),
    "error-too-often": _fault(answers.TOO_OFTEN),
    "error-too-slow": _fault(answers.TOO_SLOW),
    "error-with-number": _fault(answers.UNHANDLED, "0c7be1d9"),
}

# From the policy to the offer


def _policy(eligibility: Eligibility | None = None, number: str = "FJP-107919") -> Page:
    context = {"form": {"number": number}, "errors": {}, "eligibility": eligibility}
    return Page("intake/policy.html", context, "/start/policy", KARI)


def _not_covered(why: Why) -> Page:
    return _policy(Eligibility(Answer.NOT_COVERED, why, INSURER, DAY))


def _who(children: int = 0, **form: str) -> Page:
    known = [SimpleNamespace(id=f"c{n}", name=f"Ida {n} Prøvdal") for n in range(children)]
    blank = {"who": "", "name": "", "birth_date": "", "national_number": ""}
    errors = dict(whom.CHILD_TROUBLE.values()) if form.get("name") else {}
    errors |= {"who": forms.EMPTY} if form.get("who") == "" else {}
    ages = {child.id: 7 + n for n, child in enumerate(known)}
    context = {"form": blank | form, "errors": errors, "children": known, "ages": ages}
    return Page("intake/who.html", context, "/start/who", KARI)


def _reason(child: str = "", told: str = "", **errors: str) -> Page:
    context = {
        "form": {"reason": told},
        "errors": errors,
        "limit": MAX_REASON,
        "child": child,
        "unchecked": bool(child and not told),
    }
    return Page("intake/reason.html", context, "/start/reason", KARI)


def _consent(decider: Decider, child: str = "", **errors: str) -> Page:
    form = {"consent": "yes" if "own_yes" in errors else "", "own_yes": "", "alone": ""}
    context: dict[str, Any] = {"decider": decider, "child": child, "form": form, "errors": errors}
    context["may_come_alone"] = decider is Decider.PARENT_CHILD_HEARD and not child
    return Page("intake/consent.html", context, "/start/consent", KARI)


def _offer(decision: Decision, minutes: int = 0, *, times: bool = True, **changes: Any) -> Page:
    deadline = after(minutes) if minutes else None
    shown = Offer("o1", "v1", decision, deadline, 0.97, NOON, TIMES if times else ())
    more = tuple(moment + timedelta(hours=24) for moment in TIMES) if times else ()
    context = {"offer": shown, "more": more, "forecast": FORECAST, "changed": False, "taken": ""}
    return Page("intake/offer.html", {**context, **changes}, "/start/offer", KARI)


CLOSED = replace(FORECAST, open=False, promise=False, by=None, next_opening=after(60 * 19))
INTAKE = {
    "policy": _policy(number=""),
    "policy-unknown": _policy(UNKNOWN),
    "policy-malformed": _policy(MALFORMED, "FJP"),
    "policy-expired": _not_covered(Why.EXPIRED),
    "policy-not-yet": _not_covered(Why.NOT_YET),
    "policy-no-children": _not_covered(Why.NO_CHILDREN),
    "policy-child-too-old": _not_covered(Why.CHILD_TOO_OLD),
    "policy-too-young": _not_covered(Why.TOO_YOUNG),
    "policy-too-old": _not_covered(Why.TOO_OLD),
    "policy-elsewhere": _not_covered(Why.ELSEWHERE),
    "policy-used-up": _not_covered(Why.USED_UP),
    "policy-unchecked": _policy(UNREACHABLE),
    "who": _who(),
    "who-children": _who(2),
    "who-nobody": _who(2, who=""),
    "who-new-child": _who(1, who="new", name="Ida", birth_date="1.1", national_number="1"),
    "reason": _reason(),
    "reason-unchecked": _reason("Ida"),
    "reason-child": _reason("Ida", "Feber og hoste i to dager.\nSpiser lite."),
    "reason-empty": _reason(reason=forms.EMPTY),
    "consent": _consent(Decider.ADULT),
    "consent-needed": _consent(Decider.ADULT, consent=consent.NEEDED),
    "consent-child": _consent(Decider.PARENT, "Ida"),
    "consent-alone": _consent(Decider.PARENT_CHILD_HEARD),
    "consent-alone-needed": _consent(
        Decider.PARENT_CHILD_HEARD, consent=consent.WITHOUT_PARENT, alone=consent.OR_ALONE
    ),
    "consent-young": _consent(Decider.YOUNG_PERSON, "Emil", own_yes=consent.YOUNG_PERSON),
    "offer": _offer(Decision.PROMISE20, 20),
    "offer-later": _offer(Decision.LATER, 60, times=False),
    "offer-changed": _offer(Decision.LATER, 40, changed=True),
    "offer-slots": _offer(Decision.SLOT),
    "offer-taken": _offer(Decision.SLOT, taken=booking.NOT_FREE[SlotTaken]),
    "offer-not-a-slot": _offer(Decision.SLOT, taken=booking.NOT_FREE[NoSuchSlot]),
    "offer-nothing": _offer(Decision.DECLINED, times=False),
    "offer-closed": _offer(Decision.DECLINED, times=False, forecast=CLOSED),
}

# The visit

TESTED = {
    "good": check(round_trip=38, jitter=4, lost=2, room=2400),
    "deaf": check(
        round_trip=38, camera=False, microphone=Microphone.QUIET, speaker=Speaker.NOT_HEARD
    ),
    "poor": check(Verdict.POOR, round_trip=120, jitter=12, lost=62, room=900),
    "narrow": check(Verdict.POOR, round_trip=90, jitter=12, lost=4, room=310),
    "slow": check(Verdict.POOR, round_trip=420, jitter=12, lost=4),
    "too-poor": check(Verdict.TOO_POOR, round_trip=260, lost=240, microphone=Microphone.NONE),
    "blocked": check(Verdict.TOO_POOR, way=Way.BLOCKED),
    "not-measured": check(Verdict.NOT_MEASURED, way=Way.UNTRIED, speaker=Speaker.NOT_ASKED),
}


def _view(stage: Stage = Stage.WAITING, **changes: Any) -> PatientView:
    plain = PatientView("v1", stage, Kind.DROPIN, after(17), None, 0, 3, False, False)
    return replace(plain, **changes)


def _waiting(check: Check | None = None, **changes: Any) -> Page:
    context = {"rung": changes.pop("rung", False), "view": _view(**changes), "check": check}
    return Page("visit/waiting.html", context, "/visit/v1", KARI)


def _test(check: Check | None = None, **changes: Any) -> Page:
    context = {"rung": False, "view": _view(**changes), "trial": TRIAL, "check": check}
    return Page("visit/test.html", context, "/visit/v1/test", KARI)


def _links(links: Links) -> Page:
    return Page("visit/links.html", {"visit": "v1", "links": links}, "/visit/v1/links", KARI)


def _move(*, taken: str = "", times: bool = True, in_line: bool = False) -> Page:
    free = TIMES if times else ()
    slot = None if in_line else after(45)
    context = {"visit": "v1", "slot": slot, "deadline": after(12), "slots": free, "taken": taken}
    return Page("visit/move.html", context, "/visit/v1/move", KARI)


def _room(doctor: dict[str, str] | None, **more: Any) -> Page:
    context = {"visit": "v1", "doctor": doctor, "room": ROOM, "telephone": None}
    context |= {"pictures": Pictures()} | more
    return Page("visit/room.html", context, "/visit/v1/room", KARI)


def _after(
    stage: Stage,
    delivery: str = "",
    told: bool = True,
    opens: datetime = NOON,
    papers: Sequence[Shown] = (),
    elsewhere: bool = False,
) -> Page:
    plan = "Hvile og drikke.\nTa kontakt igjen hvis feberen varer mer enn tre dager."
    said = ("", "") if elsewhere else ("Forkjølelse", plan)
    outcome = Outcome(True, *said, SOLVEIG, after(12), elsewhere=elsewhere) if told else None
    context = {"view": _view(stage), "decided": outcome, "delivery": delivery, "opens": opens}
    pictures = ("p0",) if delivery == "in_the_journal" and told and not elsewhere else ()
    beside = {"pictures": pictures, "papers": papers}
    return Page("visit/after.html", {**context, **beside}, "/visit/v1", KARI)


def _guest(kind: GuestKind) -> Page:
    room = {**ROOM, "role": "guest", "leave": "/guest"}
    guest = {"name": "Anna Tolkeprøve", "kind": kind}
    return Page("guest/room.html", {"doctor": SOLVEIG, "guest": guest, "room": room}, "/guest")


GUEST = {
    "guest-link": Page("guest/link.html", at="/g"),
    **{f"guest-{kind}": _guest(kind) for kind in GuestKind},
}
VISIT = {
    "waiting": _waiting(),
    "waiting-tested": _waiting(TESTED["good"]),
    "test": _test(),
    "test-doctor-coming": _test(stage=Stage.DOCTOR_COMING),
    **{f"test-{name}": _test(outcome) for name, outcome in TESTED.items()},
    "waiting-without-messages": replace(
        _waiting(), context={**_waiting().context, "messages": False}
    ),
    "waiting-behind-two": _waiting(ahead=2, doctors_on=1),
    "waiting-soon": _waiting(deadline=after(1)),
    "waiting-booked": _waiting(kind=Kind.BOOKED, slot=after(60), deadline=after(63)),
    "links": _links(Links(1, after(60 * 24))),
    "links-two": _links(Links(2, after(60 * 24))),
    "links-none": _links(Links(0, None)),
    "move": _move(),
    "move-taken": _move(taken=booking.NOT_FREE[SlotTaken]),
    "move-nowhere": _move(times=False),
    "move-from-the-line": _move(in_line=True),
    "waiting-late": _waiting(late=True, deadline=after(-2)),
    "waiting-warned": _waiting(warned=True, likely=after(26)),
    "waiting-warned-without-a-time": _waiting(warned=True, ahead=4),
    "waiting-missed": _waiting(missed=1, again_at=after(2), kind=Kind.BOOKED, slot=after(-2)),
    "waiting-missed-twice": _waiting(missed=2, last_try=True),
    "waiting-returned": _waiting(returned=True, deadline=after(4)),
    "waiting-doctor-coming": _waiting(stage=Stage.DOCTOR_COMING),
    "waiting-in-call": _waiting(stage=Stage.IN_CALL),
    "room": _room({"name": SOLVEIG, "role": "Lege"}),
    "room-before-the-doctor": _room(None),
    "room-by-telephone": _room(None, telephone=Telephone(NOON, contact.Why.NETWORK, True)),
    "room-asked-for-a-picture": _room(None, pictures=Pictures(asked="p1")),
    "room-picture-allowed": _room(None, pictures=Pictures(allowed="p1")),
    "waiting-by-telephone": _waiting(stage=Stage.DOCTOR_COMING, rung=True),
    "after-writing": _after(Stage.WRITING),
    "after-signed": _after(Stage.DONE, "signed"),
    "after-on-its-way": _after(Stage.DONE, "on_its_way"),
    "after-in-the-journal": _after(Stage.DONE, "in_the_journal"),
    "after-failed": _after(Stage.DONE, "failed"),
    "after-papers": _after(Stage.DONE, "in_the_journal", papers=SHOWN),
    "after-elsewhere": _after(Stage.DONE, "in_the_journal", elsewhere=True),
    "after-young-person": _after(Stage.DONE, "in_the_journal", told=False),
    "after-left": _after(Stage.LEFT),
    "after-no-answer": _after(Stage.NO_ANSWER),
    "after-unserved": _after(Stage.UNSERVED, opens=after(60 * 19)),
}
