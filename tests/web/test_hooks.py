"""Pages, stylesheet and scripts hold to each other: whatever one of them names, another one has."""

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cache
from xml.etree.ElementTree import Element

import pytest

from tests.web import stylesheet
from tests.web.showcase.pages import PAGES
from tests.web.test_templates import tree
from venterom.web.pages import HERE

SCRIPTS = HERE / "static/js"
OURS = sorted(name for name, page in PAGES.items() if not page.is_the_providers)
IMPORT = re.compile(r'(?:from |import\()"\./([\w-]+\.js)"')
COMMENT = re.compile(r"^\s*(//|/?\*).*$|//.*$", re.MULTILINE)
ID = re.compile(r'(?:(?<!\.)\b(?:part|read|say|toggle|write)|getElementById)\("([a-z-]+)"')
WRITTEN_CLASS = re.compile(r'classList\.\w+\("([\w-]+)"')
WORDS = re.compile(r"words\.(\w+)")
MADE_WORDS = re.compile(
    r"words\[`(\w+_)\$"
)  # how the name of a word begins that a script puts together


@cache
def source(script: str) -> str:
    """A script without its comments."""
    return COMMENT.sub("", (SCRIPTS / script).read_text(encoding="utf-8"))


def with_imports(script: str) -> list[str]:
    """A script, and what it brings with it, at once or later."""
    found = [script]
    for each in found:
        found += [name for name in dict.fromkeys(IMPORT.findall(source(each))) if name not in found]
    return found


def loads(page: Element) -> set[str]:
    """The scripts that run in a page."""
    found = [each.get("src", "") for each in page.iter("script") if each.get("src")]
    names = [re.sub(r".*/js/([\w-]+\.js).*", r"\1", each) for each in found]
    return {script for name in names for script in with_imports(name)}


def pages_with(script: str) -> dict[str, Element]:
    """The pages that a script runs in."""
    return {name: tree(name, "nb") for name in OURS if script in loads(tree(name, "nb"))}


def ids(page: Element) -> set[str]:
    """Every id of a page."""
    return {each.get("id", "") for each in page.iter()}


def data(pages: Iterable[Element]) -> Mapping[str, set[str]]:
    """The data attributes of these pages, and the values that they have."""
    found = defaultdict(set)
    for each in (each for page in pages for each in page.iter()):
        for name, value in each.items():
            if name.startswith("data-"):
                found[name].add(value)
    return found


def knows(script: str, hook: str) -> bool:
    """Whether a script names a data attribute, in either spelling."""
    in_dataset = re.sub(r"-(.)", lambda small: small[1].upper(), hook.removeprefix("data-"))
    return re.search(rf'{hook}\b|[."]{in_dataset}\b', source(script)) is not None


EVERY_SCRIPT = sorted(path.name for path in SCRIPTS.glob("*.js"))
RULES = stylesheet.read(HERE / "static/css/app.css")
SELECTORS = " ".join(rule.selector for rule in RULES)


@cache
def every_page() -> list[Element]:
    """All pages of ours. Not before a test asks: every run of any tests would wait for them."""
    return [tree(name, "nb") for name in OURS]


@pytest.mark.parametrize("script", EVERY_SCRIPT)
def test_a_script_finds_every_part_that_it_looks_for(script: str) -> None:
    wanted = set(ID.findall(source(script)))
    missing = {name: wanted - ids(page) for name, page in pages_with(script).items()}
    assert {name: gone for name, gone in missing.items() if gone} == {}


@pytest.mark.parametrize("script", EVERY_SCRIPT)
def test_every_script_runs_somewhere(script: str) -> None:
    assert pages_with(script)


def test_every_class_is_in_the_stylesheet_and_every_one_there_is_used() -> None:
    written = {name for each in EVERY_SCRIPT for name in WRITTEN_CLASS.findall(source(each))}
    parts = (each for page in every_page() for each in page.iter())
    worn = {name for each in parts for name in each.get("class", "").split()}
    styled = set(re.findall(r"\.([a-z][\w-]*)", SELECTORS))
    assert (worn | written) - styled == set(), "has no style"
    assert styled - worn - written == set(), "is worn by nobody"


def test_every_hook_in_a_page_is_used_by_its_scripts_or_by_the_stylesheet() -> None:
    styled = SELECTORS + str([rule.declarations for rule in RULES])
    unused = {
        f"{name}: {hook}"
        for name, page in zip(OURS, every_page(), strict=True)
        for hook in data([page])
        if hook not in styled and not any(knows(script, hook) for script in loads(page))
    }
    assert unused == set()


@pytest.mark.parametrize("script", EVERY_SCRIPT)
def test_every_hook_that_a_script_looks_for_is_in_a_page_it_runs_in(script: str) -> None:
    looked_for = set(re.findall(r"\[(data-[\w-]+)", source(script)))
    assert looked_for - set(data(pages_with(script).values())) == set()


def test_whatever_the_stylesheet_waits_for_can_come() -> None:
    pages, scripts = data(every_page()), " ".join(source(each) for each in EVERY_SCRIPT)
    for hook in set(re.findall(r"\[(data-[\w-]+)", SELECTORS)):
        assert hook in pages or any(knows(script, hook) for script in EVERY_SCRIPT), hook
    for hook, value in re.findall(r'\[(data-[\w-]+)~?="([^"]+)"\]', SELECTORS):
        in_page = any(value in each.split() for each in pages.get(hook, ()))
        assert in_page or f'"{value}"' in scripts, f"{hook}={value}"


@pytest.mark.parametrize(
    ("script", "element"),
    [
        ("call.js", "words"),
        ("entrance.js", "check-words"),
        ("technical.js", "check-words"),
        ("own.js", "own-words"),
    ],
)
def test_a_script_has_the_words_it_says_and_no_others(script: str, element: str) -> None:
    text = "".join(source(each) for each in with_imports(script))
    said = set(WORDS.findall(text))
    made = tuple(MADE_WORDS.findall(text))
    for name, page in pages_with(script).items():
        given = next(each for each in page.iter("script") if each.get("id") == element)
        words = set(json.loads(given.text or ""))
        assert said - words == set(), name
        others = {each for each in words - said if not each.startswith(made)}
        assert {each for each in others if f'"{each}"' not in text} == set(), name
