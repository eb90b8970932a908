"""Every address of the service, asked by everybody: who is let in, and what the others learn."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from aiohttp import ClientResponse

from tests.web.beginnings import beginning
from tests.web.browser import Browser
from tests.web.rig import BERIT, JONAS, KARI, NOTE, ODD, PER, RAGNA, SOLVEIG, Rig
from venterom.journal.rights_tables import CaseRow
from venterom.journal.tables import VisitRow
from venterom.server.tables import METADATA

pytestmark = pytest.mark.slow

ABSENT = "nosuchvisit-aaaaaaaaaaa"
SOCKET = {
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGVzdCBvZiBhIHNvY2tldA==",
}
ACTORS = (
    *("nobody", "patient", "other patient", "doctor", "other doctor"),
    *("insurer", "director", "operator"),
)
PATIENTS = {"patient", "other patient"}
PROGRAMS = "programs"  # who shows a token; what they may is in tests/web/insurer_api
DOCTORS = {"doctor", "other doctor"}


@dataclass(frozen=True)
class Rule:
    """Who is let in. Others at the right door get `refused`; whoever is not, is sent to it."""

    may: frozenset[str]
    door: str = ""  # where one has to be signed in
    refused: int = 404

    def status(self, actor: str) -> int:
        """What an actor hears; 0 is an answer that only the rightful get, whatever it is."""
        if actor in self.may:
            return 0
        if self.door == PROGRAMS:
            return self.refused  # no sign-in counts there
        at_the_door = {
            "patient": PATIENTS,
            "doctor": DOCTORS,
            "insurer": {"insurer"},
            "director": {"director"},
            "operator": {"operator"},
        }
        return self.refused if actor in at_the_door[self.door] else 303


ALL = Rule(frozenset(ACTORS))
PATIENT = Rule(frozenset(PATIENTS), "patient")
OWN_VISIT = Rule(frozenset({"patient"}), "patient")
OWN_RECORD = OWN_VISIT  # the address holds whose it is
DOCTOR = Rule(frozenset(DOCTORS), "doctor")
OWN_PATIENT = Rule(frozenset({"doctor"}), "doctor")
OWN_CASE = OWN_PATIENT  # about a note that the doctor has signed
OWN_ROOM = Rule(frozenset({"doctor"}), "doctor", refused=303)  # to the list
INSURER = Rule(frozenset({"insurer"}), "insurer")
DIRECTOR = Rule(frozenset({"director"}), "director")
OPERATOR = Rule(frozenset({"operator"}), "operator")
PROGRAM = Rule(frozenset(), PROGRAMS, refused=401)

# The rows stand in an order in which each can still be done when its turn comes.
RULES = {
    ("GET", "/"): ALL,
    ("GET", "/healthz"): ALL,
    ("GET", "/static/{path}"): ALL,
    ("GET", "/sign-in/keys.json"): ALL,
    ("GET", "/.well-known/security.txt"): ALL,
    ("GET", "/sign-in/{door}"): ALL,
    ("GET", "/sign-in/{door}/back"): ALL,
    ("POST", "/sign-in/{door}/logout"): ALL,  # what the provider has signed decides
    ("GET", "/j"): ALL,
    ("POST", "/j"): ALL,
    ("GET", "/j/open"): PATIENT,
    ("GET", "/g"): ALL,
    ("POST", "/g"): ALL,  # the secret decides
    ("GET", "/guest"): ALL,  # the invitation decides
    ("GET", "/start"): PATIENT,
    ("GET", "/start/policy"): PATIENT,
    ("POST", "/start/policy"): PATIENT,
    ("GET", "/start/who"): PATIENT,
    ("POST", "/start/who"): PATIENT,
    ("GET", "/start/reason"): PATIENT,
    ("POST", "/start/reason"): PATIENT,
    ("GET", "/start/consent"): PATIENT,
    ("POST", "/start/consent"): PATIENT,
    ("GET", "/start/offer"): PATIENT,
    ("POST", "/start/offer"): PATIENT,
    ("GET", "/visit/{visit}"): OWN_VISIT,
    ("GET", "/visit/{visit}/room"): OWN_VISIT,
    ("GET", "/live/visit/{visit}"): OWN_VISIT,
    ("GET", "/live/visit/{visit}/room"): OWN_VISIT,
    ("POST", "/visit/{visit}/picture/{picture}"): OWN_VISIT,
    ("PUT", "/visit/{visit}/picture/{picture}"): OWN_VISIT,
    ("GET", "/visit/{visit}/picture/{picture}"): OWN_VISIT,
    ("GET", "/visit/{visit}/paper/{paper}"): OWN_VISIT,
    ("GET", "/paper"): ALL,
    ("POST", "/paper"): ALL,  # the code decides
    ("GET", "/visit/{visit}/signal"): ALL,  # the ticket in the first message decides
    ("POST", "/visit/{visit}/echo"): ALL,  # the ticket decides
    ("DELETE", "/visit/{visit}/echo"): ALL,
    ("GET", "/visit/{visit}/test"): OWN_VISIT,
    ("PUT", "/visit/{visit}/check"): OWN_VISIT,
    ("GET", "/visit/{visit}/move"): OWN_VISIT,
    ("POST", "/visit/{visit}/move"): OWN_VISIT,
    ("GET", "/visit/{visit}/time.ics"): OWN_VISIT,
    ("GET", "/visit/{visit}/links"): OWN_VISIT,
    ("POST", "/visit/{visit}/links"): OWN_VISIT,
    ("POST", "/visit/{visit}/leave"): OWN_VISIT,
    ("GET", "/mine"): PATIENT,
    ("GET", "/mine/{patient}"): OWN_RECORD,
    ("GET", "/mine/{patient}/note/{visit}"): OWN_RECORD,
    ("GET", "/mine/{patient}/note/{visit}/picture/{picture}"): OWN_RECORD,
    ("GET", "/mine/{patient}/note/{visit}/paper/{paper}"): OWN_RECORD,
    ("GET", "/mine/{patient}/note/{visit}/wrong"): OWN_RECORD,
    ("POST", "/mine/{patient}/note/{visit}/wrong"): OWN_RECORD,
    ("GET", "/mine/{patient}/cases"): OWN_RECORD,
    ("GET", "/mine/{patient}/log"): OWN_RECORD,
    ("GET", "/mine/{patient}/blocks"): OWN_RECORD,
    ("POST", "/mine/{patient}/blocks"): OWN_RECORD,
    ("POST", "/mine/{patient}/blocks/{block}/lift"): OWN_RECORD,
    ("GET", "/mine/{patient}/consents"): OWN_RECORD,
    ("GET", "/mine/{patient}/consents/{consent}"): OWN_RECORD,
    ("POST", "/mine/{patient}/consents/{visit}/withdraw"): OWN_RECORD,
    ("GET", "/mine/{patient}/proxies"): OWN_RECORD,
    ("POST", "/mine/{patient}/proxies"): OWN_RECORD,
    ("POST", "/mine/{patient}/proxies/{proxy}/end"): OWN_RECORD,
    ("GET", "/mine/{patient}/take-out"): OWN_RECORD,
    ("POST", "/mine/{patient}/take-out"): OWN_RECORD,
    ("GET", "/receipts"): ALL,
    ("GET", "/receipts/keys.json"): ALL,
    ("GET", "/doctor"): DOCTOR,
    ("GET", "/doctor/shift"): DOCTOR,
    ("POST", "/doctor/shift"): DOCTOR,
    ("POST", "/doctor/on-call"): DOCTOR,
    ("POST", "/doctor/next"): DOCTOR,
    ("GET", "/doctor/notes"): DOCTOR,
    ("GET", "/doctor/visit/{visit}/amend"): OWN_PATIENT,
    ("PUT", "/doctor/visit/{visit}/amend"): OWN_PATIENT,
    ("POST", "/doctor/visit/{visit}/amend"): OWN_PATIENT,
    ("GET", "/doctor/visit/{visit}/earlier"): OWN_PATIENT,
    ("POST", "/doctor/visit/{visit}/glass"): OWN_PATIENT,
    ("GET", "/doctor/visit/{visit}/wrong-patient"): OWN_PATIENT,
    ("POST", "/doctor/visit/{visit}/wrong-patient"): OWN_PATIENT,
    ("GET", "/doctor/cases"): DOCTOR,
    ("GET", "/doctor/cases/{case}"): OWN_CASE,
    ("POST", "/doctor/cases/{case}"): OWN_CASE,
    ("POST", "/doctor/cases/{case}/delete"): OWN_CASE,
    ("GET", "/live/doctor"): DOCTOR,
    ("GET", "/doctor/visit/{visit}"): OWN_ROOM,
    ("GET", "/doctor/visit/{visit}/priority"): DOCTOR,
    ("POST", "/doctor/visit/{visit}/priority"): DOCTOR,
    ("GET", "/live/doctor/visit/{visit}"): OWN_PATIENT,
    ("GET", "/doctor/icpc2"): DOCTOR,
    ("GET", "/doctor/phrases"): DOCTOR,
    ("POST", "/doctor/phrases"): DOCTOR,
    ("GET", "/doctor/phrases/{phrase}"): DOCTOR,
    ("POST", "/doctor/phrases/{phrase}"): DOCTOR,
    ("POST", "/doctor/phrases/{phrase}/remove"): DOCTOR,
    ("PUT", "/doctor/visit/{visit}/note"): OWN_PATIENT,
    ("POST", "/doctor/visit/{visit}/write-first"): OWN_PATIENT,
    ("POST", "/doctor/visit/{visit}/no-answer"): OWN_PATIENT,
    ("POST", "/doctor/visit/{visit}/protection"): OWN_PATIENT,
    ("POST", "/doctor/visit/{visit}/guest"): OWN_PATIENT,
    ("POST", "/doctor/visit/{visit}/guest/let-in"): OWN_PATIENT,
    ("POST", "/doctor/visit/{visit}/guest/out"): OWN_PATIENT,
    ("POST", "/doctor/visit/{visit}/identity"): OWN_PATIENT,
    ("POST", "/doctor/visit/{visit}/telephone"): OWN_PATIENT,
    ("POST", "/doctor/visit/{visit}/telephone/answered"): OWN_PATIENT,
    ("POST", "/doctor/visit/{visit}/picture"): OWN_PATIENT,
    ("GET", "/doctor/visit/{visit}/picture/{picture}"): OWN_PATIENT,
    ("POST", "/doctor/visit/{visit}/picture/{picture}/drop"): OWN_PATIENT,
    ("GET", "/doctor/visit/{visit}/papers"): OWN_PATIENT,
    ("GET", "/doctor/visit/{visit}/papers/{kind}"): OWN_PATIENT,
    ("POST", "/doctor/visit/{visit}/papers/{kind}"): OWN_PATIENT,
    ("POST", "/doctor/visit/{visit}/medicines"): OWN_PATIENT,
    ("GET", "/doctor/visit/{visit}/paper/{paper}"): OWN_PATIENT,
    ("POST", "/doctor/visit/{visit}/paper/{paper}/drop"): OWN_PATIENT,
    ("POST", "/doctor/visit/{visit}/paper/{paper}/withdraw"): OWN_PATIENT,
    ("POST", "/doctor/visit/{visit}/paper/{paper}/again"): OWN_PATIENT,
    ("POST", "/doctor/visit/{visit}/hang-up"): OWN_PATIENT,
    ("POST", "/doctor/visit/{visit}/sign"): OWN_PATIENT,
    ("GET", "/insurer"): INSURER,
    ("POST", "/insurer"): INSURER,
    ("GET", "/insurer/months"): INSURER,
    ("GET", "/insurer/months/{month}"): INSURER,
    ("GET", "/insurer/months/{month}/basis.csv"): INSURER,
    ("GET", "/insurer/months/{month}/basis.xlsx"): INSURER,
    ("GET", "/insurer/promise"): INSURER,
    ("GET", "/insurer/log"): INSURER,
    ("GET", "/insurer/log/{month}"): INSURER,
    ("GET", "/insurer/log/{month}/look-ups.csv"): INSURER,
    ("GET", "/insurer/clerks"): INSURER,
    ("POST", "/insurer/clerks"): INSURER,
    ("POST", "/insurer/clerks/{clerk}/withdraw"): INSURER,
    ("POST", "/insurer/v1/token"): Rule(frozenset(), PROGRAMS, refused=400),
    ("POST", "/insurer/v1/eligibility"): PROGRAM,
    ("PUT", "/insurer/v1/policies/{number}"): PROGRAM,
    ("POST", "/insurer/v1/policies"): PROGRAM,
    ("GET", "/insurer/v1/openapi.json"): ALL,
    ("GET", "/director"): DIRECTOR,
    ("GET", "/director/plan"): DIRECTOR,
    ("POST", "/director/plan"): DIRECTOR,
    ("GET", "/director/plan/{plan}"): DIRECTOR,
    ("POST", "/director/plan/{plan}"): DIRECTOR,
    ("POST", "/director/plan/{plan}/remove"): DIRECTOR,
    ("GET", "/director/levers"): DIRECTOR,
    ("POST", "/director/levers"): DIRECTOR,
    ("GET", "/director/truth"): DIRECTOR,
    ("GET", "/director/glass"): DIRECTOR,
    ("GET", "/director/cases"): DIRECTOR,
    ("GET", "/director/cases/{case}"): DIRECTOR,
    ("POST", "/director/cases/{case}"): DIRECTOR,
    ("POST", "/director/cases/{case}/delete"): DIRECTOR,
    ("POST", "/director/cases/{case}/paper/{paper}/withdraw"): DIRECTOR,
    ("GET", "/director/now"): DIRECTOR,
    ("GET", "/director/unsigned"): DIRECTOR,
    ("GET", "/live/director/now"): DIRECTOR,
    ("GET", "/director/journal"): DIRECTOR,
    ("POST", "/director/journal"): DIRECTOR,
    ("GET", "/live/director/journal"): DIRECTOR,
    ("GET", "/director/staff"): DIRECTOR,
    ("POST", "/director/staff"): DIRECTOR,
    ("POST", "/director/staff/{grant}/renew"): DIRECTOR,
    ("POST", "/director/staff/{grant}/withdraw"): DIRECTOR,
    ("GET", "/operator"): OPERATOR,
    ("GET", "/sign-ins"): PATIENT,
    ("POST", "/sign-ins"): PATIENT,
    ("GET", "/doctor/sign-ins"): DOCTOR,
    ("POST", "/doctor/sign-ins"): DOCTOR,
    ("GET", "/insurer/sign-ins"): INSURER,
    ("POST", "/insurer/sign-ins"): INSURER,
    ("GET", "/director/sign-ins"): DIRECTOR,
    ("POST", "/director/sign-ins"): DIRECTOR,
    ("GET", "/operator/sign-ins"): OPERATOR,
    ("POST", "/operator/sign-ins"): OPERATOR,
    ("POST", "/sign-out"): ALL,
    ("POST", "/doctor/sign-out"): ALL,
    ("POST", "/insurer/sign-out"): ALL,
    ("POST", "/director/sign-out"): ALL,
    ("POST", "/operator/sign-out"): ALL,
}
PLACE = re.compile(r"\{(\w+)\}")
PATIENT_DATA = ("visit", "patient", "case")  # places of an address behind which patient data lie
BY_PROGRAMS = {("POST", "/sign-in/{door}/logout")}  # no cookie has a say there
# A form comes from a page of ours; a program has no page, and shows a token instead.
CHANGING = [
    route
    for route, rule in RULES.items()
    if route[0] != "GET" and rule.door != PROGRAMS and route not in BY_PROGRAMS
]


def routes(rig: Rig) -> Iterator[tuple[str, str]]:
    """Every way and address that the application answers; HEAD is asked like GET."""
    for route in rig.app.router.routes():
        if route.resource is not None and route.method != "HEAD":
            yield route.method, route.resource.canonical


@dataclass(frozen=True)
class Ids:
    """What the addresses of these tests hold: all the patient's, or nobody's."""

    visit: str
    patient: str
    case: str


NOBODYS = Ids(ABSENT, ABSENT, ABSENT)


@beginning
async def everybody(rig: Rig) -> tuple[dict[str, Browser], Ids]:
    """The eight, and the visit that is the patient's and is with the doctor."""
    _, doctor, before = await rig.consult(KARI, SOLVEIG)
    await rig.hang_up(doctor, before)
    await doctor.press("Signer og send", NOTE)
    patient, doctor, visit = await rig.consult(KARI, SOLVEIG)
    [row] = await rig.rows(VisitRow, id=visit)
    await patient.open(f"/mine/{row.patient}/note/{before}/wrong")
    await patient.press("Send inn", {"At det blir rettet": True, "wish": "Feil dato"})
    [case] = await rig.rows(CaseRow)
    ids = Ids(visit, row.patient, case.id)
    return {
        "nobody": await rig.browser(),
        "patient": patient,
        "other patient": await rig.sign_in(PER),
        "doctor": doctor,
        "other doctor": await rig.doctor(JONAS),
        "insurer": await rig.sign_in(BERIT, "/insurer"),
        "director": await rig.sign_in(RAGNA, "/director"),
        "operator": await rig.sign_in(ODD, "/operator"),
    }, ids


def address(canonical: str, ids: Ids) -> str:
    """A real address of a route."""
    path = canonical.replace("{path}", "css/app.css").replace("{door}", "patient")
    path = path.replace("{kind}", "referral").replace("{month}", "2026-10")
    for name in ("visit", "patient", "case"):
        path = path.replace(f"{{{name}}}", getattr(ids, name))
    return re.sub(r"\{\w+\}", "none", path)


async def ask(rig: Rig, who: Browser, method: str, path: str) -> ClientResponse:
    """One request as a page of ours makes it, but with nothing in it."""
    rig.forgive()
    live = path.startswith("/live") or path.endswith("/signal")
    headers = SOCKET if live else {"X-CSRF-Token": rig.token(who, path)}
    return await who.raw(method, path, headers)


async def everything(rig: Rig) -> list[object]:
    """All rows of all tables, but for the traces that asking to sign in leaves."""
    tables = [t for part in METADATA for t in part.sorted_tables if t.name != "pending_sign_in"]
    return [await rig.select(table) for table in tables]


def test_every_address_has_a_rule(rig: Rig) -> None:
    assert set(routes(rig)) == set(RULES)


def test_no_address_of_patient_data_is_open_to_a_stranger() -> None:
    """Made from the addresses: whoever adds one says who is let in, and it is not everybody."""
    by_ticket = {"/visit/{visit}/signal", "/visit/{visit}/echo"}
    doors = [
        (route, rule)
        for route, rule in RULES.items()
        if set(PATIENT_DATA).intersection(PLACE.findall(route[1])) and route[1] not in by_ticket
    ]
    assert len(doors) > 50
    for route, rule in doors:
        strangers = {"nobody", "insurer", "other patient"} & rule.may
        assert not strangers, route
        assert "{case}" in route[1] or "director" not in rule.may, route


async def test_only_the_rightful_are_let_in_and_nobody_else_changes_anything(rig: Rig) -> None:
    actors, visit = await everybody(rig)
    before = await everything(rig)
    for (method, canonical), rule in RULES.items():
        for actor, browser in actors.items():
            if expected := rule.status(actor):
                answer = await ask(rig, browser, method, address(canonical, visit))
                assert answer.status == expected, (method, canonical, actor, answer.status)
                if expected == 303:
                    to = answer.headers["Location"]
                    assert to.startswith(f"/sign-in/{rule.door}") or to == "/doctor", canonical
    assert await everything(rig) == before


async def test_no_such_visit_and_not_yours_are_the_same_answer(rig: Rig) -> None:
    actors, visit = await everybody(rig)
    for method, canonical in RULES:
        if not set(PATIENT_DATA).intersection(PLACE.findall(canonical)):
            continue
        if canonical.endswith("/signal"):
            continue
        for actor, browser in actors.items():
            if RULES[method, canonical].status(actor):
                theirs = await ask(rig, browser, method, address(canonical, visit))
                absent = await ask(rig, browser, method, address(canonical, NOBODYS))
                assert theirs.status == absent.status, (method, canonical, actor)
                assert _blank(await theirs.text(), visit) == await absent.text()
                assert _told(theirs, visit) == _told(absent, visit), (method, canonical, actor)


def _blank(text: str, ids: Ids) -> str:
    for own in (ids.visit, ids.patient, ids.case):
        text = text.replace(own, ABSENT)
    return text


def _told(answer: ClientResponse, ids: Ids) -> dict[str, str]:
    return {
        name: _blank(value, ids)
        for name, value in answer.headers.items()
        if name not in ("Date", "Content-Length")
    }


async def test_the_rightful_never_meet_a_fault_of_ours(rig: Rig) -> None:
    actors, visit = await everybody(rig)
    for (method, canonical), rule in RULES.items():
        if canonical.startswith("/live") or canonical.endswith("/signal"):
            continue
        for actor in sorted(rule.may):
            answer = await ask(rig, actors[actor], method, address(canonical, visit))
            assert answer.status < 500, (method, canonical, actor, await answer.text())


FORGED = [
    # whose token it carries, and from where it says to come
    ("", {}),
    ("wrong", {}),
    ("another's", {}),
    ("own", {"Origin": "https://evil.example"}),
    ("own", {"Origin": "null"}),
    ("own", {"Origin": ""}),
]


async def test_what_changes_something_comes_from_a_page_of_ours(rig: Rig) -> None:
    actors, visit = await everybody(rig)
    other = rig.token(actors["other patient"], "/")
    before = await everything(rig)
    for method, canonical in CHANGING:
        rule = RULES[method, canonical]
        browser = actors[rule.door if rule.door else "patient"]
        path = address(canonical, visit)
        tokens = {"own": rig.token(browser, path), "another's": other}
        for token, headers in FORGED:
            sent = {"X-CSRF-Token": tokens.get(token, token)} if token else {}
            answer = await browser.raw(method, path, {**headers, **sent})
            assert answer.status == 403, (method, canonical, token, headers)
    assert await everything(rig) == before


async def test_a_socket_is_for_pages_of_ours(rig: Rig) -> None:
    actors, visit = await everybody(rig)
    for canonical, actor in (
        ("/live/visit/{visit}", "patient"),
        ("/live/visit/{visit}/room", "patient"),
        ("/visit/{visit}/signal", "patient"),
        ("/live/doctor", "doctor"),
        ("/live/director/now", "director"),
        ("/live/director/journal", "director"),
        ("/live/doctor/visit/{visit}", "doctor"),
    ):
        for origin in ("https://evil.example", "null", ""):
            headers = {**SOCKET, "Origin": origin}
            answer = await actors[actor].raw("GET", address(canonical, visit), headers)
            assert answer.status == 403, (canonical, origin)
