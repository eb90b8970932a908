"""The database moves the log's end, and refuses a line that is not the next; it ends drafts."""

from alembic import op

from venterom.server.chained import chained_ddl

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Triggers only: what is there already stays as it is."""
    for statement in chained_ddl(op.get_bind().dialect.name):
        op.execute(statement)
