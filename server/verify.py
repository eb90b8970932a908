"""`venterom journal verify`: is the record as it was written, and is it the one that it was?"""

import argparse
import sys
from pathlib import Path

from venterom.journal import anchor, verifying
from venterom.journal.anchor import Checkpoint
from venterom.journal.errors import BadAnchor
from venterom.journal.keys import Keys
from venterom.server import config, vault
from venterom.server.anchor import Anchor
from venterom.server.clock import utcnow
from venterom.server.commands import ask_of_one_moment
from venterom.server.progress import progress

MANUAL = """\
Reads the whole record and says whether it is as it was written. Each line of the log must carry the
hash of the line before; each signed note, consent, case and broken glass must have its line, and
each such line what it tells of; every signature must hold, and every note, picture and paper must
open and be the one that was signed. What was deleted by a decision is named with it. Nothing is
changed.

With --anchor the log is compared with checkpoints that were kept elsewhere: a log that was cut off
or written anew is found, even when whoever did it had all the keys. Without, it is compared with
the service's own anchor, which the same hands may have reached.

Exits with 1 when something is wrong, and names the first broken link, e.g. «audit 4711: content»:
what comes before it is in order. Exits with 2 when it could not look: a key is missing, or the
database does not answer. Run it each night and after each restore. It needs the service's keys, and
the service need not be stopped; but with SQLite older than 3.51.3 nobody can write while it reads,
so there verify a copy.
"""


def verify(settings: config.Settings, chosen: argparse.Namespace) -> None:
    """Walk, print what was found, and exit with 1 unless all of it holds."""
    keys = vault.load(settings.keys).record_keys(utcnow())
    checkpoints = _checkpoints(settings, chosen.anchor, keys)
    known = anchor.known(checkpoints)
    verdict = ask_of_one_moment(settings, lambda db: verifying.verify(db, keys, known, progress))
    if sys.stderr.isatty():
        print(file=sys.stderr)
    if not verdict.ok:
        sys.exit(f"venterom: the record is not as it was written: {verdict.first_bad}")
    print(f"The record is as it was written: {verdict.lines} lines of the log hold.")
    for each in verdict.deleted:
        print(f"Visit {each.visit}: deleted {each.at:%Y-%m-%d}, by case {each.decision}.")
    if checkpoints:
        last = checkpoints[-1]
        print(
            f"It is the log of {len(checkpoints)} checkpoints,"
            f" the last at line {last.head.n}, {last.at:%Y-%m-%d %H:%M:%S} UTC."
        )
    else:
        print("It was compared with no anchor: nobody would see that its end was cut off.")


def _checkpoints(
    settings: config.Settings, given: Path | None, keys: Keys
) -> tuple[Checkpoint, ...]:
    file = given or Anchor(settings.record.anchor_folder).file
    if given is None and not file.exists():
        return ()
    try:
        return anchor.read(file.read_text(encoding="ascii", errors="replace"), keys.verifying)
    except OSError as error:
        raise config.SettingsError(f"{file}: {error.strerror}") from None
    except BadAnchor as fault:
        sys.exit(f"venterom: {file}: {fault}")
