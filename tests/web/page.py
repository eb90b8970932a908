"""A page as its reader finds it, for tests: headings, links, fields by their labels, buttons."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeVar

from multidict import CIMultiDictProxy
from yarl import URL

from tests.web.html import Node, parse

T = TypeVar("T")

FIELDS = ("input", "textarea", "select")
TICKED = frozenset({"radio", "checkbox"})

Typed = Mapping[str, str | bool]  # label or name -> what is typed, or whether it is ticked


@dataclass(frozen=True)
class Page:
    """An answer, as far as a reader cares."""

    url: URL
    status: int
    headers: CIMultiDictProxy[str] = field(repr=False)
    body: str = field(repr=False)

    @cached_property
    def tree(self) -> Node:
        """The page itself."""
        return parse(self.body)

    @property
    def path(self) -> str:
        """Where it is."""
        return self.url.path

    @property
    def text(self) -> str:
        """What is read on it."""
        return self.tree.text

    @property
    def title(self) -> str:
        """Its heading."""
        return next(self.tree.every("h1")).text

    @property
    def main(self) -> str:
        """What is read on it, without what every page has."""
        return self.tree.by_id("main").text

    @property
    def promised(self) -> str:
        """The instant that stands large on it."""
        large = [n for n in self.tree.every("time") if n.attributes.get("class") == "at"]
        return large[0].attributes["datetime"]

    @property
    def token(self) -> str:
        """What its forms carry."""
        names = [n for n in self.tree.every("input") if n.attributes["name"] == "csrf"]
        return names[0].attributes["value"]

    def link(self, words: str) -> str:
        """Where the link with these words leads. Raises LookupError."""
        found = {n.attributes["href"] for n in self.tree.every("a") if n.text == words}
        return _only(sorted(found), f"link {words!r} on {self.path}")

    def button(self, words: str) -> Node:
        """The one button that says this, or begins so. Raises LookupError."""
        found = [n for n in self.tree.every("button") if f"{n.text} ".startswith(f"{words} ")]
        return _only(found, f"button {words!r} on {self.path}, which says: {self.text}")

    def control(self, asked: str) -> Node:
        """The field with this label, or this name. Raises LookupError."""
        found = [n for n in self.tree.every(*FIELDS) if asked in _called(self.tree, n)]
        return _only(found, f"field {asked!r} on {self.path}")

    def value(self, asked: str) -> str:
        """What stands in a field."""
        return value(self.control(asked))

    def trouble(self, asked: str) -> str:
        """What stands beside a field that is amiss, as a screen reader finds it."""
        node = self.control(asked)
        assert node.attributes.get("aria-invalid") == "true", f"{asked} is not marked as wrong"
        told = [self.tree.by_id(name) for name in node.attributes["aria-describedby"].split()]
        return " ".join(each.text for each in told if each.attributes["class"] == "trouble")


def fill(page: Page, form: Node, typed: Typed, *, careless: bool) -> list[tuple[str, str]]:
    """What a browser sends: what stood in the form, and what was typed over it.

    `careless` leaves out what a browser checks before it sends, as old ones do.
    """
    said = {id(page.control(asked)): answer for asked, answer in typed.items()}
    controls = [*form.every(*FIELDS)]
    assert said.keys() <= {id(node) for node in controls}, f"not in this form: {typed}"
    ticked = _ticked(controls, said)
    sent = []
    for node in controls:
        text = said.get(id(node), value(node))
        if not careless:
            _check(node, str(text), ticked, controls)
        if not _is_box(node) or id(node) in ticked:
            chosen = _option(node, str(text)) if node.tag == "select" else str(text)
            sent.append((_name(node), value(node) if _is_box(node) else chosen))
    return sent


def value(node: Node) -> str:
    """What a field holds when its page is opened."""
    if node.tag == "textarea":
        return node.raw.removeprefix("\n")
    if node.tag == "select":
        options = [*node.every("option")]
        picked = [option for option in options if "selected" in option.attributes]
        return (picked or options)[0].attributes["value"]
    return node.attributes.get("value", "")


def _called(tree: Node, node: Node) -> Iterator[str]:
    around = node.within("label")
    if around is not None:
        yield from (span.text for span in around.every("span"))
    elif own := node.attributes.get("id"):
        yield from (n.text for n in tree.every("label") if n.attributes.get("for") == own)
    if node.attributes.get("type") != "radio":
        yield _name(node)


def _ticked(controls: list[Node], said: dict[int, str | bool]) -> set[int]:
    boxes = [node for node in controls if _is_box(node)]
    ticked = {id(node) for node in boxes if "checked" in node.attributes}
    for node in boxes:
        if said.get(id(node)) is True:
            radio = node.attributes["type"] == "radio"
            ticked -= {id(rival) for rival in boxes if radio and _name(rival) == _name(node)}
            ticked.add(id(node))
        elif said.get(id(node)) is False:
            ticked.discard(id(node))
    return ticked


def _check(node: Node, text: str, ticked: set[int], controls: list[Node]) -> None:
    """What a browser holds against a field before it sends a form."""
    rivals = {id(rival) for rival in controls if _name(rival) == _name(node)}
    filled = bool(rivals & ticked) if _is_box(node) else bool(text)
    assert filled or "required" not in node.attributes, f"{_name(node)} must be filled in"
    most = int(node.attributes.get("maxlength", len(text)))
    assert len(text) <= most, f"{_name(node)} takes {most} characters"


def _option(node: Node, asked: str) -> str:
    options = {option.text: option.attributes["value"] for option in node.every("option")}
    return (
        options[asked]
        if asked in options
        else _only([value for value in options.values() if value == asked], f"choice {asked!r}")
    )


def _is_box(node: Node) -> bool:
    return node.attributes.get("type") in TICKED


def _name(node: Node) -> str:
    return node.attributes["name"]


def _only(found: Sequence[T], what: str) -> T:
    if len(found) != 1:
        raise LookupError(f"there are {len(found)} of this: {what}")
    return found[0]
