"""Markup in any name and any text is shown as it was typed, wherever that is, and runs nowhere."""

import re
from collections.abc import Mapping
from html.parser import HTMLParser
from typing import Any

import jinja2
import pytest

from tests.web import rig as house
from tests.web.rig import BERIT, KARI, NOTE, ODD, RAGNA, SOLVEIG, Rig
from tests.web.test_guest import asks, follow
from tests.web.test_routes import RULES, ask
from tests.web.test_swapped import Ids, with_everything
from tests.web.typed import filled
from venterom.server.demo import flow

pytestmark = pytest.mark.slow

PLANTED = "kanari"
MARKUP = f"\"'><img src=x onerror={PLANTED}()>"
SCRIPT = f"</textarea></title></script><script>{PLANTED}()</script>{{{{7*7}}}}{MARKUP}"
NAMED = re.compile(r'(attachment|inline); filename="[a-z0-9._-]+"')
SHOWN_IN = {  # where what was typed is shown: else nothing would have been looked for
    *("doctor/room.html", "doctor/worklist.html", "doctor/earlier.html"),
    *("mine/home.html", "mine/note.html", "mine/log.html", "mine/cases.html", "mine/sheet.html"),
    *("director/staff.html", "guest/room.html"),
}


class Planted(HTMLParser):
    """What of a page came from somebody's typing and is more than text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.data = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element."""
        held = dict(attrs)
        self.data = tag == "script" and held.get("type") != "application/json"
        if (tag == "img" and held.get("src") == "x") or any(name[:2] == "on" for name in held):
            self.found.append(str(self.get_starttag_text()))

    def handle_endtag(self, tag: str) -> None:
        """Its end."""
        self.data = False

    def handle_data(self, data: str) -> None:
        """Text, or a script."""
        if self.data and PLANTED in data:
            self.found.append(data)


def test_what_is_planted_would_be_found() -> None:
    assert Planted(f"<p>{MARKUP}</p>").found and Planted(f"<p>{SCRIPT}</p>").found
    assert not Planted('<p>&lt;img src=x onerror=kanari()&gt;</p><script src="x"></script>').found


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """Everything that any template makes: pages, parts of pages, papers, files; by its name."""
    found: list[tuple[str, str]] = []
    plain = jinja2.Template.render

    def render(template: jinja2.Template, *args: Any, **kwargs: Any) -> str:
        text = plain(template, *args, **kwargs)
        found.append((template.name or "", text))
        return text

    monkeypatch.setattr(jinja2.Template, "render", render)
    return found


@pytest.fixture
def ill_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """A patient and a doctor whose names are markup, and texts that are."""
    plain = flow.claims_of

    def claims_of(candidate: flow.Candidate, *args: Any) -> Mapping[str, object]:
        claims = plain(candidate, *args)
        wild = candidate.name in (KARI, SOLVEIG)
        return {**claims, "name": f"{candidate.name} {MARKUP}"} if wild else claims

    monkeypatch.setattr(flow, "claims_of", claims_of)
    monkeypatch.setattr(house, "REASON", SCRIPT)
    for asked in ("Årsak", "Funn", "Vurdering", "Plan og råd til pasienten"):
        monkeypatch.setitem(NOTE, asked, SCRIPT)


async def test_markup_in_names_and_texts_is_text_on_every_page_and_in_every_file(
    made: list[tuple[str, str]], ill_named: None, rig: Rig
) -> None:
    patient, doctor, both = await with_everything(rig, KARI, SOLVEIG, ".hals")
    _, secret = await asks(rig, doctor, both[1]["visit"], kind="interpreter", name=MARKUP)
    guest = await rig.browser()
    await follow(guest, secret)
    people = {
        **{"patient": patient, "doctor": doctor, "": guest},
        "director": await rig.sign_in(RAGNA, "/director"),
        "insurer": await rig.sign_in(BERIT, "/insurer"),
        "operator": await rig.sign_in(ODD, "/operator"),
    }
    files = [
        await _crawl(rig, people[rule.door], route, both)
        for route, rule in RULES.items()
        if rule.door in people
    ]
    await (await rig.doctor(house.JONAS)).open("/doctor")
    await rig.jobs()
    for name, text in made:
        assert not Planted(text).found, (name, Planted(text).found)
    shown = {name for name, text in made if PLANTED in text}
    assert SHOWN_IN <= shown, SHOWN_IN - shown
    named = [each for each in sum(files, []) if each]
    assert named and all(NAMED.fullmatch(each) for each in named), named


async def _crawl(rig: Rig, who: Any, route: tuple[str, str], both: list[Ids]) -> list[str]:
    """Read what there is at an address; the names of files that came."""
    method, canonical = route
    if method != "GET" and not canonical.endswith("/take-out"):
        return []
    found = []
    for ids in both:
        known = {**ids, "door": "patient", "kind": "referral", "month": "2026-10", "path": "x"}
        path = filled(canonical, known)
        if path.startswith("/live") or path.endswith("/signal"):
            continue
        answer = await ask(rig, who, method, path)
        assert answer.status < 500, path
        found.append(answer.headers.get("Content-Disposition", ""))
    return found
