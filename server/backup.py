"""`venterom backup`: a whole copy of the databases, taken while the service runs."""

import argparse
import os
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from sqlalchemy import make_url

from venterom.server.config import Settings, SettingsError, database_url
from venterom.server.sqlite import SQLITE

MANUAL = """\
Copies the database, and that of the embedded EPJ, into an empty folder. The service may go on
meanwhile: each copy is as its database was at one moment, and is tried before it is called whole.

Copy no database file by hand while the service runs: what was written last lies beside it in
venterom.db-wal. A PostgreSQL database is copied by `pg_dump --format=custom`.

The keys are not in it. Without them nobody can read a copy, and neither can you: keep them apart,
and as safe. What was deleted stays in older copies, so let these run out after a while.

To bring a copy back, stop the service, put its files where the databases were, remove any -wal and
-shm that lie there, and start it again. `venterom journal verify` then says what the log lacks.
"""


def add_options(command: argparse.ArgumentParser) -> None:
    """What it takes."""
    command.add_argument("folder", type=Path, metavar="DIR", help="an empty folder, or none yet")


def backup(settings: Settings, chosen: argparse.Namespace) -> None:
    """Copy what there is, and say how much that was. Raises SettingsError."""
    sources = list(_sources(settings))
    _make(chosen.folder)
    for source in sources:
        target = chosen.folder / source.name
        copy(source, target)
        print(f"{target}: {target.stat().st_size / 1_000_000:.1f} MB, and it is whole.")
    print("The keys are not in it: they are kept apart.")


def copy(source: Path, target: Path) -> None:
    """A copy that only its owner can read, tried and on the disk. Raises SettingsError."""
    try:
        os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        with closing(SQLITE.connect(source)) as here, closing(SQLITE.connect(target)) as there:
            here.backup(there)
            there.execute("PRAGMA journal_mode = DELETE")  # the one file is all of it
            [(found,)] = there.execute("PRAGMA integrity_check(1)").fetchall()
    except (OSError, SQLITE.Error) as error:
        raise SettingsError(f"{source} cannot be copied: {error}") from None
    if found != "ok":
        raise SettingsError(f"{source} is damaged: {found}. Keep the copies that you have")


def _sources(settings: Settings) -> Iterator[Path]:
    """The files of the databases that are ours."""
    urls = [database_url(settings.database)]
    if not settings.epj.outside.url:
        urls.append(database_url(settings.epj))
    for url in map(make_url, urls):
        if url.get_backend_name() != "sqlite":
            raise SettingsError(
                "this database is PostgreSQL's: copy it with `pg_dump --format=custom`"
            )
        path = Path(url.database or "")
        if not path.is_file():
            raise SettingsError(f"{path}: there is no database")
        if path.stat().st_uid != os.geteuid():  # what we leave beside it would be another's
            raise SettingsError(f"run this as the account that owns {path}")
        yield path


def _make(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        empty = not any(folder.iterdir())
    except OSError as error:
        raise SettingsError(f"{folder}: {error.strerror}") from None
    if not empty:
        raise SettingsError(f"{folder} is not empty: name a new folder")
