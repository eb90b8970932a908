"""Every word that a person reads is marked for translation, and the extractor sees each mark."""

import ast
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from jinja2 import Environment, nodes

from tests.imports import FOLDERS, sources
from venterom.web.pages import environments, read_static
from venterom.web.text import LANGUAGES
from venterom.web.words.extract import MARKS, METHODS, OPTIONS, SOURCES, forms, wanted

ROOT = Path(__file__).resolve().parents[2]
NORWEGIAN = re.compile(
    r"[æøåÆØÅ]|\b(ikke|eller|du|det|som|har|til|fra)\b.* |.* \b(ikke|eller|du)\b"
)
NAMES = {"Venterom", "ICPC-2", *LANGUAGES.values()}  # the same in every language
READ = re.compile(r'\b(?:alt|aria-label|placeholder|title)="([^"]*)"')  # by people
LETTER = re.compile(r"[^\W\d_]")
JINJA = re.compile(
    r"\{#.*?#\}|\{% trans .*?endtrans %\}|\{% block body_class %\}\w*|\{\{.*?\}\}|\{%.*?%\}",
    re.S,
)
TEMPLATES = [*(ROOT / "web").rglob("*.html"), *(ROOT / "server").rglob("*.html")]
SCRIPTS = sorted((ROOT / "web/static/js").glob("*.js"))
# The invented world speaks bokmål, as its people do, and so does what is handed over with a record;
# commands and insurers' programs are spoken to in English, with Norwegian names in examples.
OTHERS = ("export", "insurers", "policies", "programs")
CODE = [
    path
    for path in sources(ROOT, *SOURCES)
    if not path.is_relative_to("server/demo")
    and not path.is_relative_to("web/insurer_api")
    and path not in {Path(f"server/{name}.py") for name in OTHERS}
]

Look = Callable[[str], Iterator[str]]


@cache
def known() -> frozenset[str]:
    """Every text that is marked somewhere, in each of its forms."""
    return frozenset(form for message in wanted() if message.id for form in forms(message.id))


def for_people(text: str) -> bool:
    """Whether a text in code looks like words for a person."""
    return text not in NAMES and (text in known() or bool(NORWEGIAN.search(text)))


def unmarked_code(text: str) -> Iterator[str]:
    """Words in Python that are neither marked nor an explanation of the code."""
    module = ast.parse(text)
    marked = {
        id(inner)
        for node in ast.walk(module)
        for inner in ast.walk(node)
        if (isinstance(node, ast.Call) and ast.unparse(node.func) in MARKS)
        or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
    }
    for node in ast.walk(module):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            if id(node) not in marked and for_people(node.value):
                yield node.value


def unmarked_script(text: str) -> Iterator[str]:
    """Words in a script: it has none, a page hands them over."""
    code = re.sub(r"/\*.*?\*/|(?<!\S)// [^\n]*", "", text, flags=re.S)
    for literal in re.findall(r'"((?:[^"\\\n]|\\.)*)"|`([^`]*)`', code):
        if for_people("".join(literal)):
            yield "".join(literal)


def unmarked_page(source: str) -> Iterator[str]:
    """Words that stand in a template as they are, and words in its expressions."""
    bare = JINJA.sub("", source)
    text = re.sub(r'<[^>]*>| [\w-]+="[^"]*"', "\n", bare)
    for words in [*READ.findall(bare), *text.splitlines()]:
        if LETTER.search(words) and words.strip(" ·–") not in NAMES:
            yield words.strip()
    tree = Environment(extensions=["jinja2.ext.i18n"]).parse(source)
    calls = [call for call in tree.find_all(nodes.Call) if getattr(call.node, "name", "") in MARKS]
    marked = {id(const) for call in calls for const in call.find_all(nodes.Const)}
    for const in tree.find_all(nodes.Const):
        if id(const) not in marked and isinstance(const.value, str) and for_people(const.value):
            yield const.value


@pytest.mark.parametrize("path", CODE, ids=str)
def test_code_says_nothing_unmarked(path: Path) -> None:
    assert list(unmarked_code((ROOT / path).read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_scripts_have_no_words_of_their_own(path: Path) -> None:
    assert list(unmarked_script(path.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_pages_say_nothing_unmarked(path: Path) -> None:
    assert list(unmarked_page(path.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize(
    ("look", "text", "found"),
    [
        (unmarked_code, 'x = {"role": "Lege"}', ["Lege"]),  # known elsewhere, unmarked here
        (unmarked_code, 'x = f"{age} år"', [" år"]),
        (unmarked_code, 'raise E("Dette er ikke bra")', ["Dette er ikke bra"]),
        (unmarked_code, '"""Noe på bokmål: står for koden."""', []),
        (unmarked_code, 'x = N_("Lege")', []),
        (
            unmarked_script,
            '// Says\n/** it */\na.textContent = "Prøv igjen"; // so',
            ["Prøv igjen"],
        ),
        (unmarked_script, "a.textContent = `Lagret ${time} på nytt`;", ["Lagret ${time} på nytt"]),
        (unmarked_script, 'say(words.retry); // Prøv igjen\nimport x from "./lege.js";', []),
        (unmarked_page, "<p>Welcome</p>", ["Welcome"]),
        (unmarked_page, '<a aria-label="Lukk" href="/x">{{ _("Lege") }}</a>', ["Lukk"]),
        (unmarked_page, '{{ badge("Lege") }}', ["Lege"]),
        (unmarked_page, '{{ {"lost": "Vi kobler på nytt"} | tojson }}', ["Vi kobler på nytt"]),
        (unmarked_page, '{# Ny #}<p class="a b">{% trans n=n %}{{ n }} lege{% endtrans %}</p>', []),
        (unmarked_page, '<p title="{{ _(\'Lege\') }}">Venterom · {{ _("%(n)s år", n=1) }}</p>', []),
    ],
)
def test_planted_words_are_found(look: Look, text: str, found: list[str]) -> None:
    assert list(look(text)) == found


def test_every_kind_of_mark_is_seen(tmp_path: Path) -> None:
    page = """<p>{{ _("A") }}</p><p title="{{ _('B') }}">{% trans %}C{% endtrans %}
    {% trans count=n %}{{ count }} D{% pluralize %}{{ count }} Ds{% endtrans %}</p>
    <script type="application/json">{{ {"e": _("E {n}"), "f": _("F %(x)s", x=1)} | tojson }}
    </script>
    {% macro m() %}{{ badge(_("G") if x else _("H")) }}{% endmacro %}"""
    (tmp_path / "web/templates/deep").mkdir(parents=True)
    (tmp_path / "web/templates/deep/page.html").write_text(page)
    (tmp_path / "server/deep").mkdir(parents=True)
    (tmp_path / "server/deep/code.py").write_text('X = {1: N_("I"\n" and J")}')
    seen = {form for message in wanted(tmp_path) if message.id for form in forms(message.id)}
    texts = {"A", "B", "C", "E {n}", "F %(x)s", "G", "H", "I and J"}
    assert seen == texts | {"%(count)s D", "%(count)s Ds"}


def test_the_extractor_reads_pages_as_pages_are_read() -> None:
    environment = environments(read_static())["nb"]
    for path in (ROOT / "web/templates").rglob("*.html"):
        source = path.read_text(encoding="utf-8")
        said = environment.extract_translations(source)  # type: ignore[attr-defined]  # added by the extension
        seen = {form for _line, _name, text in said for form in forms(text) if form}
        assert seen <= known(), path.name


def test_only_the_folders_that_are_searched_speak_to_people() -> None:
    for folder in set(FOLDERS) - set(SOURCES):
        found = extract_from_dir(ROOT / folder, METHODS, OPTIONS, keywords=MARKS)
        assert list(found) == [], folder
