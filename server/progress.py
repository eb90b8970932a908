"""How far a long command has come: one line that is written over, on a terminal and only there."""

import sys
from collections.abc import Iterable, Iterator
from typing import TextIO

WIDTH = 30  # characters of the bar
EVERY = 5_000  # lines between two pictures of it
CLEAR = "\r\x1b[K"


class Progress:
    """Writes to `screen`, if that is a terminal."""

    def __init__(self, screen: TextIO) -> None:
        self._screen = screen if screen.isatty() else None

    def reading(self, lines: Iterable[bytes], size: int) -> Iterator[bytes]:
        """The lines, and how much of `size` bytes they are so far."""
        done = 0
        for number, line in enumerate(lines):
            if number % EVERY == 0:
                self.say(bar(done, size, number))
            done += len(line)
            yield line

    def say(self, text: str) -> None:
        """Instead of what was said before."""
        if self._screen:
            self._screen.write(CLEAR + text)
            self._screen.flush()

    def end(self) -> None:
        """Leave no trace."""
        self.say("")


def bar(done: int, size: int, lines: int) -> str:
    """A picture of it; a file that grows meanwhile is no more than full."""
    share = min(done / size, 1.0) if size else 1.0
    full = round(share * WIDTH)
    return f"{'█' * full}{'░' * (WIDTH - full)} {share:4.0%} {lines:>10,} lines".replace(",", " ")


def progress(what: str, count: int) -> None:
    """How many of something have been looked at."""
    Progress(sys.stderr).say(f"{count} {what} …")
