"""The documents say what is so: picture, links, commands, version, decisions, words."""

import importlib.util
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from xml.etree import ElementTree

import pytest

from venterom import __version__

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
LINK = re.compile(r"\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)")
COMMAND = re.compile(r"`make ([a-z0-9-]+)")
SVG = "{http://www.w3.org/2000/svg}"


def graph() -> ModuleType:
    """docs/graph.py, which is a script and no part of the package."""
    spec = importlib.util.spec_from_file_location("graph", ROOT / "docs/graph.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def targets() -> set[str]:
    """What `make` can make."""
    lines = (ROOT / "Makefile").read_text(encoding="utf-8").splitlines()
    return {line.partition(":")[0] for line in lines if re.match(r"[a-z0-9%-]+:", line)}


def test_the_picture_is_what_the_code_says() -> None:
    drawn = graph().draw(graph().read_rooms(ROOT), graph().read_arrows(ROOT))
    now = (ROOT / "docs/architecture.svg").read_text(encoding="utf-8")
    assert now == drawn, "the picture is stale: run `make graph`"


def test_the_picture_shows_a_new_module_and_a_new_import(tmp_path: Path) -> None:
    for folder in ("server", "web", "queue", "rtc", "journal"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "one.py").write_text("")
    (tmp_path / "web/one.py").write_text("from venterom.rtc import one")
    (tmp_path / "queue/tables.py").write_text("import sqlalchemy")
    rooms, arrows = graph().read_rooms(tmp_path), graph().read_arrows(tmp_path)
    assert arrows == [("web", "rtc")]
    assert [(module.name, module.pure) for module in rooms["queue"]] == [
        ("one", True),
        ("tables", False),
    ]
    picture = ElementTree.fromstring(graph().draw(rooms, arrows))
    assert [text.text for text in picture.iter(f"{SVG}text")].count("tables") == 1
    assert picture.findtext(f"{SVG}desc") == "web imports rtc."


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert [link for link in LINK.findall(text) if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_commands_that_are_named_exist(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    known = targets()
    assert [
        name
        for name in COMMAND.findall(text)
        if name not in known and not (name.startswith("bench-") and "bench-%" in known)
    ] == []


def test_make_alone_lists_the_commands() -> None:
    listed = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in ("env", "demo", "demo-reset", "test", "check", "e2e", "graph", "bench-%"):
        assert re.search(rf"^  make {name} ", listed, re.MULTILINE), name


def test_the_changes_speak_of_this_version() -> None:
    first = re.search(r"^## (\S+?),? ", (ROOT / "CHANGES.md").read_text(encoding="utf-8"), re.M)
    assert first is not None and first[1] == __version__
    assert f'version = "{__version__}"' in (ROOT / "pyproject.toml").read_text(encoding="utf-8")


def test_decisions_are_numbered_without_gaps_and_say_why() -> None:
    pages = sorted((ROOT / "docs/decisions").glob("*.md"))
    for number, page in enumerate(pages, start=1):
        text = page.read_text(encoding="utf-8")
        assert page.name.startswith(f"{number:04}-") and text.startswith(f"# {number}. ")
        for part in ("**Context.**", "**Decision.**", "**Consequences.**"):
            assert part in text, f"{page.name} lacks {part}"


def test_the_glossary_has_one_term_for_each_thing() -> None:
    rows = list(_rows((ROOT / "docs/glossary.md").read_text(encoding="utf-8")))
    for column in (0, 1):
        terms = [row[column] for row in rows]
        assert sorted(set(terms)) == sorted(terms)
    assert all(row[2] for row in rows)


def _rows(text: str) -> Iterator[list[str]]:
    """The cells of a table's rows, without its head."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    for line in lines[2:]:
        yield [cell.strip() for cell in line.strip("|").split("|")]


def test_no_lock_file_holds_an_address() -> None:
    for lock in (ROOT / "requirements").glob("*.txt"):
        assert "://" not in lock.read_text(encoding="utf-8"), lock.name
    for name in ("uv.lock", "pylock.toml", "package-lock.json"):
        assert not (ROOT / name).exists()


def test_the_tests_run_on_the_versions_that_the_service_runs_on() -> None:
    pins = {name: set(_pins(name)) for name in ("run", "build", "dev")}
    assert pins["run"] and pins["build"] and pins["run"] | pins["build"] <= pins["dev"]


def _pins(name: str) -> list[str]:
    text = (ROOT / f"requirements/{name}.txt").read_text(encoding="utf-8")
    return re.findall(r"^(\S+==\S+)", text, re.MULTILINE)
