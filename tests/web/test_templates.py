"""Every page in every state, in every language, is sound: each rule proved by a planted fault.

The pages are left in var/pages/ for html-validate (`make browser-code`), and for people to look at.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from xml.etree.ElementTree import Element

import html5lib
import pytest

from tests.web.showcase.pages import PAGES
from venterom.web.pages import HERE
from venterom.web.text import LANGUAGES

FOLDER = Path("var/pages")
FIELDS = ("input", "select", "textarea", "meter", "progress")
POINTERS = ("aria-describedby", "aria-labelledby", "aria-controls", "for", "list")
FETCHING = ("src", "srcset", "poster", "action", "formaction", "data")

Rule = Callable[[Element], Iterator[str]]


def parse(page: str) -> Element:
    """The tree of a page. Raises ParseError on anything that the standard calls an error."""
    parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
    root: Element = parser.parse(page)
    return root


@cache
def tree(name: str, language: str) -> Element:
    """The tree of one page."""
    return parse(PAGES[name].render(language))


def texts(root: Element) -> str:
    """What stands in it, in one line."""
    return " ".join("".join(root.itertext()).split())


# The rules


def one_heading(page: Element) -> Iterator[str]:
    """There is one h1, and it says something."""
    headings = [texts(each) for each in page.iter("h1")]
    if len(headings) != 1 or not headings[0]:
        yield f"h1: {headings}"


def title_and_language(page: Element) -> Iterator[str]:
    """The page has a title and says which language it is in."""
    if not page.findtext("head/title", "").partition("·")[0].strip():
        yield "no title"
    if page.get("lang") not in LANGUAGES:
        yield f"lang={page.get('lang')}"


def nothing_inline(page: Element) -> Iterator[str]:
    """No script, style or handler stands in the page: the policy would refuse them."""
    for each in page.iter():
        yield from (f"{each.tag} {name}" for name in each.keys() if name.startswith("on"))
        if each.tag == "style" or "style" in each.keys():
            yield f"style in {each.tag}"
        if each.tag == "script" and not each.get("src") and each.get("type") != "application/json":
            yield "script"
        if each.get("href", "").startswith("javascript:"):
            yield "javascript:"


def forms_are_ours(page: Element) -> Iterator[str]:
    """Whatever is posted carries the token of this reader."""
    for form in page.iter("form"):
        names = [each.get("name") for each in form.iter("input") if each.get("type") == "hidden"]
        if form.get("method") != "post" or names.count("csrf") != 1:
            yield f"form to {form.get('action', 'itself')}: {names}"


def fields_have_labels(page: Element) -> Iterator[str]:
    """Each field has a word of its own, and each picture one in its stead."""
    labels = {each.get("for") for each in page.iter("label") if texts(each)}
    inside = {id(field) for label in page.iter("label") if texts(label) for field in label.iter()}
    for field in (each for tag in FIELDS for each in page.iter(tag)):
        named = id(field) in inside or field.get("id", "") in labels or field.get("aria-label")
        if field.get("type") != "hidden" and not named:
            yield f"{field.tag} {field.get('name')}"
    yield from (f"img {each.get('src')}" for each in page.iter("img") if each.get("alt") is None)


def buttons_say_what_they_do(page: Element) -> Iterator[str]:
    """A link or button has a name, and each icon leaves the naming to it; a plot has its own."""
    for each in (*page.iter("a"), *page.iter("button")):
        if not texts(each):
            yield f"{each.tag} {each.get('href', each.get('id'))}"
    for each in page.iter("{http://www.w3.org/2000/svg}svg"):
        is_plot = each.get("role") == "img" and each.get("aria-labelledby")
        if not is_plot and each.get("aria-hidden") != "true":
            yield "svg"


def ids_are_one_each(page: Element) -> Iterator[str]:
    """No id twice, and whoever points to one finds it."""
    ids = Counter(each.get("id") for each in page.iter() if each.get("id"))
    yield from (f"{name} twice" for name, times in ids.items() if times > 1)
    for each in page.iter():
        wanted = [name for pointer in POINTERS for name in each.get(pointer, "").split()]
        if each.tag == "a" and each.get("href", "").startswith("#"):
            wanted.append(each.get("href", "")[1:])
        yield from (f"{each.tag} points to {name}" for name in wanted if name not in ids)


def nobody_else_is_asked(page: Element) -> Iterator[str]:
    """A browser that shows the page sends nothing to anybody but us."""
    for each in page.iter():
        names = (*FETCHING, "href") if each.tag == "link" else FETCHING
        addresses = [each.get(name, "") for name in names if each.get(name)]
        yield from (at for at in addresses if not at.startswith("/") or at.startswith("//"))


RULES: dict[str, Rule] = {
    rule.__name__: rule
    for rule in (
        one_heading,
        title_and_language,
        nothing_inline,
        forms_are_ours,
        fields_have_labels,
        buttons_say_what_they_do,
        ids_are_one_each,
        nobody_else_is_asked,
    )
}


def leave_for_people() -> None:
    """Every page as a file, instead of those of an earlier run."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for old in FOLDER.glob("*.html"):
        old.unlink()
    for name, page in PAGES.items():
        (FOLDER / f"{name}.html").write_text(page.render("nb"), encoding="utf-8")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_keeps_every_rule(language: str) -> None:
    """By language and not by rule: tests run in several processes, and each page is read in one."""
    if language == "nb":
        leave_for_people()
    found = {
        f"{name}: {rule}": faults
        for name, page in PAGES.items()
        for rule, faults_of in RULES.items()
        if not (rule == "forms_are_ours" and page.is_the_providers)  # it knows no sign-in
        and (faults := list(faults_of(tree(name, language))))
    }
    assert found == {}
    others = [name for name in PAGES if tree(name, language).get("lang") != language]
    assert others == [], "not in the language that was asked for"


def test_every_template_is_shown_in_some_state() -> None:
    root = HERE / "templates"
    parts = {"base.html", "parts.html", "call.html", "check.html"}
    parts |= {
        "doctor/frame.html",
        "doctor/paper_frame.html",
        "mine/frame.html",
        "doctor/tested.html",
        "director/frame.html",
        "director/plot.html",
        "insurer/frame.html",
    }
    files = {path.relative_to(root).as_posix() for path in root.rglob("*.html")}
    whole = {file for file in files - parts if not Path(file).name.startswith("_")}
    assert whole - {page.template for page in PAGES.values()} == set()


SOUND = """<!doctype html><html lang="nb"><head><meta charset="utf-8"><title>Vakt · Venterom</title>
<link rel="stylesheet" href="/a.css"></head><body><h1>Vakt</h1><form method="post">
<input type="hidden" name="csrf"><label for="until">Til</label><input id="until" name="until">
<button>Endre</button></form></body></html>"""


def test_a_sound_page_is_left_alone() -> None:
    assert {name: list(rule(parse(SOUND))) for name, rule in RULES.items()} == {
        name: [] for name in RULES
    }


@pytest.mark.parametrize(
    ("rule", "old", "new"),
    [
        ("one_heading", "<h1>Vakt</h1>", ""),
        ("one_heading", "<h1>Vakt</h1>", "<h1>Vakt</h1><h1>Vakt</h1>"),
        ("one_heading", "<h1>Vakt</h1>", "<h1> </h1>"),
        ("title_and_language", "Vakt · Venterom", " · Venterom"),
        ("title_and_language", ' lang="nb"', ""),
        ("nothing_inline", "<h1>", '<h1 style="color: red">'),
        ("nothing_inline", "<h1>", '<h1 onclick="go()">'),
        ("nothing_inline", "<h1>", "<script>go()</script><h1>"),
        ("nothing_inline", "</head>", "<style>h1 { color: red }</style></head>"),
        ("nothing_inline", "<h1>", '<a href="javascript:go()">a</a><h1>'),
        ("forms_are_ours", '<input type="hidden" name="csrf">', ""),
        ("forms_are_ours", ' method="post"', ""),
        ("fields_have_labels", 'for="until"', 'for="till"'),
        ("fields_have_labels", "Til</label>", "</label>"),
        ("fields_have_labels", "<h1>", '<img src="/a.png"><h1>'),
        ("buttons_say_what_they_do", "Endre", ""),
        ("buttons_say_what_they_do", "Endre", "<svg></svg>Endre"),
        ("buttons_say_what_they_do", "Endre", '<svg role="img"></svg>Endre'),
        ("ids_are_one_each", "<h1>", '<h1 id="until">'),
        ("ids_are_one_each", "<h1>", '<h1 aria-describedby="hint">'),
        ("ids_are_one_each", "<h1>", '<a href="#list">a</a><h1>'),
        ("nobody_else_is_asked", "/a.css", "https://fonts.example/a.css"),
        ("nobody_else_is_asked", "<h1>", '<img alt="" src="//pixel.example/1"><h1>'),
    ],
)
def test_a_planted_fault_is_found(rule: str, old: str, new: str) -> None:
    assert old in SOUND
    assert list(RULES[rule](parse(SOUND.replace(old, new, 1))))


@pytest.mark.parametrize("name", [name for name, page in PAGES.items() if page.me])
def test_every_page_behind_a_sign_in_has_a_way_out(name: str) -> None:
    if PAGES[name].template != "mine/sheet.html":  # that one lies in a file
        assert [each for each in tree(name, "nb").iter("form") if each.get("action") == "/sign-out"]


def test_what_the_standard_calls_an_error_is_one_here() -> None:
    with pytest.raises(html5lib.html5parser.ParseError):
        parse(SOUND.replace("</h1>", "</h2>"))
