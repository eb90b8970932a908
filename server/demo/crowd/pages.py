"""A page as a robot sees it: its forms, its links, its live part, and a few marked texts.

Strict on purpose: what is not on the page cannot be pressed, and what a form does not ask for
cannot be typed. So a robot that finds its way shows that a person would.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from yarl import URL

LONGEST_WORD = 20  # characters of a part of an address; longer ones are ids


class Unexpected(Exception):
    """The robot stands before something that it has not learnt."""


@dataclass(frozen=True, slots=True)
class Button:
    """What can be pressed. The label is the first of its texts."""

    name: str
    value: str
    label: str


@dataclass(slots=True)
class Form:
    """What would be sent as it stands, what can be chosen, and what can be pressed."""

    action: str
    values: dict[str, str] = field(default_factory=dict)
    choices: dict[str, list[str]] = field(default_factory=dict)
    buttons: list[Button] = field(default_factory=list)

    @property
    def names(self) -> set[str]:
        """Whatever it asks for."""
        return {*self.values, *self.choices, *(button.name for button in self.buttons)}

    def filled(self, button: Button | None = None, /, **typed: str) -> dict[str, str]:
        """What is sent. Raises Unexpected when that cannot be typed or chosen here."""
        for name, value in typed.items():
            if name not in self.names:
                raise Unexpected(f"there is no field {name}")
            if value not in self.choices.get(name, [value]):
                raise Unexpected(f"{name} cannot be answered so")
        pressed = {button.name: button.value} if button and button.name else {}
        return {**self.values, **typed, **pressed}


@dataclass(frozen=True, slots=True)
class Page:
    """What a robot sees of a page, or of the live part of one."""

    url: URL
    forms: tuple[Form, ...] = ()
    links: Mapping[str, str] = field(default_factory=dict)  # address -> data-keep, or nothing
    live: str = ""  # the address of the socket that keeps the page up to date
    marks: Mapping[str, str] = field(default_factory=dict)  # id or class -> the first such text

    @property
    def path(self) -> str:
        """Which page it is."""
        return self.url.path

    @property
    def token(self) -> str:
        """What every form of ours carries. Raises Unexpected."""
        return self.asking("csrf").values["csrf"]

    def find(self, action: str) -> Form | None:
        """The form that is sent to this address, if it is there."""
        return next((form for form in self.forms if form.action == action), None)

    def form(self, action: str) -> Form:
        """The same, where it has to be. Raises Unexpected."""
        found = self.find(action)
        if found is None:
            raise Unexpected(f"{self.route}: nothing is sent to {action.rpartition('/')[2]}")
        return found

    def asking(self, *names: str) -> Form:
        """The form with these fields or buttons. Raises Unexpected."""
        for form in self.forms:
            if form.names.issuperset(names):
                return form
        raise Unexpected(f"{self.route}: nothing asks for {', '.join(names)}")

    def buttons(self, name: str) -> list[tuple[Form, Button]]:
        """Every button of this name, with the form that it sends."""
        return [(form, each) for form in self.forms for each in form.buttons if each.name == name]

    def mark(self, name: str) -> str:
        """The text that is marked so. Raises Unexpected."""
        if name not in self.marks:
            raise Unexpected(f"{self.route}: there is no {name}")
        return self.marks[name]

    @property
    def route(self) -> str:
        """The address without the ids in it, for a line that people read."""
        parts = self.path.split("/")
        return "/".join("…" if len(part) > LONGEST_WORD else part for part in parts)
