"""The bar on a terminal, and nothing where there is none."""

import io

import pytest

from venterom.server.progress import EVERY, Progress, bar


class Terminal(io.StringIO):
    """Something that says it is one."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("done", "size", "says"),
    [
        (0, 200, "░ 0% "),
        (100, 200, "█░"),
        (200, 200, "█ 100%"),
        (300, 200, "█ 100%"),
        (0, 0, "100%"),
    ],
)
def test_a_bar_shows_the_share(done: int, size: int, says: str) -> None:
    assert says.replace(" ", "") in bar(done, size, 5).replace(" ", "")


def test_a_terminal_is_shown_how_far_it_is_and_left_clean() -> None:
    screen = Terminal()
    shown = Progress(screen)
    lines = [b"ab\n"] * (2 * EVERY)
    assert list(shown.reading(lines, 6 * EVERY)) == lines
    assert screen.getvalue().count("\r") == 2 and " 50% " in screen.getvalue()
    shown.end()
    assert screen.getvalue().endswith("\r\x1b[K")


def test_a_file_gets_no_bar() -> None:
    screen = io.StringIO()
    shown = Progress(screen)
    list(shown.reading([b"ab\n"], 3))
    shown.end()
    assert screen.getvalue() == ""
