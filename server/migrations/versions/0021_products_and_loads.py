"""What products cover, and the history of policies: which load made what of which."""

import sqlalchemy as sa
from alembic import op

from venterom.server.db import insert_only_ddl

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Three new tables, a day on each check that is left open, and a product for each policy."""
    _products()
    _loads()
    op.add_column("policy_check", sa.Column("used_on", sa.Date(), nullable=True))
    op.create_index("policy_check_used", "policy_check", ["used_on"])
    op.execute(
        "INSERT INTO insurance_product (insurer, product, youngest, children, countries)"
        " SELECT DISTINCT insurer, product, 0, true, '' FROM policy"
    )


def _products() -> None:
    op.create_table(
        "insurance_product",
        sa.Column("insurer", sa.String(32), nullable=False),
        sa.Column("product", sa.String(80), nullable=False),
        sa.Column("uses_per_year", sa.Integer(), nullable=True),
        sa.Column("youngest", sa.Integer(), nullable=False),
        sa.Column("oldest", sa.Integer(), nullable=True),
        sa.Column("children", sa.Boolean(), nullable=False),
        sa.Column("children_until", sa.Integer(), nullable=True),
        sa.Column("countries", sa.String(200), nullable=False),
        sa.CheckConstraint("uses_per_year >= 1", name="product_uses"),
        sa.CheckConstraint("oldest >= youngest", name="product_ages"),
        sa.PrimaryKeyConstraint("insurer", "product"),
    )


def _loads() -> None:
    op.create_table(
        "policy_load",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("insurer", sa.String(32), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("source", sa.String(16), nullable=False),
        *(
            sa.Column(name, sa.Integer(), nullable=False)
            for name in ("taken", "changed", "unchanged", "refused", "ended")
        ),
        sa.CheckConstraint("source IN ('file', 'api')", name="policy_load_source"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "policy_change",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("load", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("number", sa.String(20), nullable=False),
        sa.Column("insurer", sa.String(32), nullable=False),
        sa.Column("product", sa.String(80), nullable=False),
        sa.Column("holder_birth_date", sa.Date(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.Column("covers_children", sa.Boolean(), nullable=False),
        sa.CheckConstraint("kind IN ('taken', 'changed', 'ended')", name="policy_change_kind"),
        sa.ForeignKeyConstraint(["load"], ["policy_load.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("policy_change_number", "policy_change", ["number"])
    for statement in insert_only_ddl(op.get_bind().dialect.name, ("policy_load", "policy_change")):
        op.execute(statement)
