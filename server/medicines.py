"""The register of medicines on the command line: loaded from the file that is published."""

import hashlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from venterom.journal.errors import NotTheRegister
from venterom.journal.papers import fest, medicines
from venterom.journal.papers.fest import Register
from venterom.server import config
from venterom.server.clock import utcnow
from venterom.server.commands import ask
from venterom.server.config import SettingsError

LOAD = """\
Loads the national register of medicines (FEST, the message M30 in XML), so that doctors can find
what they prescribe. It takes the place of what was loaded before: all of it, or nothing. Fetch the
file from Direktoratet for medisinske produkter, unpack it, and load it as often as a new one comes;
the service need not be stopped.

It says how many packages were taken, how many are no longer active, and which were refused and why:
one that lacks what a prescription needs. A file that is cut off, or is something else, is refused
whole, and what was loaded before stays.

  venterom medicines load fest251.xml
"""
PIECE = 1024 * 1024  # bytes that are read at once
NAMED = 20  # refused packages that are named one by one


def load(settings: config.Settings, file: Path) -> None:
    """Load one file and print the report. Raises SettingsError."""
    digest = hashlib.sha256()
    try:
        register = fest.read(_pieces(file, digest))
    except OSError as error:
        raise SettingsError(f"{file}: {error.strerror}") from None
    except NotTheRegister as fault:
        raise SettingsError(f"{file}: {fault}") from None
    ask(settings, lambda db: medicines.load(db, utcnow(), register, digest.hexdigest()))
    print("\n".join(report(register)))


def report(register: Register) -> Iterator[str]:
    """What was taken and what was not."""
    yield f"Register of {register.edition}"
    yield f"  taken        {len(register.medicines)} packages"
    yield f"  passed over  {register.passed_over}, no longer active"
    yield f"  refused      {len(register.refused)}"
    for why, count in sorted(Counter(each.why for each in register.refused).items()):
        yield f"    {count} × {why}"
    for each in register.refused[:NAMED]:
        yield f"    {each.name}: {each.why}"


def _pieces(file: Path, digest: "hashlib._Hash") -> Iterator[bytes]:
    with file.open("rb") as opened:
        while piece := opened.read(PIECE):
            digest.update(piece)
            yield piece
