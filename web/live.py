"""Who is listening: bounded wake-ups by topic, and web sockets that are sent whole states.

Nothing is remembered here. A listener that is woken renders its view anew from the database.
"""

import asyncio
from collections import defaultdict
from collections.abc import Generator, Iterable
from contextlib import contextmanager

FLOOR = "floor"  # the topic of everything that changes the waiting room as a whole


def visit_topic(visit: str) -> str:
    """The topic of one visit."""
    return f"visit/{visit}"


class Hub:
    """Wakes whoever listens to a topic. A wake-up carries no content, so none can be lost."""

    def __init__(self) -> None:
        self._listeners: defaultdict[str, set[asyncio.Event]] = defaultdict(set)

    def publish(self, topics: Iterable[str]) -> None:
        """Wake every listener of these topics, once each."""
        for topic in set(topics):
            for wake in self._listeners.get(topic, ()):
                wake.set()

    @contextmanager
    def listen(self, *topics: str) -> Generator[asyncio.Event]:
        """An event that is set when one of the topics is published."""
        wake = asyncio.Event()
        for topic in topics:
            self._listeners[topic].add(wake)
        try:
            yield wake
        finally:
            for topic in topics:
                self._listeners[topic].discard(wake)
                if not self._listeners[topic]:
                    del self._listeners[topic]
