"""The tables of every folder, for the migrations and for tests."""

from sqlalchemy import Connection, MetaData, text

import venterom.journal.aid_tables  # noqa: F401, its rows are of the record's metadata
import venterom.journal.call_tables as calls
import venterom.journal.papers.tables as papers
import venterom.journal.rights_tables as rights
import venterom.journal.tables as journal
import venterom.queue.coverage.portal_tables as portal
import venterom.queue.coverage.tables as coverage
import venterom.queue.tables as waiting_room
import venterom.server.notify.tables as notify
import venterom.web.identity.clerk_tables as clerks
import venterom.web.identity.tables as identity
import venterom.web.insurer_api.tables  # noqa: F401, its rows are of the insurer's side
import venterom.web.measured as measured
import venterom.web.outbox as outbox
from venterom.journal.reduced import GOES, TABLES
from venterom.server.chained import chained_ddl
from venterom.server.db import insert_only_ddl
from venterom.server.erasing import erasable_ddl

METADATA: tuple[MetaData, ...] = (
    waiting_room.metadata,
    coverage.metadata,
    journal.metadata,
    identity.metadata,
    outbox.metadata,
    measured.metadata,
    notify.metadata,
)
INSERT_ONLY: tuple[str, ...] = (
    *waiting_room.INSERT_ONLY,
    *coverage.INSERT_ONLY,
    *portal.INSERT_ONLY,
    *journal.INSERT_ONLY,
    *calls.INSERT_ONLY,
    *papers.INSERT_ONLY,
    *rights.INSERT_ONLY,
    *identity.INSERT_ONLY,
    *clerks.INSERT_ONLY,
    *outbox.INSERT_ONLY,
    *measured.INSERT_ONLY,
)
# Of these, what is sealed may go; the columns that stay, by table.
ERASABLE = {
    name: tuple(
        column.name for column in journal.metadata.tables[name].columns if column.name not in GOES
    )
    for name in TABLES
}


def create_tables(connection: Connection) -> None:
    """Make all tables at once, for tests; a real database is made by the migrations."""
    for part in METADATA:
        part.create_all(connection)
    for statement in insert_only_ddl(connection.dialect.name, INSERT_ONLY):
        connection.execute(text(statement))
    for statement in erasable_ddl(connection.dialect.name, ERASABLE):
        connection.execute(text(statement))
    for statement in chained_ddl(connection.dialect.name):
        connection.execute(text(statement))
