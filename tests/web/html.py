"""A page as a tree, for tests. Strict: wrong nesting is a fault of the page."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = frozenset("area base br col embed hr img input link meta source track wbr".split())
UNSEEN = frozenset({"head", "script", "style", "template"})


@dataclass(eq=False)
class Node:
    """An element, or the document itself, whose tag is empty."""

    tag: str = ""
    attributes: dict[str, str] = field(default_factory=dict)
    parent: "Node | None" = field(default=None, repr=False)
    inside: "list[Node | str]" = field(default_factory=list)

    def every(self, *tags: str) -> "Iterator[Node]":
        """The elements below this one, in the order of the page."""
        for child in self.inside:
            if isinstance(child, Node):
                if not tags or child.tag in tags:
                    yield child
                yield from child.every(*tags)

    def marked(self, hook: str) -> "Node":
        """The one element with this attribute. Raises LookupError."""
        found = [node for node in self.every() if hook in node.attributes]
        if len(found) != 1:
            raise LookupError(f"{len(found)} elements have {hook}")
        return found[0]

    def by_id(self, name: str) -> "Node":
        """The one element with this id. Raises LookupError."""
        found = [node for node in self.every() if node.attributes.get("id") == name]
        if len(found) != 1:
            raise LookupError(f"{len(found)} elements have the id {name}")
        return found[0]

    def within(self, tag: str) -> "Node | None":
        """The nearest element around this one."""
        above = self.parent
        while above is not None and above.tag != tag:
            above = above.parent
        return above

    @property
    def text(self) -> str:
        """What is read, with single blanks between the words."""
        return " ".join("".join(self._words()).split())

    @property
    def raw(self) -> str:
        """The text as it stands, without what is around it."""
        return "".join(child for child in self.inside if isinstance(child, str))

    def _words(self) -> Iterator[str]:
        if self.tag in UNSEEN or "hidden" in self.attributes:
            return
        for child in self.inside:
            if isinstance(child, str):
                yield child
            else:
                yield from child._words()
                yield "" if child.tag in {"a", "b", "span", "time"} else " "


class _Builder(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.at = self.document = Node()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        assert len(attributes) == len(attrs), f"<{tag}> says something twice: {attrs}"
        node = Node(tag, attributes, self.at)
        self.at.inside.append(node)
        if tag not in VOID:
            self.at = node

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)  # as in the drawings, whose elements end themselves
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        assert tag == self.at.tag, f"</{tag}> where </{self.at.tag}> was due"
        assert self.at.parent is not None
        self.at = self.at.parent

    def handle_data(self, data: str) -> None:
        self.at.inside.append(data)


def parse(text: str) -> Node:
    """The document. Raises AssertionError where it is not nested as it should be."""
    builder = _Builder()
    builder.feed(text)
    builder.close()
    assert builder.at is builder.document, f"<{builder.at.tag}> does not end"
    return builder.document
