"""From the text of a page to what a robot sees of it."""

from collections.abc import Mapping
from html.parser import HTMLParser

from yarl import URL

from venterom.server.demo.crowd.pages import Button, Form, Page

MARKED = frozenset({"room", "far-name", "words"})  # ids and classes whose first text is kept
CHOSEN = frozenset({"radio", "checkbox"})

Attributes = Mapping[str, str]


def read(url: URL, text: str) -> Page:
    """The page that is at this address."""
    reader = _Reader()
    reader.feed(text)
    reader.close()
    return Page(url, tuple(reader.forms), reader.links, reader.live, reader.marks)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.links: dict[str, str] = {}
        self.live = ""
        self.marks: dict[str, str] = {}
        self._form = Form("")  # of fields that stand in none
        self._select = ""
        self._open: list[tuple[str, Attributes, list[str]]] = []  # elements whose text is wanted

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = {name: value or "" for name, value in attrs}
        self.live = has.get("data-live", self.live)
        match tag:
            case "a" if "href" in has:
                self.links[has["href"]] = has.get("data-keep", "")
            case "form":
                self._form = Form(has.get("action", ""))
                self.forms.append(self._form)
            case "input":
                self._input(has)
            case "select":
                self._select = has["name"]
            case "option":
                self._option(has)
        if tag in ("button", "textarea") or _marks(has):
            self._open.append((tag, has, []))

    def handle_data(self, data: str) -> None:
        for _, _, texts in self._open:
            texts.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = Form("")
        if not self._open or self._open[-1][0] != tag:
            return
        _, has, texts = self._open.pop()
        for mark in _marks(has):
            self.marks.setdefault(mark, "".join(texts).strip())
        if tag == "textarea":
            self._form.values[has["name"]] = "".join(texts).removeprefix("\n")
        if tag == "button":
            label = next(filter(None, map(str.strip, texts)), "")
            button = Button(has.get("name", ""), has.get("value", ""), label)
            self._form.buttons.append(button)

    def _input(self, has: Attributes) -> None:
        name, value = has["name"], has.get("value", "")
        chosen = has.get("type") in CHOSEN
        if chosen:
            self._form.choices.setdefault(name, []).append(value)
        if not chosen or "checked" in has:
            self._form.values[name] = value

    def _option(self, has: Attributes) -> None:
        options = self._form.choices.setdefault(self._select, [])
        options.append(has["value"])
        if len(options) == 1 or "selected" in has:
            self._form.values[self._select] = has["value"]


def _marks(has: Attributes) -> frozenset[str]:
    return MARKED & {has.get("id", ""), *has.get("class", "").split()}
