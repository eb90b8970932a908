"""Rows of the insurer's side: policies, checks, uses, look-ups. Days only, and no health data."""

from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Enum,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    literal,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from venterom.queue.coverage.eligibility import Answer
from venterom.queue.coverage.loads import Kind, Source
from venterom.queue.coverage.policies import LONGEST_PRODUCT

metadata = MetaData()
INSERT_ONLY = ("policy_use", "look_up_log", "policy_load", "policy_change")

ID = 32  # characters of a visit or a clerk
NUMBER = 20  # characters of a policy number, at most
CODE = 32  # characters of a code of ours, at most


class Base(DeclarativeBase):
    """Rows of this folder."""

    metadata = metadata


def _one_of(kind: type[StrEnum], name: str) -> Enum:
    """A column that the database holds to the values of `kind`."""
    return Enum(
        kind,
        name=name,
        native_enum=False,
        create_constraint=True,
        length=16,
        values_callable=lambda members: [member.value for member in members],
    )


class ProductRow(Base):
    """What a product of an insurer covers. The columns are the fields of `policies.Cover`."""

    __tablename__ = "insurance_product"
    __table_args__ = (
        CheckConstraint("uses_per_year >= 1", name="product_uses"),
        CheckConstraint("oldest >= youngest", name="product_ages"),
    )

    insurer: Mapped[str] = mapped_column(String(ID), primary_key=True)
    product: Mapped[str] = mapped_column(String(LONGEST_PRODUCT), primary_key=True)
    uses_per_year: Mapped[int | None]
    youngest: Mapped[int]
    oldest: Mapped[int | None]
    children: Mapped[bool]
    children_until: Mapped[int | None]
    countries: Mapped[str] = mapped_column(String(200))  # «NO,SE»; empty: anywhere


class PolicyRow(Base):
    """A policy as the insurer has told it last. The columns are those of `policies.Policy`."""

    __tablename__ = "policy"
    __table_args__ = (CheckConstraint("valid_until >= valid_from", name="policy_days"),)

    number: Mapped[str] = mapped_column(String(NUMBER), primary_key=True)
    insurer: Mapped[str] = mapped_column(String(ID))
    product: Mapped[str] = mapped_column(String(LONGEST_PRODUCT))
    holder_birth_date: Mapped[date]
    valid_from: Mapped[date]
    valid_until: Mapped[date]
    covers_children: Mapped[bool]


class LoadRow(Base):
    """A load that changed the register, or could have. Insert-only."""

    __tablename__ = "policy_load"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    insurer: Mapped[str] = mapped_column(String(ID))
    day: Mapped[date]
    source: Mapped[Source] = mapped_column(_one_of(Source, "policy_load_source"))
    taken: Mapped[int]
    changed: Mapped[int]
    unchanged: Mapped[int]
    refused: Mapped[int]
    ended: Mapped[int]


class ChangeRow(Base):
    """What a load made of a policy; for one that it ended, what it was before. Insert-only."""

    __tablename__ = "policy_change"
    __table_args__ = (Index("policy_change_number", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    load: Mapped[int] = mapped_column(ForeignKey("policy_load.id"))
    kind: Mapped[Kind] = mapped_column(_one_of(Kind, "policy_change_kind"))
    number: Mapped[str] = mapped_column(String(NUMBER))
    insurer: Mapped[str] = mapped_column(String(ID))
    product: Mapped[str] = mapped_column(String(LONGEST_PRODUCT))
    holder_birth_date: Mapped[date]
    valid_from: Mapped[date]
    valid_until: Mapped[date]
    covers_children: Mapped[bool]


def _staged(**how: Any) -> Table:
    return Table(
        "policy_staged",
        MetaData(),
        Column("line", Integer, primary_key=True, autoincrement=False),
        Column("number", String(NUMBER), nullable=False),
        Column("product", String(LONGEST_PRODUCT)),
        Column("holder_birth_date", Date),
        Column("valid_from", Date),
        Column("valid_until", Date),
        Column("covers_children", Boolean),
        Column("outcome", String(CODE), nullable=False),
        Column("flaw", String(CODE), nullable=False),
        Column("why", String(CODE), nullable=False),
        **how,
    )


# The lines of a load, in the order of the file, before the register is touched. It is a temporary
# table: nobody else sees it, no other writer waits for it, and it goes with the connection.
STAGED = _staged(prefixes=["TEMPORARY"])
# The same in a file of its own, for a million lines: our SQLite keeps temporary tables in memory.
APART = "apart"
STAGED_APART = _staged(schema=APART)


class CheckRow(Base):
    """What the last check of a visit's policy said. `used_on`: the day of a visit that is over and
    could not be checked, until it is."""

    __tablename__ = "policy_check"
    __table_args__ = (Index("policy_check_used", "used_on"),)

    visit: Mapped[str] = mapped_column(String(ID), primary_key=True)
    number: Mapped[str] = mapped_column(String(NUMBER))
    answer: Mapped[Answer] = mapped_column(_one_of(Answer, "policy_answer"))
    reason: Mapped[str] = mapped_column(String(CODE))
    insurer: Mapped[str] = mapped_column(String(ID))
    valid_until: Mapped[date | None]
    used_on: Mapped[date | None]


class UseRow(Base):
    """A visit that counts on a policy. Insert-only."""

    __tablename__ = "policy_use"
    __table_args__ = (Index("policy_use_number", "number", "day"),)

    number: Mapped[str] = mapped_column(String(NUMBER), primary_key=True)
    visit: Mapped[str] = mapped_column(String(ID), primary_key=True)
    day: Mapped[date]


class LookUpRow(Base):
    """A clerk's look-up, so that the patient can see it. Insert-only."""

    __tablename__ = "look_up_log"
    __table_args__ = (
        Index("look_up_number", "number"),
        Index("look_up_insurer", "insurer", "day"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    insurer: Mapped[str] = mapped_column(String(ID))
    clerk: Mapped[str] = mapped_column(String(ID))
    number: Mapped[str] = mapped_column(String(NUMBER))
    day: Mapped[date]


def upsert(db: AsyncSession, row: type[Base]) -> sqlite.Insert | postgresql.Insert:
    """An INSERT that may be given an ON CONFLICT: SQLAlchemy spells it once for each database."""
    return sqlite.insert(row) if db.get_bind().dialect.name == "sqlite" else postgresql.insert(row)


async def insert_once(db: AsyncSession, row: type[Base], **values: object) -> bool:
    """Insert, unless a unique key forbids it; says whether it was inserted."""
    insert = upsert(db, row).values(**values).on_conflict_do_nothing().returning(literal(1))
    return (await db.execute(insert)).first() is not None


async def put(db: AsyncSession, row: type[Base], key: str, **values: object) -> None:
    """Insert, or replace the row with this key."""
    insert = upsert(db, row).values(**values)
    await db.execute(insert.on_conflict_do_update(index_elements=[key], set_=values))
