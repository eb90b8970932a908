"""Whom the doctor had before her; and sign-ins that were ended are found by an index."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A table and an index."""
    identification()
    op.create_index(
        "session_revoked",
        "session",
        ["revoked"],
        sqlite_where=sa.text("revoked IS NOT NULL"),
        postgresql_where=sa.text("revoked IS NOT NULL"),
    )


def identification() -> None:
    """One row of each doctor who met the patient in a visit."""
    op.create_table(
        "call_identification",
        sa.Column("visit", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("seen", sa.String(), nullable=False),
        sa.Column("how", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "seen IN ('patient', 'parent', 'other')", name="call_identification_seen"
        ),
        sa.CheckConstraint("how IN ('picture', 'voice')", name="call_identification_how"),
        sa.PrimaryKeyConstraint("visit", "by"),
    )
