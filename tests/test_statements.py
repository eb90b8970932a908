"""No statement to a database is put together from anything that somebody typed."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
CODE = ("web", "journal", "queue", "server")
RUN = frozenset({"text", "sql", "exec_driver_sql", "execute", "executemany", "executescript"})
# A part of a statement that is no constant: all of them are names of tables and settings of ours.
OURS = {
    "{STAGED.name}",
    "{PolicyRow.__tablename__}",
    "{BUSY_MS}",
    "{APART}",
    "{APART + '.' if apart else ''}",
    "{_INDEX}",
    "{'WAL' if WAL else 'TRUNCATE'}",
}


def put_together(source: str) -> Iterator[str]:
    """The parts of statements that are not written out where they are run."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        if name not in RUN:
            continue
        said = node.args[0]
        if isinstance(said, ast.JoinedStr):
            parts = [part for part in said.values if isinstance(part, ast.FormattedValue)]
            yield from (f"{{{ast.unparse(part.value)}}}" for part in parts)
        elif isinstance(said, ast.BinOp) or _formats(said):
            yield ast.unparse(said)


def _formats(said: ast.expr) -> bool:
    """Whether a text is filled in or joined where it is used."""
    if not isinstance(said, ast.Call) or not isinstance(said.func, ast.Attribute):
        return False
    return said.func.attr in {"format", "join", "replace"}


def files() -> Iterator[Path]:
    """All code that runs while the service does; migrations have no input."""
    for folder in CODE:
        yield from (p for p in (ROOT / folder).rglob("*.py") if "migrations" not in p.parts)


def test_every_statement_is_written_out_but_for_names_of_ours() -> None:
    found = {part for file in files() for part in put_together(file.read_text(encoding="utf-8"))}
    assert found == OURS


@pytest.mark.parametrize(
    "planted",
    [
        'db.execute(text(f"SELECT {name}"))',
        'db.execute(text("SELECT " + name))',
        'db.execute(text("SELECT %s" % name))',
        'connection.exec_driver_sql("SELECT {}".format(name))',
        'cursor.execute(" ".join(words))',
    ],
)
def test_one_that_is_put_together_is_found(planted: str) -> None:
    assert [*put_together(planted)]
