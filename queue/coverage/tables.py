"""Rows of the insurer's side: policies, checks, uses, look-ups. Days only, and no health data."""

from datetime import date

from sqlalchemy import CheckConstraint, Enum, Index, MetaData, String, literal
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from venterom.queue.coverage.eligibility import Answer

metadata = MetaData()
INSERT_ONLY = ("policy_use", "look_up_log")

ID = 32  # characters of a visit or a clerk
NUMBER = 20  # characters of a policy number, at most


class Base(DeclarativeBase):
    """Rows of this folder."""

    metadata = metadata


class PolicyRow(Base):
    """A policy as the insurer has told it. The columns are the fields of `policies.Policy`."""

    __tablename__ = "policy"
    __table_args__ = (CheckConstraint("valid_until >= valid_from", name="policy_days"),)

    number: Mapped[str] = mapped_column(String(NUMBER), primary_key=True)
    insurer: Mapped[str] = mapped_column(String(ID))
    product: Mapped[str] = mapped_column(String(80))
    holder_birth_date: Mapped[date]
    valid_from: Mapped[date]
    valid_until: Mapped[date]
    covers_children: Mapped[bool]


class CheckRow(Base):
    """What the last check of a visit's policy said."""

    __tablename__ = "policy_check"

    visit: Mapped[str] = mapped_column(String(ID), primary_key=True)
    number: Mapped[str] = mapped_column(String(NUMBER))
    answer: Mapped[Answer] = mapped_column(
        Enum(
            Answer,
            name="policy_answer",
            native_enum=False,
            create_constraint=True,
            length=16,
            values_callable=lambda members: [member.value for member in members],
        )
    )
    reason: Mapped[str] = mapped_column(String(32))
    insurer: Mapped[str] = mapped_column(String(ID))
    valid_until: Mapped[date | None]


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


def _insert(db: AsyncSession, row: type[Base]) -> sqlite.Insert | postgresql.Insert:
    """Both databases know ON CONFLICT, but SQLAlchemy spells it once for each."""
    return sqlite.insert(row) if db.get_bind().dialect.name == "sqlite" else postgresql.insert(row)


async def insert_once(db: AsyncSession, row: type[Base], **values: object) -> bool:
    """Insert, unless a unique key forbids it; says whether it was inserted."""
    insert = _insert(db, row).values(**values).on_conflict_do_nothing().returning(literal(1))
    return (await db.execute(insert)).first() is not None


async def put(db: AsyncSession, row: type[Base], key: str, **values: object) -> None:
    """Insert, or replace the row with this key."""
    insert = _insert(db, row).values(**values)
    await db.execute(insert.on_conflict_do_update(index_elements=[key], set_=values))
