"""A plan with breaks and on-call duty, and a door for directors."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

DOORS = ("patient", "doctor", "insurer", "director")
MOVE = """
INSERT INTO shift_plan (id, practitioner, work, on_at, off_at)
SELECT substr(practitioner, 1, 17) || '-' || on_at, practitioner, 'shift', on_at, off_at
FROM shift_plan_before
"""


def upgrade() -> None:
    """SQLite cannot change a constraint, so both tables are made anew; what is planned moves."""
    op.execute("CREATE TABLE shift_plan_before AS SELECT * FROM shift_plan")
    op.drop_table("shift_plan")
    shift_plan()
    op.execute(MOVE)
    op.drop_table("shift_plan_before")
    # Whoever is signing in just now begins again: nobody can be while the tables change.
    op.drop_table("pending_sign_in")
    pending_sign_in()


def shift_plan() -> None:
    """The plan of shifts."""
    op.create_table(
        "shift_plan",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("practitioner", sa.String(length=32), nullable=False),
        sa.Column(
            "work",
            sa.Enum(
                "shift",
                "on_call",
                "break",
                name="plan_work",
                native_enum=False,
                create_constraint=True,
                length=16,
            ),
            nullable=False,
        ),
        sa.Column("on_at", sa.BigInteger(), nullable=False),
        sa.Column("off_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("off_at > on_at", name="plan_ends_later"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("practitioner", "work", "on_at", name="plan_once"),
    )


def pending_sign_in() -> None:
    """Sign-ins that have begun."""
    op.create_table(
        "pending_sign_in",
        sa.Column("state", sa.String(length=64), nullable=False),
        sa.Column("browser", sa.String(length=64), nullable=False),
        sa.Column("nonce", sa.String(length=64), nullable=False),
        sa.Column("verifier", sa.String(length=64), nullable=False),
        sa.Column(
            "door",
            sa.Enum(
                *DOORS,
                name="pending_door",
                native_enum=False,
                create_constraint=True,
                length=16,
            ),
            nullable=False,
        ),
        sa.Column("return_to", sa.String(length=200), nullable=False),
        sa.Column("expires", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("state"),
    )
    op.create_index(
        op.f("ix_pending_sign_in_expires"), "pending_sign_in", ["expires"], unique=False
    )
