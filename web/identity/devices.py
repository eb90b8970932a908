"""Roughly what somebody signed in with, as a browser says of itself. Pure.

It is for the eyes of whoever signed in, and a cookie that comes from another is not believed
(`web/session.py`). Only words of ours come out, so nothing that was sent is shown or kept; and no
version, so that a browser that is updated is the same.
"""

from collections.abc import Iterable

LONGEST = 512  # characters of what a browser says that are looked at
# The first that is found: most browsers say that they are others, too.
BROWSERS = (
    *(("Edg", "Edge"), ("OPR/", "Opera"), ("SamsungBrowser", "Samsung Internet")),
    *(("Firefox", "Firefox"), ("FxiOS", "Firefox"), ("CriOS", "Chrome"), ("Chrome", "Chrome")),
    ("Safari", "Safari"),
)
SYSTEMS = (
    *(("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows")),
    *(("Macintosh", "Mac"), ("CrOS", "Chromebook"), ("Linux", "Linux")),
)


def device(user_agent: str) -> str:
    """«Firefox, Windows»; what is not known is left out, and nothing known is empty."""
    said = user_agent[:LONGEST]
    return ", ".join(filter(None, (_first(BROWSERS, said), _first(SYSTEMS, said))))


def _first(known: Iterable[tuple[str, str]], said: str) -> str:
    return next((name for mark, name in known if mark in said), "")
