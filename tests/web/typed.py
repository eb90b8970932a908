"""Every field of every form, with something that is taken there, and what ill-wishers type."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import product
from typing import Any, NoReturn

from aiohttp import ClientResponse

from tests.web.browser import Browser
from tests.web.rig import BERIT, JONAS, KARI, ODD, PER, RAGNA, REASON, SOLVEIG, Rig
from tests.web.test_routes import PLACE, RULES
from tests.web.test_swapped import Ids, with_everything
from venterom.journal.note import NoteFields
from venterom.journal.papers.paper import Kind
from venterom.web.identity.numbers import make
from venterom.web.identity.roles import Role
from venterom.web.identity.tables import GrantRow
from venterom.web.intake import Step
from venterom.web.paper_forms import FIELDS as PAPERS
from venterom.web.session import SIGN_INS

Route = tuple[str, str]
Values = Mapping[str, str]

NEWCOMER = make(date(1991, 4, 2), 3)
CHILD = make(date(2019, 11, 24), 0)
NOTE_FIELDS = dict.fromkeys(NoteFields.__dataclass_fields__, "Rolig") | {"icpc2": "R74"}
PLAN = {
    **{"doctor": "", "work": "booked", "day": "10.12.2026"},
    **{"from": "08:00", "to": "12:00", "sure": ""},
}
# Those that are not here take no field.
FORMS: dict[Route, Values] = {
    ("POST", "/sign-in/{door}/logout"): {"logout_token": "x"},
    ("POST", "/j"): {"secret": "x"},
    ("POST", "/g"): {"secret": "x"},
    ("POST", "/start/policy"): {"number": "FJP-000001", "go_on": ""},
    ("POST", "/start/who"): {
        **{"who": "new", "name": "Ida", "birth_date": "24.11.2019"},
        "national_number": CHILD,
    },
    ("POST", "/start/reason"): {"reason": REASON},
    ("POST", "/start/consent"): {
        **{"consent": "yes", "own_yes": "", "alone": "", "version": "x", "language": "nb"},
    },
    ("POST", "/start/offer"): {"offer": "", "slot": ""},
    ("POST", "/visit/{visit}/picture/{picture}"): {"answer": "no"},
    ("POST", "/paper"): {"code": "x"},
    ("POST", "/visit/{visit}/move"): {"slot": ""},
    ("POST", "/visit/{visit}/links"): {"what": "again"},
    ("POST", "/mine/{patient}/note/{visit}/wrong"): {"kind": "correction", "wish": "Feil dato"},
    ("POST", "/mine/{patient}/blocks"): {"against": ""},
    ("POST", "/mine/{patient}/proxies"): {
        **{"name": PER, "birth_date": "02.04.1991", "national_number": NEWCOMER, "lasts": "month"},
    },
    ("POST", "/doctor/shift"): {"act": "on", "until": "", "sure": ""},
    ("POST", "/doctor/on-call"): {"comes": "no"},
    ("POST", "/doctor/visit/{visit}/amend"): {
        **NOTE_FIELDS,
        **{"way": "add", "why": "Utelatt", "addition": "Mer", "seen": "1", "version": "0"},
    },
    ("POST", "/doctor/visit/{visit}/glass"): {"reason": "Bevisstløs"},
    ("POST", "/doctor/visit/{visit}/wrong-patient"): {"wish": "Feil pasient"},
    ("POST", "/doctor/cases/{case}"): {"outcome": "refused", "reason": "Det stemmer"},
    ("POST", "/doctor/cases/{case}/delete"): {"ground": "asked"},
    ("POST", "/doctor/visit/{visit}/priority"): {"ground": "worse"},
    ("POST", "/doctor/phrases"): {"key": "rolig", "text": "Rolig.", "shared": ""},
    ("POST", "/doctor/phrases/{phrase}"): {"key": "hals", "text": "Rolig.", "shared": ""},
    ("POST", "/doctor/visit/{visit}/protection"): {
        **{"encryption": "end_to_end", "words": "matched"},
    },
    ("POST", "/doctor/visit/{visit}/guest"): {
        **{"kind": "parent", "name": "Anna", "own_yes": "yes"},
    },
    ("POST", "/doctor/visit/{visit}/identity"): {"seen": "patient"},
    ("POST", "/doctor/visit/{visit}/telephone"): {"why": "network"},
    ("POST", "/doctor/visit/{visit}/papers/{kind}"): {},  # below: each kind has its own
    ("POST", "/doctor/visit/{visit}/medicines"): {"q": "prøve", "medicine": ""},
    ("POST", "/doctor/visit/{visit}/paper/{paper}/withdraw"): {"case": "", "why": "wrong"},
    ("POST", "/doctor/visit/{visit}/sign"): {**NOTE_FIELDS, "version": "0"},
    ("POST", "/insurer"): {"number": "FJP-000001"},
    ("POST", "/insurer/clerks"): {"name": "Nina Nyprøve", "national_number": NEWCOMER},
    ("POST", "/director/plan"): PLAN,
    ("POST", "/director/plan/{plan}"): PLAN,
    ("POST", "/director/plan/{plan}/remove"): {"sure": ""},
    ("POST", "/director/levers"): {"defers": "yes", "plans": "yes", "leans": "yes"},
    ("POST", "/director/cases/{case}"): {"outcome": "refused", "reason": "Det stemmer"},
    ("POST", "/director/cases/{case}/delete"): {"ground": "asked"},
    ("POST", "/director/journal"): {"visit": ""},
    ("POST", "/director/staff"): {
        **{"role": "doctor", "national_number": NEWCOMER, "hpr_number": "9990099"},
        **{"insurer": "", "lasts": "month"},
    },
    ("POST", "/director/staff/{grant}/renew"): {"lasts": "month"},
}
FORMS |= {("POST", path): {"which": "x"} for path in SIGN_INS.values()}
AT_STEP = {  # who stands at which page of the way in
    Step.POLICY: "Bjørn Lykkjetest",
    Step.WHO: "Mai Sundprøve",
    Step.REASON: "Tor-Erik Åstest",
    Step.CONSENT: "Agnes Kveldprøve",
    Step.OFFER: "Mateusz Vestprøve",
}

QUOTES = ("'", '"', "`", "')", '")', "''", "\\'", "%27", "’", "1")
COMMANDS = (
    *(" OR 1=1", " OR 'a'='a'", "; DROP TABLE visit", "; DELETE FROM person", " LIKE '%"),
    *(" UNION SELECT sealed FROM person", "; UPDATE session SET role='director'", "||''||"),
    *(" AND 1=(SELECT count(*) FROM session)", "; PRAGMA writable_schema=1", "\n; COMMIT; BEGIN"),
    *("; ATTACH DATABASE 'x' AS y", "; SELECT pg_sleep(9)", "; COPY person TO '/tmp/x'"),
)
ENDINGS = ("", " --", "/*", "#", ";", "\x00")
SQL = tuple("".join(parts) for parts in product(QUOTES, COMMANDS, ENDINGS))
HEADERS = (  # another header of an answer, or another answer
    "\r\nSet-Cookie: planted=yes",
    "\nX-Planted: yes",
    "\rX-Planted: yes",
    "\u010d\u010aX-Planted: yes",  # which some servers cut down to a line end
    "\u2028X-Planted: yes",
    "\r\n\r\n<b>planted</b>",
)


def is_whole(answer: ClientResponse) -> bool:
    """Whether nothing that was typed has become a header."""
    cookies = "".join(answer.headers.getall("Set-Cookie", []))
    return "planted" not in cookies and "X-Planted" not in answer.headers


class Named(dict[str, Any]):
    """A form that can be asked for its fields by name, and not be gone through: so what nobody
    asks for has no way in."""

    def __init__(self, sent: Mapping[str, object], asked: set[str]) -> None:
        super().__init__(sent)
        self.asked = asked

    def get(self, name: str, default: Any = None) -> Any:
        """One field, by its name."""
        self.asked.add(name)
        return super().get(name, default)

    def _refuse(self, *_args: object) -> NoReturn:
        raise AssertionError("a form was gone through")

    __iter__ = keys = values = items = __getitem__ = _refuse


@dataclass(frozen=True)
class Place:
    """A form where somebody who may use it has come to it."""

    route: Route
    path: str
    who: Browser
    fields: Values

    async def send(self, rig: Rig, values: Values) -> ClientResponse:
        """These values, as a page of ours sends them."""
        rig.forgive()
        method, _ = self.route
        headers = {"X-CSRF-Token": rig.token(self.who, self.path)}
        return await self.who.raw(method, self.path, headers, data=values)


async def places(rig: Rig) -> list[Place]:
    """Every form of the service, with everybody at it."""
    patient, doctor, [done, going_on] = await with_everything(rig, KARI, SOLVEIG, ".hals")
    director = await rig.sign_in(RAGNA, "/director")
    grants = await rig.rows(GrantRow, role=Role.DOCTOR)
    more = {"door": "patient", "grant": grants[-1].id}
    people = {
        **{"": await rig.browser(), "patient": patient, "doctor": doctor, "director": director},
        "insurer": await rig.sign_in(BERIT, "/insurer"),
        "operator": await rig.sign_in(ODD, "/operator"),
    }
    known = {"doctor": await rig.person(JONAS), "against": await rig.person(JONAS)}
    arrived = {step: await rig.arrive(name, step) for step, name in AT_STEP.items()}
    found = []
    for route, fields in FORMS.items():
        _, canonical = route
        over = canonical.startswith("/mine") or canonical.endswith("/amend")
        ids = {**(done if over else going_on), **more}
        step = canonical.removeprefix("/start/")
        who = arrived[Step(step)] if step in set(Step) else people[RULES[route].door]
        for kind, own in kinds(canonical, fields):
            path = filled(canonical, {**ids, "kind": kind})
            ready = {name: known.get(name, value) for name, value in own.items()}
            found.append(Place(route, path, who, ready))
    return found


def kinds(canonical: str, fields: Values) -> Iterator[tuple[str, Values]]:
    """The forms at an address: one, or one for each kind of paper."""
    if "{kind}" not in canonical:
        yield "", fields
        return
    for kind in Kind:
        yield kind, dict.fromkeys(PAPERS[kind], "1")


def filled(canonical: str, ids: Ids) -> str:
    """A real address of a route."""
    return PLACE.sub(lambda place: ids.get(place[1], "none"), canonical)
