"""The pages of the demonstration's identity provider, and those that every door has."""

from dataclasses import replace
from types import SimpleNamespace

from tests.queue.make import NOON, after
from tests.web.showcase.doctor import NAMES
from tests.web.showcase.page import KARI, SOLVEIG, Page
from venterom.server.demo.flow import Remark
from venterom.web import fresh
from venterom.web.identity.lives import Session
from venterom.web.identity.roles import ROLE_AT, Door
from venterom.web.session import SIGN_INS


def _choose(crowd: int = 0) -> Page:
    remarks = (Remark("%(age)s år", {"age": 41}), Remark("uten polise"))
    people = [SimpleNamespace(subject=name, name=name, remarks=remarks) for name in NAMES]
    client = SimpleNamespace(title="pasient", people=people, crowd=people[:crowd])
    return Page("demo/choose.html", {"client": client, "asked": {"state": "s", "scope": "openid"}})


MESSAGE = {
    "to": KARI,
    "at": "12:04",
    "parts": ("Legen er klar for deg om få minutter: ", "/j#a", " Hilsen Venterom"),
}


def _sign_ins(count: int, door: Door, me: str) -> Page:
    """So many of one person, the first being the one that reads."""
    devices = ("Firefox, Windows", "Safari, iPhone", "")
    first = Session("s0", "p", ROLE_AT[door], NOON, NOON, None, after(60))
    living = [
        replace(first, id=f"s{n}", created=after(-20 * n), last_seen=after(-n), device=devices[n])
        for n in range(count)
    ]
    context = {"sign_ins": living, "this": "s0", "door": door}
    return Page("sign_ins.html", context, SIGN_INS[door], me)


EVERYBODY = {
    "sign-ins": _sign_ins(3, Door.PATIENT, KARI),
    "sign-ins-one": _sign_ins(1, Door.PATIENT, KARI),
    "sign-ins-doctor": _sign_ins(2, Door.DOCTOR, SOLVEIG),
    "sign-in-again": Page(
        "fresh.html",
        {
            "typed": {"page": "/director/staff", "token": "t", "fields": {"hpr_number": "9990013"}},
            **{"title": fresh.TITLE, "text": fresh.TEXT, "next_text": fresh.AGAIN, "number": ""},
            "next_url": "/sign-in/director?fresh=yes&to=/director/staff",
        },
        "/director/staff",
        SOLVEIG,
    ),
}
PROVIDER = {
    "demo-choose": _choose(),
    "demo-choose-crowd": _choose(crowd=3),
    "demo-doors": Page("demo/doors.html", {"url": ""}),
    "demo-inbox": Page("demo/inbox.html", {"messages": [MESSAGE, MESSAGE]}),
    "demo-inbox-empty": Page("demo/inbox.html", {"messages": []}),
    "demo-mistake": Page(
        "demo/mistake.html",
        {"mistake": SimpleNamespace(error="invalid_request", description="redirect_uri differs")},
    ),
}
