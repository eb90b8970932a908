"""Bring the tables up to this version, and tell whether they are."""

from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from venterom.server.config import SettingsError
from venterom.server.db import make_engine

HERE = Path(__file__).parent


async def migrate(url: str) -> list[str]:
    """Take every step that is missing, and name those that were taken. Raises SettingsError."""
    engine = make_engine(url)
    try:
        before = await _version_of(engine)
        async with engine.begin() as connection:
            await connection.run_sync(upgrade)
    finally:
        await engine.dispose()
    steps = reversed([*_steps().iterate_revisions("head", before)])
    return [f"{step.revision}: {step.doc}" for step in steps]


def upgrade(connection: Connection, to: str = "head") -> None:
    """The same, on a connection inside a transaction: all steps, or none."""
    alembic = _config()
    alembic.attributes["connection"] = connection
    command.upgrade(alembic, to)


async def refuse_other_version(engine: AsyncEngine) -> None:
    """Raise SettingsError unless the database has exactly the tables of this version."""
    found, wanted = await _version_of(engine), _steps().get_current_head()
    if found != wanted:
        raise SettingsError(
            f"the database is at version {found or 'none'}, this program needs {wanted}:"
            " take a backup, then run `venterom migrate`"
        )


async def _version_of(engine: AsyncEngine) -> str | None:
    """None: it has no tables of ours yet. Raises SettingsError when it is newer than we know."""
    try:
        async with engine.connect() as connection:
            found = await connection.run_sync(_version)
    except (OSError, DBAPIError) as error:
        said = str(error).partition("\n")[0]
        raise SettingsError(f"the database does not answer: {said}") from None
    if found is not None and found not in {step.revision for step in _steps().walk_revisions()}:
        raise SettingsError(
            f"the database is at version {found}, which is newer than this program:"
            " start the program that made it, or restore a backup from before"
        )
    return found


@cache  # to read them all takes longer than the rest of a start
def _steps() -> ScriptDirectory:
    return ScriptDirectory.from_config(_config())


def _version(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _config() -> Config:
    alembic = Config()
    alembic.set_main_option("script_location", str(HERE))
    alembic.set_main_option("path_separator", "os")
    return alembic
