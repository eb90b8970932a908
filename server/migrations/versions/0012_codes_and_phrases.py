"""What helps to write a note: the loaded diagnosis codes, and phrases."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Two new tables; nothing about patients is in them."""
    codes()
    phrases()


def codes() -> None:
    """The list that was loaded last."""
    op.create_table(
        "diagnosis_code",
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("term", sa.String(), nullable=False),
        sa.Column("loaded_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("code"),
    )


def phrases() -> None:
    """A doctor's own, and those that are shared; a key means one thing to each of them."""
    op.create_table(
        "phrase",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("length(key) BETWEEN 2 AND 20", name="phrase_key"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("phrase_of_one", "phrase", ["owner", "key"], unique=True)
    op.create_index(
        "phrase_of_all",
        "phrase",
        ["key"],
        unique=True,
        sqlite_where=sa.text("shared"),
        postgresql_where=sa.text("shared"),
    )
