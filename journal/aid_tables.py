"""The rows of what helps to write a note: the loaded codes, and phrases. Nothing about patients."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from venterom.journal.tables import Base


class DiagnosisRow(Base):
    """A code of the list that was loaded last (icpc2_file.py)."""

    __tablename__ = "diagnosis_code"
    code: Mapped[str] = mapped_column(primary_key=True)
    term: Mapped[str]
    loaded_at: Mapped[datetime]


class PhraseRow(Base):
    """A text that is written often, by its key (phrases.py)."""

    __tablename__ = "phrase"
    id: Mapped[str] = mapped_column(primary_key=True)
    owner: Mapped[str]
    key: Mapped[str]
    text: Mapped[str]
    shared: Mapped[bool]
    changed_at: Mapped[datetime]
    __table_args__ = (
        CheckConstraint("length(key) BETWEEN 2 AND 20", name="phrase_key"),
        Index("phrase_of_one", "owner", "key", unique=True),
        Index(
            "phrase_of_all",
            "key",
            unique=True,
            sqlite_where=sql("shared"),
            postgresql_where=sql("shared"),
        ),
    )
