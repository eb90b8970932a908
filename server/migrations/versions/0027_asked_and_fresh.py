"""The patient's own yes to whom the doctor asks into the call; and of each sign-in, roughly with
what, and when its owner has proved who they are."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Of those who were asked, and of sign-ins, before now, nobody knows."""
    op.add_column(
        "invitation", sa.Column("own_yes", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    op.add_column(
        "session",
        sa.Column("device", sa.String(length=32), server_default=sa.text("''"), nullable=False),
    )
    op.add_column("session", sa.Column("proved", sa.BigInteger(), nullable=True))
