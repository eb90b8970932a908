"""docs/rules.md is the newcomer's index: every place that it names exists."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.imports import tree

ROOT = Path(__file__).resolve().parent.parent
INDEX = ROOT / "docs" / "rules.md"
PLACE = re.compile(r"`([\w./-]+/[\w.-]+\.\w+)(?::([\w.]+))?`")  # `queue/promise.py:decide`


def missing_places(text: str, root: Path) -> Iterator[str]:
    """The files, and the names in them, that the index speaks of and that are not there."""
    for path, name in PLACE.findall(text):
        if not (root / path).is_file():
            yield path
        elif name and name not in set(_names(tree(root, Path(path)))):
            yield f"{path}:{name}"


def _names(module: ast.Module) -> Iterator[str]:
    """What a file defines: functions, constants, classes and what stands in them."""
    for node in module.body:
        yield from _defined(node)
        if isinstance(node, ast.ClassDef):
            for inner in node.body:
                yield from (f"{node.name}.{name}" for name in _defined(inner))


def _defined(node: ast.stmt) -> Iterator[str]:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield node.name
    elif isinstance(node, ast.Assign):
        yield from (target.id for target in node.targets if isinstance(target, ast.Name))
    elif isinstance(node, ast.AnnAssign):
        yield ast.unparse(node.target)


def test_every_place_in_the_index_exists() -> None:
    assert list(missing_places(INDEX.read_text(encoding="utf-8"), ROOT)) == []


def test_the_index_names_every_folder_that_knows_a_subject() -> None:
    named = {path.split("/")[0] for path, _ in PLACE.findall(INDEX.read_text(encoding="utf-8"))}
    assert {"queue", "rtc", "journal", "web", "server"} <= named


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("`queue/promise.py:decide`", []),
        ("`queue/promise.py:PROMISE`", []),
        ("`queue/promise.py:Decision.LATER`", []),
        ("`queue/coverage/usage.py`", []),
        # gone, renamed, or never there
        ("`queue/order.py`", ["queue/order.py"]),
        ("`queue/promise.py:promised_by`", ["queue/promise.py:promised_by"]),
        ("`queue/promise.py:Decision.SOONER`", ["queue/promise.py:Decision.SOONER"]),
        ("`queue/coverage/usage.py:monthly`", ["queue/coverage/usage.py:monthly"]),
    ],
)
def test_a_place_that_is_gone_is_found(text: str, missing: list[str], tmp_path: Path) -> None:
    (tmp_path / "queue/coverage").mkdir(parents=True)
    (tmp_path / "queue/promise.py").write_text(
        "PROMISE = 20\nclass Decision:\n    LATER = 1\ndef decide(): ..."
    )
    (tmp_path / "queue/coverage/usage.py").write_text("")
    assert list(missing_places(text, tmp_path)) == missing
