"""Reads who imports whom from the source itself; the layout guards and the picture ask it."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

FOLDERS = ("server", "web", "queue", "rtc", "journal")
OURS = "venterom"


class Import(NamedTuple):
    """One import: in which file and line, of which module. `level` is the number of dots."""

    path: Path
    line: int
    module: str
    level: int = 0


def sources(root: Path, *folders: str) -> Iterator[Path]:
    """The Python files of these folders, or of all five, as paths from the root."""
    for folder in folders or FOLDERS:
        for path in sorted((root / folder).rglob("*.py")):
            yield path.relative_to(root)


def tree(root: Path, path: Path) -> ast.Module:
    """A file, parsed."""
    return ast.parse((root / path).read_text(encoding="utf-8"), str(path))


def imports(root: Path, *folders: str) -> Iterator[Import]:
    """Every import, wherever it stands: inside functions and under TYPE_CHECKING too.

    `from a import b` gives `a.b`: whether b is a module or a name in one, the folder is the same.
    """
    for path in sources(root, *folders):
        yield from _imports(path, (root / path).read_text(encoding="utf-8"))


@cache
def _imports(path: Path, text: str) -> tuple[Import, ...]:
    """Those of one file: six guards ask for them."""
    found = []
    for node in ast.walk(ast.parse(text, str(path))):
        if isinstance(node, ast.Import):
            found += [Import(path, node.lineno, name.name) for name in node.names]
        elif isinstance(node, ast.ImportFrom):
            for name in node.names:
                module = f"{node.module or ''}.{name.name}"
                found.append(Import(path, node.lineno, module, node.level))
    return tuple(found)


def own(module: str) -> str | None:
    """`queue.promise` from `venterom.queue.promise`; None for what is not one of our folders."""
    first, _, rest = module.partition(".")
    return rest if first == OURS and rest.split(".")[0] in FOLDERS else None
