"""Rows of who gave an insurer's clerk the role, and who took it away."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from venterom.journal.tables import Utc
from venterom.web.identity.tables import Base, words

INSERT_ONLY = ("clerk_change",)

INSURER = 64  # characters, as in a grant


class What(StrEnum):
    """What was done."""

    GIVEN = "given"
    WITHDRAWN = "withdrawn"


class ClerkChangeRow(Base):
    """A chief clerk gave a colleague the role, or took it away. Insert-only."""

    __tablename__ = "clerk_change"
    __table_args__ = (CheckConstraint("chief <> clerk", name="clerk_change_not_oneself"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    insurer: Mapped[str] = mapped_column(String(INSURER), index=True)
    clerk: Mapped[str] = mapped_column(ForeignKey("person.id"))
    chief: Mapped[str] = mapped_column(ForeignKey("person.id"))
    what: Mapped[What] = mapped_column(words(What, "clerk_change_word"))
    at: Mapped[datetime] = mapped_column(Utc)
