"""Points at which a process can be killed: they are found by watching, and nothing is planted."""

import os
import re
import signal
from typing import Any

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine

from venterom.journal.epj import EmbeddedEpj
from venterom.journal.epj_answer import Receipt
from venterom.journal.fhir import Resource

WORD = re.compile(r"(INSERT INTO|UPDATE|DELETE FROM|FROM) (\w+)")


class Points:
    """Counts the points as they are passed, and kills at the one that was chosen."""

    def __init__(self, fatal: int = 0) -> None:
        self.fatal = fatal
        self.names: list[str] = []
        self.phase = ""

    def passed(self, name: str) -> None:
        """One more."""
        if self.phase:
            self.names.append(f"{self.phase}: {name}")
            if len(self.names) == self.fatal:
                os.kill(os.getpid(), signal.SIGKILL)

    def watch(self, engine: AsyncEngine) -> None:
        """Its statements and commits are points."""

        def before(_c: Any, _cursor: Any, text: str, *_more: Any) -> None:
            self.passed(f"before {said(text)}")

        def after(_c: Any, _cursor: Any, text: str, *_more: Any) -> None:
            self.passed(f"after {said(text)}")

        event.listen(engine.sync_engine, "before_cursor_execute", before)
        event.listen(engine.sync_engine, "after_cursor_execute", after)
        event.listen(engine.sync_engine, "commit", lambda _c: self.passed("before commit"))


def said(text: str) -> str:
    """A statement in two words."""
    found = WORD.search(text)
    return f"{found[1]} {found[2]}" if found else text.split()[0]


class Watched:
    """The embedded EPJ, with a point on either side of it."""

    def __init__(self, epj: EmbeddedEpj, points: Points) -> None:
        self._epj, self._points = epj, points

    async def deliver(self, encounter: str, bundle: Resource) -> Receipt:
        """As it does."""
        self._points.passed("before the EPJ")
        receipt = await self._epj.deliver(encounter, bundle)
        self._points.passed("after the EPJ")
        return receipt
