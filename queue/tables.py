"""Rows of the waiting room, and what the database itself forbids in them."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Dialect,
    Enum,
    ForeignKey,
    Index,
    MetaData,
    String,
    Text,
    TypeDecorator,
    UniqueConstraint,
    false,
    literal,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from venterom.queue.floor import FLOOR, Kind
from venterom.queue.monitor import Cause, Step
from venterom.queue.on_call import Answer
from venterom.queue.planning import Work
from venterom.queue.promise import Decision, Outcome
from venterom.queue.states import Phase, State
from venterom.queue.triage import Ground

metadata = MetaData()
INSERT_ONLY = (
    "promise",
    "promise_outcome",
    "escalation",
    "certainty",
    "triage_change",
    "booking_request",
    "service_time",
    "lever_choice",
)

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)
ID = 32  # characters of a visit, a person or an entry


class Utc(TypeDecorator[datetime]):
    """An aware datetime, kept as whole milliseconds since 1970 in UTC."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        return None if value is None else (value - EPOCH) // MILLISECOND

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        return None if value is None else EPOCH + value * MILLISECOND


def _words(kind: type[StrEnum], name: str) -> Enum:
    """A column of the words of `kind`, with a CHECK that forbids all others."""
    return Enum(
        kind,
        name=name,
        native_enum=False,
        create_constraint=True,
        length=16,
        values_callable=lambda members: [member.value for member in members],
    )


class Base(DeclarativeBase):
    """Rows of this folder."""

    metadata = metadata


class LockRow(Base):
    """A name to hold while something is done that only one at a time may do."""

    __tablename__ = "svc_lock"

    name: Mapped[str] = mapped_column(String(16), primary_key=True)


class PromiseRow(Base):
    """The ledger: what was offered, on which grounds, before anybody saw it. Insert-only."""

    __tablename__ = "promise"
    __table_args__ = (
        CheckConstraint(
            "deadline IS NOT NULL OR decision IN ('slot', 'declined')", name="promise_has_deadline"
        ),
        Index("promise_visit", "visit", "quoted_at"),
        Index("promise_quoted", "quoted_at"),
    )

    id: Mapped[str] = mapped_column(String(ID), primary_key=True)
    visit: Mapped[str] = mapped_column(String(ID))
    patient: Mapped[str] = mapped_column(String(ID))
    quoted_at: Mapped[datetime] = mapped_column(Utc)
    decision: Mapped[Decision] = mapped_column(_words(Decision, "promise_decision"))
    deadline: Mapped[datetime | None] = mapped_column(Utc)
    p_keep: Mapped[float]
    p_min_others: Mapped[float]
    model: Mapped[str] = mapped_column(String(32))
    seed: Mapped[int] = mapped_column(BigInteger)
    state_json: Mapped[str] = mapped_column(Text)
    inputs_sha256: Mapped[str] = mapped_column(String(64))
    leans: Mapped[bool] = mapped_column(server_default=false())  # on a doctor on call


class OutcomeRow(Base):
    """How an accepted promise ended: once, and for good. Insert-only."""

    __tablename__ = "promise_outcome"
    __table_args__ = (Index("promise_outcome_at", "at"),)

    promise: Mapped[str] = mapped_column(ForeignKey("promise.id"), primary_key=True)
    outcome: Mapped[Outcome] = mapped_column(_words(Outcome, "promise_outcome_word"))
    at: Mapped[datetime] = mapped_column(Utc)
    cause: Mapped[str] = mapped_column(String(32))


class EscalationRow(Base):
    """A step that was taken for a promise in danger, once each, and why. Insert-only."""

    __tablename__ = "escalation"

    promise: Mapped[str] = mapped_column(ForeignKey("promise.id"), primary_key=True)
    step: Mapped[Step] = mapped_column(_words(Step, "escalation_step"), primary_key=True)
    visit: Mapped[str] = mapped_column(String(ID))
    at: Mapped[datetime] = mapped_column(Utc)
    p_keep: Mapped[float]
    cause: Mapped[Cause] = mapped_column(_words(Cause, "escalation_cause"))
    likely: Mapped[datetime | None] = mapped_column(Utc)  # what the patient was told, if anything


class CallRow(Base):
    """A doctor on call was rung for a promise in danger, and what came back."""

    __tablename__ = "on_call_ring"
    __table_args__ = (Index("on_call_ring_at", "at"),)

    practitioner: Mapped[str] = mapped_column(String(ID), primary_key=True)
    at: Mapped[datetime] = mapped_column(Utc, primary_key=True, autoincrement=False)
    promise: Mapped[str] = mapped_column(ForeignKey("promise.id"))
    visit: Mapped[str] = mapped_column(String(ID))
    answer: Mapped[Answer] = mapped_column(_words(Answer, "on_call_answer"))
    answered_at: Mapped[datetime | None] = mapped_column(Utc)


class CertaintyRow(Base):
    """How likely a promise has to be from `until` on, learned from the day before. Insert-only."""

    __tablename__ = "certainty"

    until: Mapped[datetime] = mapped_column(Utc, primary_key=True, autoincrement=False)
    certainty: Mapped[float]
    kept: Mapped[int]
    missed: Mapped[int]  # broken, or kept by a rescue only
    # The same for promises that lean on a doctor on call
    leaning: Mapped[float] = mapped_column(server_default=str(FLOOR))
    leaning_kept: Mapped[int] = mapped_column(server_default="0")
    leaning_missed: Mapped[int] = mapped_column(server_default="0")


class ServiceRow(Base):
    """How long patients take from `until` on, as learned; 0 is the code's own. Insert-only."""

    __tablename__ = "service_time"

    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    until: Mapped[datetime] = mapped_column(Utc, unique=True)
    consultation: Mapped[str] = mapped_column(Text)  # 257 quantiles in milliseconds, as JSON
    wrap_up: Mapped[str] = mapped_column(Text)
    calls: Mapped[int]  # that were over, among those it was learned from
    notes: Mapped[int]


class DeferralRow(Base):
    """A note that a doctor was asked to put off. The columns are the fields of `floor.Deferral`."""

    __tablename__ = "deferral"
    __table_args__ = (
        Index(
            "deferral_one_a_doctor",
            "practitioner",
            unique=True,
            sqlite_where=text("paid_at IS NULL AND refused_at IS NULL"),
            postgresql_where=text("paid_at IS NULL AND refused_at IS NULL"),
        ),
    )

    visit: Mapped[str] = mapped_column(String(ID), primary_key=True)
    practitioner: Mapped[str] = mapped_column(String(ID))
    promise: Mapped[str] = mapped_column(ForeignKey("promise.id"))
    begun_at: Mapped[datetime] = mapped_column(Utc)
    asked_at: Mapped[datetime] = mapped_column(Utc)
    refused_at: Mapped[datetime | None] = mapped_column(Utc)
    accepted_at: Mapped[datetime | None] = mapped_column(Utc)
    paid_at: Mapped[datetime | None] = mapped_column(Utc)


class EntryRow(Base):
    """A visit's place in the waiting room. The columns are the fields of `floor.Entry`."""

    __tablename__ = "queue_entry"
    __table_args__ = (
        CheckConstraint("(slot IS NOT NULL) = (kind = 'booked')", name="entry_slot"),
        CheckConstraint(
            "state NOT IN ('claimed', 'in_call') OR"
            " (claimed_by IS NOT NULL AND lease_until IS NOT NULL)",
            name="entry_held_by_somebody",
        ),
        Index(
            "entry_one_open_a_patient",
            "patient",
            unique=True,
            sqlite_where=text("state IN ('waiting', 'claimed', 'in_call')"),
            postgresql_where=text("state IN ('waiting', 'claimed', 'in_call')"),
        ),
        Index(
            "entry_one_held_a_doctor",
            "claimed_by",
            unique=True,
            sqlite_where=text("state IN ('claimed', 'in_call')"),
            postgresql_where=text("state IN ('claimed', 'in_call')"),
        ),
        Index(
            "entry_claim",
            text("triage DESC"),
            "deadline",
            "created_at",
            "visit",
            sqlite_where=text("state = 'waiting'"),
            postgresql_where=text("state = 'waiting'"),
        ),
        Index("entry_state", "state"),
    )

    visit: Mapped[str] = mapped_column(String(ID), primary_key=True)
    patient: Mapped[str] = mapped_column(String(ID))
    promise: Mapped[str] = mapped_column(ForeignKey("promise.id"), unique=True)
    kind: Mapped[Kind] = mapped_column(_words(Kind, "entry_kind"))
    state: Mapped[State] = mapped_column(_words(State, "entry_state_word"))
    triage: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(Utc)
    release_at: Mapped[datetime] = mapped_column(Utc)
    deadline: Mapped[datetime] = mapped_column(Utc)
    slot: Mapped[datetime | None] = mapped_column(Utc)
    attempts: Mapped[int] = mapped_column(default=0)
    returns: Mapped[int] = mapped_column(default=0)
    claimed_by: Mapped[str | None] = mapped_column(String(ID))
    lease_token: Mapped[int] = mapped_column(BigInteger, default=0)
    lease_until: Mapped[datetime | None] = mapped_column(Utc)
    doctor_joined_at: Mapped[datetime | None] = mapped_column(Utc)
    connected_at: Mapped[datetime | None] = mapped_column(Utc)
    ended_at: Mapped[datetime | None] = mapped_column(Utc)
    signed_at: Mapped[datetime | None] = mapped_column(Utc)


class TriageRow(Base):
    """Somebody was put before others who wait, or back among them, by a doctor. Insert-only."""

    __tablename__ = "triage_change"
    __table_args__ = (Index("triage_visit", "visit"),)

    id: Mapped[str] = mapped_column(String(ID), primary_key=True)
    visit: Mapped[str] = mapped_column(String(ID))
    practitioner: Mapped[str] = mapped_column(String(ID))
    at: Mapped[datetime] = mapped_column(Utc)
    was: Mapped[int]
    triage: Mapped[int]
    ground: Mapped[Ground] = mapped_column(_words(Ground, "triage_ground"))


class RequestRow(Base):
    """What a request with a key of its own has led to. Insert-only."""

    __tablename__ = "booking_request"

    by: Mapped[str] = mapped_column(String(ID), primary_key=True)
    key: Mapped[str] = mapped_column(String(255), primary_key=True)
    wish: Mapped[str] = mapped_column(String(64))
    visit: Mapped[str] = mapped_column(String(ID))
    at: Mapped[datetime] = mapped_column(Utc)


class LeversRow(Base):
    """Which levers a director has chosen. The columns are the fields of `levers.Levers`, and who
    chose them when. Insert-only: the last line counts."""

    __tablename__ = "lever_choice"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    defers: Mapped[bool]
    plans: Mapped[bool]
    leans: Mapped[bool] = mapped_column(server_default=false())
    by: Mapped[str] = mapped_column(String(ID))
    at: Mapped[datetime] = mapped_column(Utc)


class ShiftRow(Base):
    """A doctor at work. The columns are the fields of `floor.Shift`."""

    __tablename__ = "shift"
    __table_args__ = (
        CheckConstraint("off_at > on_at", name="shift_ends_later"),
        Index(
            "shift_one_live_a_doctor",
            "practitioner",
            unique=True,
            sqlite_where=text("phase <> 'off'"),
            postgresql_where=text("phase <> 'off'"),
        ),
    )

    id: Mapped[str] = mapped_column(String(ID), primary_key=True)
    practitioner: Mapped[str] = mapped_column(String(ID))
    on_at: Mapped[datetime] = mapped_column(Utc)
    off_at: Mapped[datetime] = mapped_column(Utc)
    phase: Mapped[Phase] = mapped_column(_words(Phase, "shift_phase"))
    phase_since: Mapped[datetime] = mapped_column(Utc)
    visit: Mapped[str | None] = mapped_column(String(ID))
    heartbeat_at: Mapped[datetime] = mapped_column(Utc)


class PlanRow(Base):
    """A line of the plan of shifts. The columns are the fields of `planning.Planned`."""

    __tablename__ = "shift_plan"
    __table_args__ = (
        CheckConstraint("off_at > on_at", name="plan_ends_later"),
        # That nothing overlaps is for the rule, under the admission lock; this stops the twin.
        UniqueConstraint("practitioner", "work", "on_at", name="plan_once"),
    )

    id: Mapped[str] = mapped_column(String(ID), primary_key=True)
    practitioner: Mapped[str] = mapped_column(String(ID))
    work: Mapped[Work] = mapped_column(_words(Work, "plan_work"))
    on_at: Mapped[datetime] = mapped_column(Utc)
    off_at: Mapped[datetime] = mapped_column(Utc)


class SeatRow(Base):
    """A taken seat of a slot. On a grid overlap is equality, so one key forbids double booking."""

    __tablename__ = "slot_seat"
    __table_args__ = (
        UniqueConstraint("starts_at", "seat", name="one_visit_a_seat"),
        CheckConstraint("seat >= 0", name="seat_number"),
        CheckConstraint("starts_at % 900000 = 0", name="seat_on_the_quarter"),  # milliseconds
    )

    visit: Mapped[str] = mapped_column(String(ID), primary_key=True)
    starts_at: Mapped[datetime] = mapped_column(Utc)
    seat: Mapped[int]


async def insert_once(db: AsyncSession, row: type[Base], **values: object) -> bool:
    """Insert, unless a unique key forbids it; says whether it was inserted."""
    statement = _spelled(db, row).values(**values).on_conflict_do_nothing().returning(literal(1))
    return (await db.execute(statement)).first() is not None


async def insert_new(
    db: AsyncSession, row: type[Base], lines: Sequence[Mapping[str, object]], key: Sequence[str]
) -> frozenset[tuple[Any, ...]]:
    """The same with many at once; returns the keys of those that were inserted."""
    if not lines:
        return frozenset()
    columns = (row.__table__.c[name] for name in key)
    statement = _spelled(db, row.__table__).on_conflict_do_nothing().returning(*columns)
    return frozenset(tuple(each) for each in await db.execute(statement, lines))


def _spelled(db: AsyncSession, row: Any) -> Any:
    """Both databases know ON CONFLICT, but SQLAlchemy spells it once for each."""
    return (sqlite if db.get_bind().dialect.name == "sqlite" else postgresql).insert(row)
