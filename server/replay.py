"""The ledger on the command line: written out, and decided again by the code as it is now."""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from venterom.queue import grounds, learning
from venterom.queue.forecast import MODEL
from venterom.queue.learning import Version
from venterom.queue.promise import decide
from venterom.queue.service import Service, service
from venterom.queue.tables import PromiseRow
from venterom.server import config
from venterom.server.commands import ask_of_one_moment

LEDGER = """\
Writes the ledger of promises, one line of JSON for each offer that was made, oldest first: what was
offered, how likely it was to be kept, and the grounds it rested on. Nobody is named in it. Before
them come the versions of how long patients take that were learned, for the grounds name theirs.

  venterom queue ledger > promises.jsonl
"""
REPLAY = """\
Decides every line of a ledger again, by the code as it is now, and says which would be offered
something else. Lines of this version's own model must come out alike; those of an older model show
what the change of model changed. Exits with 1 when a line of the same model differs, or when one
cannot be read: a file that was cut off says so, with the number of the line.

  venterom queue replay promises.jsonl
"""
SLOT_MODEL = "capacity"  # slots are promised by counting seats: there is nothing to play again


@dataclass(frozen=True, slots=True)
class Line:
    """One line, decided again."""

    number: int
    model: str
    offered: str
    now: str  # what would be offered; empty if the line cannot be read

    @property
    def verdict(self) -> str:
        """In one word."""
        if not self.now:
            return "unreadable"
        if self.offered == self.now:
            return "alike"
        same_code = self.model.rpartition(".")[0] == MODEL
        return "different" if same_code else "changed"


def write(settings: config.Settings) -> None:
    """Print the ledger."""
    ask_of_one_moment(settings, _write)


async def _write(db: AsyncSession) -> None:
    columns = (
        PromiseRow.id,
        PromiseRow.quoted_at,
        PromiseRow.decision,
        PromiseRow.deadline,
        PromiseRow.p_keep,
        PromiseRow.model,
        PromiseRow.state_json,
    )
    for version in reversed(await learning.versions(db)):
        print(_told(version))
    async for row in await db.stream(select(*columns).order_by(PromiseRow.quoted_at)):
        line = {
            "id": row.id,
            "quoted_at": row.quoted_at.isoformat(),
            "decision": row.decision,
            "deadline": row.deadline.isoformat() if row.deadline else None,
            "p_keep": row.p_keep,
            "model": row.model,
            "grounds": json.loads(row.state_json),
        }
        print(json.dumps(line, sort_keys=True))


def _told(version: Version) -> str:
    return json.dumps(
        {
            "service": version.version,
            "consultation": version.consultation,
            "wrap_up": version.wrap_up,
        }
    )


def replay(chosen: argparse.Namespace) -> None:
    """Decide a ledger again, and say how it went."""
    try:
        text = Path(chosen.ledger).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise config.SettingsError(f"{chosen.ledger}: {error}") from None
    count: Counter[str] = Counter()
    for line in again(text):
        count[line.verdict] += 1
        if line.verdict != "alike":
            print(f"line {line.number}: {line.verdict}: {line.offered} -> {line.now or '?'}")
    print(
        f"{count.total()} lines: {count['alike']} decided alike, {count['different']} differently,"
        f" {count['changed']} changed with the model, {count['unreadable']} unreadable"
    )
    if count["different"] or count["unreadable"]:
        sys.exit(1)


def again(ledger: str) -> Iterator[Line]:
    """Each line of a ledger, decided again; slots are left out."""
    services = dict(grounds.KNOWN)
    for number, text in enumerate(ledger.splitlines(), start=1):
        try:
            told = json.loads(text)
            if "service" in told:
                services[told["service"]] = _service(told)
                continue
            model, offered = told["model"], f"{told['decision']} {told['deadline'] or ''}".strip()
            basis = json.dumps(told["grounds"])
            if model.startswith(SLOT_MODEL):
                continue
            verdict = decide(grounds.read(basis, services), grounds.slots_in(basis))
        except (ValueError, KeyError, TypeError):
            yield Line(number, "", text[:40], "")
            continue
        deadline = verdict.deadline.isoformat() if verdict.deadline else ""
        yield Line(number, model, offered, f"{verdict.decision} {deadline}".strip())


def _service(told: dict[str, Any]) -> Service:
    return service(told["service"], tuple(told["consultation"]), tuple(told["wrap_up"]))
