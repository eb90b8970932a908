"""A stylesheet read well enough for tests: its rules, each with where it holds."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
BRACE = re.compile(r"[^{}]*[{}]")


@dataclass(frozen=True)
class Rule:
    """One rule: `media` is empty where it always holds."""

    media: str
    selector: str
    declarations: dict[str, str]


def read(path: Path) -> list[Rule]:
    """The rules of a stylesheet, in its order."""
    return list(_rules(COMMENT.sub("", path.read_text(encoding="utf-8"))))


def _rules(text: str) -> Iterator[Rule]:
    around: list[str] = []
    for piece in BRACE.findall(text):
        body, brace = " ".join(piece[:-1].split()), piece[-1]
        if brace == "{":
            around.append(body)
            continue
        selector = around.pop()
        if body:
            yield Rule(" ".join(around), selector, dict(_declarations(body)))


def _declarations(body: str) -> Iterator[tuple[str, str]]:
    for each in body.split(";"):
        name, colon, value = each.partition(":")
        if colon:
            yield name.strip(), value.strip()
