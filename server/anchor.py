"""The anchor: a file of signed checkpoints, beside the database and never in it."""

import argparse
import asyncio
import os
from dataclasses import dataclass
from pathlib import Path

import structlog
from aiohttp import web

from venterom.journal import anchor as checkpoints
from venterom.journal import audit
from venterom.journal.chain import EMPTY, Head
from venterom.server import config, vault
from venterom.server.clock import utcnow
from venterom.server.commands import ask_of_one_moment
from venterom.web.keys import RECORD_KEYS
from venterom.web.work import look

MANUAL = """\
Writes a checkpoint of the log to the anchor, and prints it: the number and the hash of the log's
last line, and the time, signed. The service does the same every five minutes in which something was
written to the log; the file is checkpoints.jws in the folder [record] anchor_folder.

Whoever has the database and the keys can rewrite the log or cut its end off without leaving a trace
in either. So copy the file to where they cannot reach, or send what is printed here to somebody
else, each day: `venterom journal verify --anchor COPY` then says whether the log is still the one
that it was. The file holds nothing about anybody's health.

Run it as the account that the service runs as. The service need not be stopped.
"""
FILE = "checkpoints.jws"
EVERY_S = 300.0  # what was cut off the log's end within this time, no anchor knows

log = structlog.get_logger()


@dataclass
class Anchor:
    """Where checkpoints go, and the last one that this process has written."""

    folder: Path
    last: Head = EMPTY

    @property
    def file(self) -> Path:
        """The checkpoints, oldest first."""
        return self.folder / FILE


ANCHOR = web.AppKey[Anchor]("ANCHOR")


async def anchor(app: web.Application) -> None:
    """Write where the log ends now, unless it has been written."""
    own = app[ANCHOR]
    async with look(app) as unit:
        head = await audit.head(unit.db)
    if head.n < own.last.n:
        log.error("log_shorter", lines=head.n, anchored=own.last.n)
    if head != own.last:
        line = checkpoints.write(head, unit.now, app[RECORD_KEYS])
        await asyncio.to_thread(append, own.file, line)
        own.last = head


def append(file: Path, line: str) -> None:
    """Add a line and wait until it is on the disk. What was written before is never touched."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = os.open(file, os.O_APPEND | os.O_CREAT | os.O_RDWR, 0o600)
    with os.fdopen(handle, "r+b") as opened:
        size = opened.seek(0, os.SEEK_END)
        # A power cut can have torn off the last line; this one must not hang on what is left of it.
        torn = size and os.pread(handle, 1, size - 1) != b"\n"
        opened.write(b"\n" * bool(torn) + line.encode() + b"\n")
        opened.flush()
        os.fsync(handle)


def write(settings: config.Settings, _chosen: argparse.Namespace) -> None:
    """`venterom journal anchor`."""
    vault.refuse_other_account(settings.keys)
    now = utcnow()
    keys = vault.load(settings.keys).record_keys(now)
    head = ask_of_one_moment(settings, audit.head)
    if head == EMPTY:
        print("The log is empty: there is nothing to hold fast yet.")
        return
    line, file = checkpoints.write(head, now, keys), Anchor(settings.record.anchor_folder).file
    try:
        append(file, line)
    except OSError as error:
        raise config.SettingsError(f"{file}: {error.strerror}") from None
    print(f"{file}: the log ends at line {head.n}, {now:%Y-%m-%d %H:%M:%S} UTC\n{line}")
