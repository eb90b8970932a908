"""Draws docs/architecture.svg: the folders as rooms, their modules, and who imports whom.

Everything in the picture is read from the code; only where the rooms stand is laid out by hand:

    server │ web
           │ queue  rtc  journal
"""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests import guards  # noqa: E402  (the line above makes it findable as a script)
from tests.imports import imports, own, sources  # noqa: E402

PICTURE = ROOT / "docs" / "architecture.svg"

MARGIN, GAP, PAD = 20, 44, 16  # px: round the picture, between rooms, inside a room
HEAD, LINE = 32, 19  # px: a room's name, a module's name
COLUMN = 112  # px: the longest module name in small type
SERVER_COLUMNS, WEB_COLUMNS, SUBJECT_COLUMNS = 2, 6, 2
SUBJECTS = ("queue", "rtc", "journal")

STYLE = """
  svg { --paper: #fbfaf7; --card: #fff; --ink: #1b2a30; --soft: #4c5b61; --line: #737f85;
        --fjord: #0b5563; background: var(--paper); font-family: system-ui, sans-serif }
  @media (prefers-color-scheme: dark) {
    svg { --paper: #14191c; --card: #1c2327; --ink: #eef1ef; --soft: #b3bec1; --line: #74838a;
          --fjord: #7cc4cf } }
  .room { fill: var(--card); stroke: var(--line) }
  .name { fill: var(--ink); font-size: 17px; font-weight: 600 }
  .part { fill: var(--soft); font-size: 13px; font-weight: 600 }
  .pure { fill: var(--fjord); font-size: 13px }
  .other { fill: var(--soft); font-size: 13px }
  .arrow { fill: none; stroke: var(--fjord); stroke-width: 1.75; marker-end: url(#head) }
  .head { fill: var(--fjord) }
"""


@dataclass(frozen=True, slots=True)
class Module:
    """One file's name, and whether it does without I/O, clock and chance."""

    name: str
    pure: bool


Rooms = dict[str, list[Module]]  # `queue` and `queue/coverage` -> their modules


@dataclass(frozen=True, slots=True)
class Box:
    """Where a room stands."""

    x: int
    y: int
    width: int
    height: int

    @property
    def right(self) -> int:
        return self.x + self.width

    @property
    def bottom(self) -> int:
        return self.y + self.height

    @property
    def middle(self) -> int:
        return self.x + self.width // 2


def read_rooms(root: Path) -> Rooms:
    """Every folder with Python in it, and its modules."""
    touched = guards.not_pure(root)
    rooms: Rooms = {}
    for path in sources(root):
        subject = path.as_posix().startswith(guards.PURE_FOLDERS)
        module = Module(path.stem, subject and path.as_posix() not in touched)
        rooms.setdefault(path.parent.as_posix(), []).append(module)
    return rooms


def read_arrows(root: Path) -> list[tuple[str, str]]:
    """Which of the five folders imports which other."""
    pairs = {(each.path.parts[0], own(each.module)) for each in imports(root)}
    found = {(start, end.split(".")[0]) for start, end in pairs if end}
    return sorted((start, end) for start, end in found if start != end)


def draw(rooms: Rooms, arrows: Sequence[tuple[str, str]]) -> str:
    """The picture, as SVG."""
    boxes = _place(rooms)
    width = boxes["web"].right + MARGIN
    height = boxes["server"].bottom + GAP + LINE + MARGIN
    told = "; ".join(f"{start} imports {end}" for start, end in arrows)
    body = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img"',
        '  aria-labelledby="title told">',
        '<title id="title">The house: five folders and who imports whom</title>',
        f'<desc id="told">{told}.</desc>',
        f"<style>{STYLE}</style>",
        '<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7"',
        '  markerHeight="7" orient="auto"><path class="head" d="M0 0 8 4 0 8z"/></marker></defs>',
    ]
    for name, box in boxes.items():
        body += _room(name, rooms, box)
    body += [f'<path class="arrow" d="{_way(boxes, *arrow)}"/>' for arrow in arrows]
    body += _legend(boxes["server"].x, height - MARGIN)
    return "\n".join([*body, "</svg>", ""])


def _place(rooms: Rooms) -> dict[str, Box]:
    """The layout: the process at the left, beside everything; web above the three subjects."""
    left = MARGIN + _width(SERVER_COLUMNS) + GAP
    each = _width(SUBJECT_COLUMNS)
    whole = len(SUBJECTS) * (each + GAP) - GAP
    web = Box(left, MARGIN, whole, _height("web", rooms))
    tallest = max(_height(name, rooms) for name in SUBJECTS)
    top = web.bottom + GAP
    bottom = max(top + tallest, MARGIN + _height("server", rooms))
    boxes = {"server": Box(MARGIN, MARGIN, _width(SERVER_COLUMNS), bottom - MARGIN), "web": web}
    for place, name in enumerate(SUBJECTS):
        boxes[name] = Box(left + place * (each + GAP), top, each, bottom - top)
    return boxes


def _width(columns: int) -> int:
    return columns * COLUMN + 2 * PAD


def _columns(room: str) -> int:
    return {"server": SERVER_COLUMNS, "web": WEB_COLUMNS}.get(room, SUBJECT_COLUMNS)


def _parts(room: str, rooms: Rooms) -> Iterator[tuple[str, list[Module]]]:
    """The folder itself, then its sub-folders."""
    for name, modules in sorted(rooms.items()):
        if name == room or name.startswith(f"{room}/"):
            yield name, modules


def _rows(modules: Sequence[Module], columns: int) -> int:
    return -(-len(modules) // columns)


def _height(room: str, rooms: Rooms) -> int:
    columns = _columns(room)
    parts = [HEAD + _rows(modules, columns) * LINE for _, modules in _parts(room, rooms)]
    return sum(parts) + 2 * PAD


def _room(room: str, rooms: Rooms, box: Box) -> Iterator[str]:
    """A box, its name, its modules column by column, and the same for its sub-folders."""
    size = f'x="{box.x}" y="{box.y}" width="{box.width}" height="{box.height}"'
    yield f'<rect class="room" {size} rx="8"/>'
    x, y, columns = box.x + PAD, box.y + PAD, _columns(room)
    for name, modules in _parts(room, rooms):
        kind = "name" if name == room else "part"
        yield _text(kind, x, y + LINE + (kind == "part") * 4, f"{name}/")
        rows = _rows(modules, columns)
        for place, module in enumerate(modules):
            column, row = divmod(place, rows)
            at = y + HEAD + row * LINE + LINE - 5
            yield _module(x + column * COLUMN, at, module)
        y += HEAD + rows * LINE


def _module(x: int, y: int, module: Module) -> str:
    # Not by colour alone: a pure module has a dot before its name.
    if module.pure:
        return _text("pure", x, y, f"• {module.name}")
    return _text("other", x, y, module.name)


def _text(kind: str, x: int, y: int, words: str) -> str:
    return f'<text class="{kind}" x="{x}" y="{y}">{words}</text>'


def _way(boxes: dict[str, Box], start: str, end: str) -> str:
    """An arrow's way: down from web, straight out of server, or under the house to what is far."""
    a, b = boxes[start], boxes[end]
    if start == "web":
        return f"M{b.middle} {a.bottom} V{b.y - 2}"
    if start == "server" and b.x - a.right == GAP:
        return f"M{a.right} {b.y + b.height // 2} H{b.x - 2}"
    if start == "server":
        lane = a.bottom + (GAP // 2 if end == SUBJECTS[1] else GAP - 8)
        out = a.right - (PAD if end == SUBJECTS[1] else 2 * PAD)
        return f"M{out} {a.bottom} V{lane} H{b.middle} V{b.bottom + 2}"
    # No rule allows any other arrow: it is drawn straight across, where nobody can overlook it.
    return f"M{a.middle} {a.y + a.height // 2} L{b.middle} {b.y + b.height // 2}"


def _legend(x: int, y: int) -> Iterator[str]:
    yield _text("pure", x, y, "• pure: no input or output, no clock, no chance")
    yield _text("other", x + 3 * COLUMN, y, "the other modules      → imports")


if __name__ == "__main__":
    PICTURE.write_text(draw(read_rooms(ROOT), read_arrows(ROOT)), encoding="utf-8")
    print(f"Drawn: {PICTURE.relative_to(ROOT)}")
