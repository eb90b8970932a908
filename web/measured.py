"""What was measured of a visit's devices and networks, kept with it: figures, never content."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime

from sqlalchemy import MetaData, String, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from venterom.journal.tables import Utc
from venterom.rtc.figures import Kept
from venterom.rtc.quality import Figures, Finding, Verdict
from venterom.rtc.tested import Microphone, Speaker, Tested, Way, judgement
from venterom.rtc.ticket import Role
from venterom.web.identity.tables import words

metadata = MetaData()
INSERT_ONLY = ("call_quality",)
ID = 32  # characters of a visit's id


class Base(DeclarativeBase):
    """Rows of this module."""

    metadata = metadata


class CheckRow(Base):
    """The latest technical test of a visit. Shares are of a thousand; null is not measured."""

    __tablename__ = "technical_check"

    visit: Mapped[str] = mapped_column(String(ID), primary_key=True)
    at: Mapped[datetime] = mapped_column(Utc)
    verdict: Mapped[Verdict] = mapped_column(words(Verdict, "check_verdict"))
    camera: Mapped[bool]
    microphone: Mapped[Microphone] = mapped_column(words(Microphone, "check_microphone"))
    speaker: Mapped[Speaker] = mapped_column(words(Speaker, "check_speaker"))
    way: Mapped[Way] = mapped_column(words(Way, "check_way"))
    round_trip_ms: Mapped[int | None]
    jitter_ms: Mapped[int | None]
    lost_up: Mapped[int | None]
    lost_down: Mapped[int | None]
    kbit_up: Mapped[int | None]
    kbit_down: Mapped[int | None]
    room_kbit: Mapped[int | None]


class CallRow(Base):
    """One seat of one call, when it is over. Insert-only; a visit may have several calls."""

    __tablename__ = "call_quality"

    visit: Mapped[str] = mapped_column(String(ID), primary_key=True)
    seat: Mapped[Role] = mapped_column(words(Role, "call_seat"), primary_key=True)
    ended_at: Mapped[datetime] = mapped_column(Utc, primary_key=True)
    seconds: Mapped[int]
    samples: Mapped[int]
    reconnects: Mapped[int]
    lost: Mapped[int | None]
    round_trip_p50: Mapped[int | None]
    round_trip_p95: Mapped[int | None]
    jitter: Mapped[int | None]
    kbit_in: Mapped[int | None]
    kbit_out: Mapped[int | None]
    freezes: Mapped[int | None]


@dataclass(frozen=True, slots=True)
class Check:
    """A visit's latest technical test, for the list and the patient's page."""

    visit: str
    at: datetime
    verdict: Verdict
    camera: bool
    microphone: Microphone
    speaker: Speaker
    way: Way
    figures: Figures

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What the verdict is due to, worst first."""
        return judgement(self.way, self.figures).findings


async def keep_check(db: AsyncSession, now: datetime, *, visit: str, tested: Tested) -> None:
    """The latest test counts."""
    up, down = tested.losses
    echoed = tested.echoed
    values = {
        "at": now,
        "verdict": tested.judgement.verdict,
        "camera": tested.camera,
        "microphone": tested.microphone,
        "speaker": tested.speaker,
        "way": tested.way,
        "lost_up": up,
        "lost_down": down,
        **{
            name: getattr(echoed, name) if echoed else None
            for name in ("round_trip_ms", "jitter_ms", "kbit_up", "kbit_down", "room_kbit")
        },
    }
    # Both databases know ON CONFLICT, but SQLAlchemy spells it once for each.
    spell = sqlite.insert if db.get_bind().dialect.name == "sqlite" else postgresql.insert
    insert = spell(CheckRow).values(visit=visit, **values)
    await db.execute(insert.on_conflict_do_update(index_elements=["visit"], set_=values))


async def checks_of(db: AsyncSession, visits: Iterable[str]) -> Mapping[str, Check]:
    """The latest test of each of these visits that has one."""
    found = await db.scalars(select(CheckRow).where(CheckRow.visit.in_([*visits])))
    return {row.visit: _check(row) for row in found}


def _check(row: CheckRow) -> Check:
    losses = [each for each in (row.lost_up, row.lost_down) if each is not None]
    lost = max(losses, default=None)
    figures = Figures(row.round_trip_ms, row.jitter_ms, lost, row.room_kbit)
    names = [field.name for field in fields(Check) if field.name != "figures"]
    return Check(**{name: getattr(row, name) for name in names}, figures=figures)


async def keep_call(db: AsyncSession, now: datetime, *, visit: str, kept: Sequence[Kept]) -> None:
    """A call is over."""
    names = [field.name for field in fields(Kept)]
    for each in kept:
        figures = {name: getattr(each, name) for name in names if name != "seat"}
        db.add(CallRow(visit=visit, ended_at=now, seat=Role(each.seat), **figures))
    await db.flush()


async def last_call(db: AsyncSession, visit: str) -> list[Kept]:
    """Both seats of the visit's last call, the patient's first; empty when there was none."""
    found = [*await db.scalars(select(CallRow).where(CallRow.visit == visit))]
    last = max((row.ended_at for row in found), default=None)
    names = [field.name for field in fields(Kept)]
    rows = [
        Kept(**{name: getattr(row, name) for name in names})
        for row in found
        if row.ended_at == last
    ]
    return sorted(rows, key=lambda row: row.seat, reverse=True)
