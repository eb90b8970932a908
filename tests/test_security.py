"""docs/security.md is true: every number of the chapters stands there, every test exists."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "docs/security.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| (\d+\.\d+\.\d+) \| ([123]) \| (.+) \| (.+) \| (.+) \|$", re.MULTILINE)
SHOWN = re.compile(r"`(tests/[\w/]+\.py):(\w+)`")
# ASVS 5.0.0: how many requirements each section has, in their order.
SECTIONS = {
    3: (1, 3, 5, 8, 8, 1, 5),
    4: (5, 5, 2, 4),
    6: (3, 12, 8, 6, 8, 4, 2, 4),
    7: (3, 4, 2, 5, 3, 2),
    8: (4, 4, 3, 2),
    9: (3, 4),
    10: (2, 3, 5, 16, 5, 2, 3),
}
SAID_HERE = {"3.1.1", "6.1.1", "6.1.3", "7.1.1", "7.1.2", "7.1.3", "8.1.2", "8.1.3", "8.1.4"}


def numbers() -> Iterator[str]:
    """All that ASVS has in these chapters."""
    for chapter, sections in SECTIONS.items():
        for section, requirements in enumerate(sections, 1):
            yield from (f"{chapter}.{section}.{n}" for n in range(1, requirements + 1))


def missing(text: str, root: Path) -> Iterator[str]:
    """The tests that it names and that there are not."""
    for path, name in SHOWN.findall(text):
        file = root / path
        found = ast.walk(ast.parse(file.read_text(encoding="utf-8"))) if file.is_file() else ()
        kinds = ast.FunctionDef | ast.AsyncFunctionDef
        if name not in {node.name for node in found if isinstance(node, kinds)}:
            yield f"{path}:{name}"


def test_every_requirement_stands_there_once_and_in_order() -> None:
    assert [row[0] for row in ROW.findall(PAGE)] == [*numbers()]


def test_every_test_that_is_named_exists() -> None:
    assert [*missing(PAGE, ROOT)] == []


def test_what_is_met_is_shown_and_what_is_not_has_a_reason() -> None:
    for number, _level, _asked, how, shown in ROW.findall(PAGE):
        if shown == "–":
            assert re.match(r"\*\*(Not met|Does not apply):\*\* \w", how), number
        elif shown == "this page":
            assert number in SAID_HERE, number
        else:
            assert SHOWN.fullmatch(shown) and not how.startswith("**"), number


def test_a_test_that_is_gone_is_found(tmp_path: Path) -> None:
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests/test_one.py").write_text("async def test_it(): ...", encoding="utf-8")
    told = "`tests/test_one.py:test_it` `tests/test_one.py:test_other` `tests/gone.py:test_it`"
    assert [*missing(told, tmp_path)] == ["tests/test_one.py:test_other", "tests/gone.py:test_it"]
