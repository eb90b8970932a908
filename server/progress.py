"""How far a long command has come."""

import sys


def progress(what: str, count: int) -> None:
    """One line that counts for who watches; nothing in the file of a nightly run."""
    if sys.stderr.isatty():
        print(f"\r{count} {what} …\x1b[K", end="", file=sys.stderr, flush=True)
