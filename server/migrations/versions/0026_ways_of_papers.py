"""Which packages the health trusts pay for; and one list for all papers that are sent."""

import sqlalchemy as sa
from alembic import op

from venterom.server.db import insert_only_ddl

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

MEDICINE = (
    *("number", "fest_id", "name", "substance", "atc", "form", "strength", '"group"', "package"),
    *("reimbursed", "key"),
)
ERRAND = (
    *("paper", "errand", "visit", "patient", "author", "state", "attempts", "due_at"),
    "last_error",
)
RECEIPT = (*("paper", "errand", "patient", "at", "kek_id", "wrapped_dek", "nonce", "ciphertext"),)


def upgrade() -> None:
    """What is loaded stays in use until the next file, which says who pays. What waits to be sent
    waits on, and what was answered stays."""
    medicine()
    errand()
    receipt()
    for statement in insert_only_ddl(op.get_bind().dialect.name, ("paper_receipt",)):
        op.execute(statement)


def medicine() -> None:
    """Made anew, for the new column has no default. Until the next file no package is of the
    trusts'."""
    columns = ", ".join(MEDICINE)
    op.execute(f"CREATE TEMPORARY TABLE kept_medicine AS SELECT {columns} FROM medicine")
    op.drop_table("medicine")
    texts = ("fest_id", "name", "substance", "atc", "form", "strength", "group", "package")
    op.create_table(
        "medicine",
        sa.Column("number", sa.String(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in texts),
        sa.Column("reimbursed", sa.Boolean(), nullable=False),
        sa.Column("by_hospital", sa.Boolean(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("number"),
    )
    op.execute(
        f"INSERT INTO medicine ({columns}, by_hospital) SELECT {columns}, false FROM kept_medicine"
    )
    op.execute("DROP TABLE kept_medicine")


def errand() -> None:
    """Until now they were all prescriptions."""
    op.create_table(
        "paper_errand",
        sa.Column("paper", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("errand", sa.String(), nullable=False),
        sa.Column("visit", sa.String(), nullable=False),
        sa.Column("patient", sa.String(), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("last_error", sa.String(), nullable=True),
        sa.CheckConstraint("kind IN ('prescription', 'sick_note')", name="paper_errand_kind"),
        sa.CheckConstraint("errand IN ('send', 'recall')", name="paper_errand_what"),
        sa.CheckConstraint(
            "state IN ('waiting', 'on_its_way', 'done', 'failed')", name="paper_errand_state"
        ),
        sa.PrimaryKeyConstraint("paper", "errand"),
    )
    op.create_index("ix_paper_errand_visit", "paper_errand", ["visit"])
    op.create_index("paper_errand_due", "paper_errand", ["kind", "state", "due_at"])
    columns = ", ".join(ERRAND)
    op.execute(
        f"INSERT INTO paper_errand (kind, {columns}) SELECT 'prescription', {columns}"
        " FROM prescribing"
    )
    op.drop_table("prescribing")


def receipt() -> None:
    """Under the new name; the old one goes with its triggers."""
    op.create_table(
        "paper_receipt",
        sa.Column("paper", sa.String(), nullable=False),
        sa.Column("errand", sa.String(), nullable=False),
        sa.Column("patient", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("kek_id", sa.String(), nullable=False),
        sa.Column("wrapped_dek", sa.LargeBinary(), nullable=False),
        sa.Column("nonce", sa.LargeBinary(), nullable=False),
        sa.Column("ciphertext", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("paper", "errand"),
    )
    columns = ", ".join(RECEIPT)
    op.execute(f"INSERT INTO paper_receipt ({columns}) SELECT {columns} FROM prescription_receipt")
    op.drop_table("prescription_receipt")
