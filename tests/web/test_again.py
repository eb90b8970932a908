"""What was typed before a new sign-in was asked for is not typed again: the page of a form and the
page that asks are told one secret, under which the tab keeps it (again.js)."""

import json
import shutil
import subprocess
from typing import Any

import pytest

from tests.house import ROOT
from tests.web.browser import Browser
from tests.web.page import Page
from tests.web.rig import INGRID, KARI, PER, RAGNA, Rig
from tests.web.test_fresh import MINUTES, NEWCOMER
from tests.web.test_routes import RULES
from tests.web.test_swapped import give_proxy
from tests.web.typed import FORMS
from venterom.web.fresh import PAGES, TYPED
from venterom.web.identity.tables import GrantRow, ProxyRow

NUMBER = "24820199912"
# What a browser does with the modules of a page, as far as again.js asks for it.
AGAIN = """
const stored = new Map(JSON.parse(process.argv[1]));
globalThis.sessionStorage = {
  getItem: (name) => stored.get(name) ?? null,
  setItem: (name, value) => stored.set(name, value),
  removeItem: (name) => stored.delete(name),
};
const page = JSON.parse(process.argv[2]);
const field = (value) => ({ value });
const fields = Object.fromEntries(Object.entries(page.fields).map(([n, v]) => [n, field(v)]));
let sent = 0;
const form = { elements: { namedItem: (name) => fields[name] ?? null }, submit: () => (sent += 1) };
const notice = { hidden: true };
const told = { dataset: { token: page.token }, closest: () => form, firstElementChild: notice };
const parts = { "[data-lost]": { hidden: false }, "[data-kept]": { hidden: true } };
if (page.typed) parts["[data-typed]"] = { textContent: JSON.stringify(page.typed) };
if (page.token) parts["[data-brought-back]"] = told;
globalThis.document = { querySelector: (part) => parts[part] ?? null };
globalThis.location = { pathname: page.path };
if (page.without) Object.defineProperty(globalThis, "crypto", { value: {} });
process.on("exit", () => console.log(JSON.stringify({ // when nothing is under way any more
  stored: [...stored], notice: notice.hidden, lost: parts["[data-lost]"].hidden,
  kept: parts["[data-kept]"].hidden,
  fields: Object.fromEntries(Object.entries(fields).map(([n, f]) => [n, f.value])), sent,
})));
await import(process.argv[3]);
"""


def in_tab(stored: list[Any], **page: Any) -> dict[str, Any]:
    """What the script makes of a page in a tab in which this is stored."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("no Node")
    given = {"fields": {}, "path": "/director/staff", **page}
    script = ROOT / "web/static/js/again.js"
    command = [node, "--input-type=module", "-e", AGAIN]
    command += [json.dumps(stored), json.dumps(given), script.as_uri()]
    said = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    found: dict[str, Any] = json.loads(said.stdout)
    return found


def kept(page: Page) -> Any:
    """What the page that asks for a new sign-in gives the tab to keep."""
    return json.loads(page.tree.marked("data-typed").raw)


def token_of(page: Page) -> str:
    """Under which the page of a form looks for it."""
    return page.tree.marked("data-brought-back").attributes["data-token"]


async def asked_again(rig: Rig) -> tuple[Browser, str]:
    """A director whose sign-in is too old for what was typed; and what the page before it said."""
    director = await rig.sign_in(RAGNA, "/director/staff")
    rig.clock.tick(minutes=MINUTES)
    page = await director.open("/director/staff")
    token = token_of(page)
    await director.post("/director/staff", {**NEWCOMER, "national_number": NUMBER})
    assert director.page.status == 403
    return director, token


def test_every_form_that_is_typed_into_and_asks_for_a_fresh_sign_in_brings_it_back() -> None:
    by_hand = {route for route in PAGES if route in FORMS and len(FORMS[route]) > 0}
    pressed = {route for route in by_hand if route[1].endswith(("/sign-ins", "/renew"))}
    assert set(TYPED) == by_hand - pressed
    for route, names in TYPED.items():
        assert route in RULES and set(names) == set(FORMS[route])


@pytest.mark.slow
async def test_what_was_typed_comes_back_after_the_sign_in_and_nothing_is_done_by_itself(
    rig: Rig,
) -> None:
    before = await rig.rows(GrantRow)
    director, token = await asked_again(rig)
    asking = director.page
    given = kept(asking)
    assert given["page"] == "/director/staff" and given["token"] == token
    assert given["fields"]["national_number"] == NUMBER
    await director.click("Logg inn på nytt")
    await director.press(RAGNA)
    assert token_of(director.page) == token and NUMBER not in director.page.text
    tab = in_tab([], typed=given)
    assert tab["kept"] is False and tab["lost"] is True
    assert NUMBER not in json.dumps(tab["stored"])
    empty = dict.fromkeys(given["fields"], "")
    back = in_tab(tab["stored"], token=token, fields=empty)
    assert back["fields"] == given["fields"] and back["notice"] is False
    assert back["stored"] == [] and back["sent"] == 0  # once, and it is the person who sends it
    assert await rig.rows(GrantRow) == before


@pytest.mark.slow
async def test_without_a_script_or_its_cipher_the_page_says_that_it_has_to_be_typed_again(
    rig: Rig,
) -> None:
    director, _token = await asked_again(rig)
    assert "Det du skrev, må du skrive en gang til." in director.page.main
    assert "hidden" in director.page.tree.marked("data-kept").attributes
    assert "hidden" not in director.page.tree.marked("data-lost").attributes
    tab = in_tab([], typed=kept(director.page), without=True)
    assert (tab["stored"], tab["lost"], tab["kept"]) == ([], False, True)


@pytest.mark.slow
async def test_nobody_else_and_no_other_page_or_day_finds_it(rig: Rig) -> None:
    first = await rig.sign_in(KARI, "/mine")
    patient = first.page.path.removeprefix("/mine/")
    mine = token_of(await first.open(f"/mine/{patient}/proxies"))
    other = await rig.sign_in(PER, "/mine")
    theirs = token_of(await other.open(f"{other.page.path}/proxies"))
    rig.clock.tick(hours=24)
    await rig.sign_in(KARI, "/mine", first)
    tomorrow = token_of(await first.open(f"/mine/{patient}/proxies"))
    assert len({mine, theirs, tomorrow}) == 3
    typed = {"page": "/director/staff", "token": mine, "fields": {"name": "Anna"}}
    tab = in_tab([], typed=typed)["stored"]
    for token in (theirs, tomorrow):
        found = in_tab(tab, token=token, fields={"name": ""})
        assert found["fields"] == {"name": ""} and found["notice"] is True
        assert found["stored"] == []
    assert in_tab(tab, token=mine, path="/elsewhere", fields={"name": ""})["fields"]["name"] == ""


@pytest.mark.slow
async def test_a_proxy_is_given_with_what_was_typed_before(rig: Rig) -> None:
    patient = await rig.sign_in(KARI, "/mine")
    rig.clock.tick(minutes=MINUTES)
    await give_proxy(rig, patient, INGRID)
    given = kept(patient.page)
    assert given["fields"]["name"] == INGRID
    await patient.click("Logg inn på nytt")
    await patient.press(KARI)
    await patient.post(given["page"], given["fields"])
    assert len(await rig.rows(ProxyRow)) == 1
