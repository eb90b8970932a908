"""Notes that an outside EPJ has may lose their text here."""

import sqlalchemy as sa
from alembic import op

from venterom.server.erasing import erasable_ddl

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

STAYS = {
    "record_entry": (
        "visit",
        "version",
        "patient",
        "author",
        "author_hpr",
        "author_name",
        "sign_in",
        "signed_at",
        "withheld",
        "content_hash",
        "after",
        "jws",
        "kek_id",
    ),
    "record_attachment": ("visit", "version", "n", "picture", "patient", "taken_at", "kek_id"),
    "record_paper": ("visit", "version", "n", "paper", "patient", "issued_at", "kek_id"),
}
WHOLE = sa.text("length(ciphertext) > 0")


def upgrade() -> None:
    """Where the notes are that have their text, and triggers that let it go when the EPJ has it."""
    op.create_index(
        "record_entry_whole",
        "record_entry",
        ["signed_at"],
        sqlite_where=WHOLE,
        postgresql_where=WHOLE,
    )
    for statement in erasable_ddl(op.get_bind().dialect.name, STAYS):
        op.execute(statement)
