"""Which packages the health trusts pay for."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0024"
branch_labels = None
depends_on = None

MEDICINE = (
    *("number", "fest_id", "name", "substance", "atc", "form", "strength", '"group"', "package"),
    *("reimbursed", "key"),
)


def upgrade() -> None:
    """What is loaded stays in use until the next file, which says who pays."""
    medicine()


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
