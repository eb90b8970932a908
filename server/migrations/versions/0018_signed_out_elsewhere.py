"""What a sign-in comes from at its identity provider, so that it ends when that says so."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Two new tables."""
    op.create_table(
        "vouched_sign_in",
        sa.Column("session", sa.String(64), nullable=False),
        sa.Column("subject", sa.String(64), nullable=False),
        sa.Column("sid", sa.String(64), nullable=True),
        sa.Column("expires", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("session"),
    )
    op.create_index(op.f("ix_vouched_sign_in_subject"), "vouched_sign_in", ["subject"])
    op.create_index(op.f("ix_vouched_sign_in_sid"), "vouched_sign_in", ["sid"])
    op.create_table(
        "logout_taken",
        sa.Column("token", sa.String(64), nullable=False),
        sa.Column("kept_until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("token"),
    )
