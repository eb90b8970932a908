"""A robot sees what a person sees on a page, and can press and type nothing else."""

from collections.abc import Callable

import pytest
from yarl import URL

from venterom.server.demo.crowd.pages import Button, Page, Unexpected
from venterom.server.demo.crowd.reading import read

URL_OF_PAGE = URL("http://127.0.0.1:8080/doctor/visit/Zm9yIGEgcm9ib3Qgb25seQ-1")
HTML = """
<!doctype html>
<main data-live="/live/here">
  <form method="post">
    <input type="hidden" name="csrf" value="token">
    <input id="number" name="number" type="text" value="KYP-1">
    <textarea name="reason" maxlength="500">
two
lines</textarea>
    <input type="radio" name="who" value="me" checked><input type="radio" name="who" value="new">
    <input type="checkbox" name="consent" value="yes">
    <select name="until"><option value="7">7</option><option value="8" selected>8</option></select>
    <select name="unit"><option value="h">hours</option><option value="d">days</option></select>
    <button class="btn">Go <b>on</b></button>
  </form>
  <form method="post" action="/elsewhere">
    <button name="person" value="a1"><span>Kari Pr&oslash;vdal</span> <span>41 år</span></button>
    <button name="person" value="b2">Per</button>
  </form>
  <button type="button" id="mute">of no form</button>
  <a href="/start">Start</a> <a href="/visit/x" data-keep="join">Join</a> <a name="no address"></a>
  <p class="soft words">First words</p><p class="words">Other words</p>
  <script type="application/json" id="room">{"ticket": "a\\u003cb"}</script>
</main>
"""


@pytest.fixture
def page() -> Page:
    return read(URL_OF_PAGE, HTML)


def test_a_form_sends_what_stands_in_it(page: Page) -> None:
    assert page.forms[0].filled() == {
        "csrf": "token",
        "number": "KYP-1",
        "reason": "two\nlines",
        "who": "me",
        "until": "8",
        "unit": "h",
    }


def test_what_is_typed_chosen_and_pressed_is_sent_too(page: Page) -> None:
    first, second = page.forms
    sent = first.filled(first.buttons[0], number="FJP-2", who="new", consent="yes", until="7")
    changed = {name: sent[name] for name in ("number", "who", "consent", "until")}
    assert changed == {"number": "FJP-2", "who": "new", "consent": "yes", "until": "7"}
    assert "" not in sent  # a button without a name sends nothing
    assert second.filled(second.buttons[1]) == {"person": "b2"}


@pytest.mark.parametrize(
    "typed",
    [
        {"policy": "KYP-1"},  # no such field
        {"who": "you"},  # not among the choices
        {"consent": "no"},
        {"until": "9"},
    ],
)
def test_what_a_form_does_not_ask_for_cannot_be_sent(page: Page, typed: dict[str, str]) -> None:
    with pytest.raises(Unexpected):
        page.forms[0].filled(**typed)


def test_a_button_is_known_by_its_first_words(page: Page) -> None:
    assert page.forms[0].buttons == [Button("", "", "Go")]
    assert [button.label for button in page.forms[1].buttons] == ["Kari Prøvdal", "Per"]
    assert page.buttons("person") == [(page.forms[1], each) for each in page.forms[1].buttons]
    assert page.buttons("nothing") == []


def test_a_page_is_known_by_its_links_its_live_part_and_its_marked_texts(page: Page) -> None:
    assert page.links == {"/start": "", "/visit/x": "join"}
    assert page.live == "/live/here"
    assert (page.mark("words"), page.mark("room")) == ("First words", '{"ticket": "a\\u003cb"}')
    assert page.token == "token"


def test_forms_are_found_by_where_they_go_or_what_they_ask(page: Page) -> None:
    first, second = page.forms
    assert page.form("/elsewhere") is second
    assert page.find("/nowhere") is None
    assert page.asking("number", "who", "until") is first
    assert page.asking("person") is second


@pytest.mark.parametrize(
    "look",
    [
        lambda page: page.form("/start"),
        lambda page: page.asking("number"),
        lambda page: page.mark("room"),
        lambda page: page.token,
    ],
    ids=["form", "asking", "mark", "token"],
)
def test_what_is_missing_is_said_without_the_ids_of_the_address(
    look: Callable[[Page], object],
) -> None:
    page = read(URL_OF_PAGE, "<p>Her er det ingenting å se</p>")
    with pytest.raises(Unexpected, match="^/doctor/visit/…: "):
        look(page)
