"""Links remember that somebody else has tried them, so that their person is told once."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One new column."""
    op.add_column("link", sa.Column("tried_by_other", sa.BigInteger(), nullable=True))
