"""How a call was kept from others: how far it was encrypted, and what became of the words."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One new table."""
    op.create_table(
        "call_protection",
        sa.Column("visit", sa.String(), nullable=False),
        sa.Column("encryption", sa.String(), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "encryption IN ('end_to_end', 'hop_by_hop')", name="call_protection_encryption"
        ),
        sa.CheckConstraint(
            "words IN ('matched', 'different', 'not_compared')", name="call_protection_words"
        ),
        sa.PrimaryKeyConstraint("visit"),
    )
