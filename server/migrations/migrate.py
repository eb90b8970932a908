"""Bring the tables up to this version, and tell whether they are."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncEngine

from venterom.server.config import SettingsError
from venterom.server.db import make_engine

HERE = Path(__file__).parent


async def migrate(url: str) -> None:
    """Take every step that has not been taken yet."""
    engine = make_engine(url)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(upgrade)
    finally:
        await engine.dispose()


def upgrade(connection: Connection) -> None:
    """The same, on a connection inside a transaction: all steps, or none."""
    alembic = _config()
    alembic.attributes["connection"] = connection
    command.upgrade(alembic, "head")


async def refuse_other_version(engine: AsyncEngine) -> None:
    """Raise SettingsError unless the database has exactly the tables of this version."""
    async with engine.connect() as connection:
        found = await connection.run_sync(_version)
    wanted = ScriptDirectory.from_config(_config()).get_current_head()
    if found != wanted:
        raise SettingsError(
            f"the database is at version {found or 'none'}, this program needs {wanted}:"
            " run `venterom migrate`"
        )


def _version(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _config() -> Config:
    alembic = Config()
    alembic.set_main_option("script_location", str(HERE))
    alembic.set_main_option("path_separator", "os")
    return alembic
