"""Rows that an insurer's own pages are made of: what is billed, and which promises were kept. A
month is written as «2026-10»: there is no room for a day."""

from sqlalchemy import CheckConstraint, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from venterom.queue.coverage.tables import ID, Base

INSERT_ONLY = ("policy_charge", "promise_month")

MONTH = 7  # characters
PRODUCT = 80  # characters of a product's name, at most


class ChargeRow(Base):
    """A visit on an insurer's bill, as it was when it was counted. Insert-only."""

    __tablename__ = "policy_charge"
    __table_args__ = (Index("policy_charge_month", "insurer", "month"),)

    visit: Mapped[str] = mapped_column(String(ID), primary_key=True)
    insurer: Mapped[str] = mapped_column(String(ID))
    product: Mapped[str] = mapped_column(String(PRODUCT))
    month: Mapped[str] = mapped_column(String(MONTH))
    later: Mapped[bool]


class KeptRow(Base):
    """How many promises to an insurer's customers were kept in a month, if they were many (20 is
    `kept.FEWEST`). Insert-only."""

    __tablename__ = "promise_month"
    __table_args__ = (
        CheckConstraint("(kept IS NULL) = (promises IS NULL)", name="promise_month_whole"),
        CheckConstraint("promises >= 20", name="promise_month_of_many"),
        CheckConstraint("kept >= 0 AND kept <= promises", name="promise_month_share"),
    )

    insurer: Mapped[str] = mapped_column(String(ID), primary_key=True)
    month: Mapped[str] = mapped_column(String(MONTH), primary_key=True)
    kept: Mapped[int | None]
    promises: Mapped[int | None]
