"""The tables of every folder, for the migrations and for tests."""

from sqlalchemy import Connection, MetaData, text

import venterom.journal.aid_tables  # noqa: F401, its rows are of the record's metadata
import venterom.journal.call_tables as calls
import venterom.journal.papers.tables as papers
import venterom.journal.rights_tables as rights
import venterom.journal.tables as journal
import venterom.queue.coverage.tables as coverage
import venterom.queue.tables as waiting_room
import venterom.server.notify.tables as notify
import venterom.web.identity.tables as identity
import venterom.web.insurer_api.tables  # noqa: F401, its rows are of the insurer's side
import venterom.web.measured as measured
import venterom.web.outbox as outbox
from venterom.server.db import ERASED, erasable_ddl, insert_only_ddl

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
    *journal.INSERT_ONLY,
    *calls.INSERT_ONLY,
    *papers.INSERT_ONLY,
    *rights.INSERT_ONLY,
    *identity.INSERT_ONLY,
    *outbox.INSERT_ONLY,
    *measured.INSERT_ONLY,
)
# Of these, a deletion empties what is sealed (journal/deleting.py).
ERASABLE = {
    table.name: tuple(column.name for column in table.columns if column.name not in ERASED)
    for table in journal.metadata.sorted_tables
    if table.name in ("record_entry", "record_attachment", "record_paper")
}


def create_tables(connection: Connection) -> None:
    """Make all tables at once, for tests; a real database is made by the migrations."""
    for part in METADATA:
        part.create_all(connection)
    for statement in insert_only_ddl(connection.dialect.name, INSERT_ONLY):
        connection.execute(text(statement))
    for statement in erasable_ddl(connection.dialect.name, ERASABLE):
        connection.execute(text(statement))
