"""Whatever is written can be read, by day and by night: the contrast of every pair of colours used.

Colours are named by role in the stylesheets, so the pairs are few. WCAG 2.2: 1.4.3 and 1.4.11.
"""

import re
from collections.abc import Iterator

import pytest

from tests.web import stylesheet
from tests.web.test_templates import tree
from venterom.server.demo.identity import TEMPLATES
from venterom.web.pages import HERE

TEXT, EDGE = 4.5, 3.0  # least contrast of words; of edges, icons and the focus ring
WHITE, BLACK = (255.0, 255.0, 255.0), (0.0, 0.0, 0.0)
SHEETS = {"app": HERE / "static/css/app.css", "demonstration": TEMPLATES / "demonstration.css"}
NIGHT = "@media (prefers-color-scheme: dark)"
FRONT = re.compile("color|stroke|accent-color|text-decoration|border(?!-radius)|outline")
BACK = re.compile("background|fill")
ROLE = re.compile(r"var\(--([\w-]+)\)")

# Role, the grounds that it stands on, and the least contrast.
PAIRS: dict[str, list[tuple[str, str, float]]] = {
    "app": [
        ("ink", "paper card birch", TEXT),
        ("ink-soft", "paper card birch", TEXT),
        ("fjord", "paper card birch on-fjord", TEXT),
        ("fjord-deep", "paper card birch", TEXT),
        ("on-fjord", "fjord fjord-deep", TEXT),
        ("good", "paper card birch", TEXT),
        ("watch", "paper card birch", TEXT),
        ("late", "paper card birch", TEXT),
        ("emergency", "emergency-ground", TEXT),
        ("on-stage", "stage stage-control", TEXT),
        ("stage", "on-stage", TEXT),
        ("on-leave", "leave", TEXT),
        ("line", "paper card birch", EDGE),
        ("leave", "stage", EDGE),
    ],
    "demonstration": [
        ("ink", "paper card", TEXT),
        ("soft", "paper card", TEXT),
        ("sign", "paper card", TEXT),
        ("sign-ink", "sign", TEXT),
        ("edge", "paper card", EDGE),
    ],
}
ORNAMENT = {"hair"}  # lines that nothing depends on seeing
VEIL = "stage-veil"  # lies over a picture, of which nobody knows the colour

Colour = tuple[float, float, float]
PAIR_ROWS = [
    pytest.param(sheet, night, front, ground, least, id=f"{sheet}-{time}-{front}-on-{ground}")
    for sheet, rows in PAIRS.items()
    for time, night in (("day", False), ("night", True))
    for front, grounds, least in rows
    for ground in grounds.split()
]


def roles(sheet: str, night: bool) -> dict[str, str]:
    """The value of each role."""
    found: dict[str, str] = {}
    for rule in stylesheet.read(SHEETS[sheet]):
        if rule.selector == ":root" and (rule.media == "" or (night and rule.media == NIGHT)):
            found |= {
                name[2:]: value for name, value in rule.declarations.items() if name[:2] == "--"
            }
    return found


def hexadecimal(value: str) -> Colour:
    """#rrggbb as three numbers."""
    red, green, blue = (float(int(value[at : at + 2], 16)) for at in (1, 3, 5))
    return red, green, blue


def luminance(colour: Colour) -> float:
    """Relative luminance, as WCAG defines it."""
    parts = (part / 255 for part in colour)
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: Colour, other: Colour) -> float:
    """From 1 (the same) to 21 (black on white)."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def used(sheet: str, properties: re.Pattern[str]) -> Iterator[str]:
    """The roles that stand in such properties."""
    for rule in stylesheet.read(SHEETS[sheet]):
        for name, value in rule.declarations.items():
            if rule.media != "@media print" and properties.match(name):
                yield from ROLE.findall(value)


@pytest.mark.parametrize(("sheet", "night", "front", "ground", "least"), PAIR_ROWS)
def test_a_role_can_be_seen_on_its_ground(
    sheet: str, night: bool, front: str, ground: str, least: float
) -> None:
    value = roles(sheet, night)
    assert contrast(hexadecimal(value[front]), hexadecimal(value[ground])) >= least


@pytest.mark.parametrize("sheet", SHEETS)
def test_every_role_that_is_used_is_in_the_table(sheet: str) -> None:
    fronts = {front for front, _, _ in PAIRS[sheet]}
    grounds = {ground for _, each, _ in PAIRS[sheet] for ground in each.split()}
    assert set(used(sheet, FRONT)) - fronts - ORNAMENT == set()
    assert set(used(sheet, BACK)) - fronts - grounds - ORNAMENT - {VEIL} == set()


@pytest.mark.parametrize("sheet", SHEETS)
def test_colours_are_written_by_role_only(sheet: str) -> None:
    loose = {
        f"{rule.selector} {name}: {value}"
        for rule in stylesheet.read(SHEETS[sheet])
        for name, value in rule.declarations.items()
        if not name.startswith("--")
        and rule.media != "@media print"
        and re.search(r"#[0-9a-fA-F]{3}|rgb|hsl", value)
    }
    assert loose == set()


def test_names_can_be_read_over_any_picture() -> None:
    value = roles("app", night=False)
    *veil, percent = (float(part) for part in re.findall(r"[\d.]+", value[VEIL]))
    for picture in (WHITE, BLACK):
        over = [
            v * percent / 100 + p * (1 - percent / 100) for v, p in zip(veil, picture, strict=True)
        ]
        assert contrast(hexadecimal(value["on-stage"]), (over[0], over[1], over[2])) >= TEXT


def test_the_browsers_own_bar_has_the_colour_of_the_page() -> None:
    bars = {
        each.get("media"): each.get("content")
        for each in tree("landing-promise", "nb").iter("meta")
        if each.get("name") == "theme-color"
    }
    assert bars == {
        "(prefers-color-scheme: light)": roles("app", night=False)["paper"],
        "(prefers-color-scheme: dark)": roles("app", night=True)["paper"],
    }


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [
        ("#000000", "#ffffff", 21.0),
        ("#777777", "#ffffff", 4.48),  # the grey that just fails
        ("#0b5563", "#0b5563", 1.0),
    ],
)
def test_contrast_is_what_wcag_says(one: str, other: str, ratio: float) -> None:
    assert contrast(hexadecimal(one), hexadecimal(other)) == pytest.approx(ratio, abs=0.01)
