"""Answers of the register of health personnel, roles that end, when a relation was checked, the
other parent as a guest, and a door for operators."""

import sqlalchemy as sa
from alembic import op

from venterom.server.db import insert_only_ddl

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

YEAR = 31_536_000_000  # milliseconds


def upgrade() -> None:
    """One new table, one made anew, a column, and two words more."""
    answers()
    grants()
    op.add_column("relation", sa.Column("checked_at", sa.BigInteger(), nullable=True))
    one_word_more(
        "invitation",
        "kind",
        "guest_kind",
        ("interpreter", "relative", "colleague"),
        ("interpreter", "parent", "relative", "colleague"),
    )
    doors = ("patient", "doctor", "insurer", "director")
    one_word_more("pending_sign_in", "door", "pending_door", doors, (*doors, "operator"))


def answers() -> None:
    """What the register said of doctors."""
    op.create_table(
        "hpr_answer",
        sa.Column("hpr_number", sa.String(length=16), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column(
            "status",
            _words("hpr_status", "full", "no_prescribing", "limited", "suspended", "not_found"),
            nullable=False,
        ),
        sa.Column(
            "occasion",
            _words("hpr_occasion", "grant", "sign_in", "prescription", "nightly"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("hpr_number", "at"),
    )
    for statement in insert_only_ddl(op.get_bind().dialect.name, ["hpr_answer"]):
        op.execute(statement)


def grants() -> None:
    """Roles end. One that was given without an end has a year from its beginning."""
    op.execute("CREATE TABLE grant_before AS SELECT * FROM staff_grant")
    op.drop_table("staff_grant")
    op.create_table(
        "staff_grant",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("number_index", sa.String(length=64), nullable=False),
        sa.Column(
            "role",
            _words("grant_role", "patient", "doctor", "insurer", "director", "operator"),
            nullable=False,
        ),
        sa.Column("hpr_number", sa.String(length=16), nullable=True),
        sa.Column("insurer", sa.String(length=64), nullable=True),
        sa.Column("granted", sa.BigInteger(), nullable=False),
        sa.Column("ends", sa.BigInteger(), nullable=False),
        sa.Column("withdrawn", sa.BigInteger(), nullable=True),
        sa.Column(
            "why",
            _words("grant_ending", "withdrawn", "renewed", "over", "not_in_hpr"),
            nullable=True,
        ),
        sa.CheckConstraint("role <> 'patient'", name="grant_is_for_staff"),
        sa.CheckConstraint("(role = 'doctor') = (hpr_number IS NOT NULL)", name="doctor_is_in_hpr"),
        sa.CheckConstraint("(role = 'insurer') = (insurer IS NOT NULL)", name="clerk_has_insurer"),
        sa.CheckConstraint("ends > granted AND ends <= granted + 31622400000", name="grant_ends"),
        sa.CheckConstraint("(withdrawn IS NULL) = (why IS NULL)", name="grant_ended_for_a_reason"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.execute(
        "INSERT INTO staff_grant SELECT id, number_index, role, hpr_number, insurer, granted,"
        f" granted + {YEAR}, withdrawn, CASE WHEN withdrawn IS NULL THEN NULL ELSE 'withdrawn' END"
        " FROM grant_before"
    )
    op.execute("DROP TABLE grant_before")
    op.create_index(
        "grant_one_live",
        "staff_grant",
        ["number_index", "role"],
        unique=True,
        sqlite_where=sa.text("withdrawn IS NULL"),
        postgresql_where=sa.text("withdrawn IS NULL"),
    )


def one_word_more(
    table: str, column: str, rule: str, before: tuple[str, ...], after: tuple[str, ...]
) -> None:
    """A column may hold another word. SQLite changes a rule by making the table anew."""
    if op.get_bind().dialect.name != "sqlite":
        op.drop_constraint(rule, table, type_="check")
        op.create_check_constraint(rule, table, sa.column(column).in_(after))
        return
    found = op.get_bind().execute(
        sa.text("SELECT type, sql FROM sqlite_master WHERE tbl_name = :t AND sql IS NOT NULL"),
        {"t": table},
    )
    parts = [(kind, str(sql)) for kind, sql in found]
    [made] = [sql for kind, sql in parts if kind == "table"]
    wanted = made.replace(_listed(before), _listed(after))
    assert wanted != made, table
    op.execute(f"CREATE TABLE {table}_before AS SELECT * FROM {table}")
    op.execute(f"DROP TABLE {table}")
    op.execute(wanted)
    op.execute(f"INSERT INTO {table} SELECT * FROM {table}_before")
    op.execute(f"DROP TABLE {table}_before")
    for sql in (sql for kind, sql in parts if kind == "index"):
        op.execute(sql)


def _listed(words: tuple[str, ...]) -> str:
    return ", ".join(f"'{word}'" for word in words)


def _words(name: str, *words: str) -> sa.Enum:
    return sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=16)
