"""What the database itself refuses."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import insert, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from tests.journal.make import NOON, signed
from venterom.journal.rows import one
from venterom.journal.tables import INSERT_ONLY, Base, DeliveryRow, Utc, VisitRow

pytestmark = pytest.mark.adapter


async def test_a_moment_comes_back_aware_in_utc_and_to_the_millisecond(db: AsyncSession) -> None:
    oslo = datetime(2026, 11, 24, 12, 0, 0, 123_456, tzinfo=timezone(timedelta(hours=1)))
    await db.execute(
        insert(VisitRow).values(id="v", opened_by="kari", stage="draft", opened_at=oslo)
    )
    row = await one(db, VisitRow, VisitRow.id == "v")
    assert row is not None and row.opened_at == datetime(
        2026, 11, 24, 11, 0, 0, 123_000, tzinfo=UTC
    )
    assert row.opened_at.tzinfo is UTC and row.closed_at is None
    stored = await db.scalar(text("SELECT opened_at FROM visit"))
    assert stored == 1_795_518_000_123


async def test_a_moment_without_a_time_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        Utc().process_bind_param(datetime(2026, 11, 24), None)  # type: ignore[arg-type]  # unused


@pytest.mark.parametrize("table", INSERT_ONLY)
@pytest.mark.parametrize("verb", ["UPDATE {} SET visit = 'x'", "DELETE FROM {}"])
async def test_what_the_law_wants_kept_cannot_be_changed(
    session_factory: async_sessionmaker[AsyncSession], table: str, verb: str
) -> None:
    async with session_factory() as db, db.begin():
        await signed(db)
    with pytest.raises(DBAPIError, match="insert-only"):
        async with session_factory() as db, db.begin():
            await db.execute(text(verb.format(table)))


def visit_row(**values: object) -> dict[str, object]:
    return {"id": "v", "opened_by": "kari", "stage": "draft", "opened_at": NOON} | values


def delivery_row(**values: object) -> dict[str, object]:
    row: dict[str, object] = {"visit": "v", "version": 1, "n": 1, "patient": "kari"}
    row |= {"author": "dr-berg", "content_hash": "h", "signed_at": NOON, "due_at": NOON}
    return row | {"state": "signed", "attempts": 0} | values


@pytest.mark.parametrize(
    ("kind", "rows"),
    [
        (VisitRow, [visit_row(), visit_row(id="w")]),  # two drafts for one person
        (VisitRow, [visit_row(stage="lost")]),
        (VisitRow, [visit_row(stage="open")]),  # under way for nobody
        (VisitRow, [visit_row(stage="closed")]),  # over, and nobody knows since when
        (VisitRow, [visit_row(patient="kari")]),  # for whom, but not as what
        (VisitRow, [visit_row(patient="kari", relation="friend")]),
        (DeliveryRow, [delivery_row(state="in_the_journal")]),  # without a receipt
        (DeliveryRow, [delivery_row(receipt="{}")]),  # a receipt for what is not there
        (DeliveryRow, [delivery_row(state="lost")]),
        (DeliveryRow, [delivery_row(), delivery_row(n=2)]),  # one version, two deliveries
        (DeliveryRow, [delivery_row(), delivery_row(visit="w")]),  # one place in the order
    ],
)
async def test_what_must_not_be_cannot_be_stored(
    session_factory: async_sessionmaker[AsyncSession],
    kind: type[Base],
    rows: list[dict[str, object]],
) -> None:
    with pytest.raises(DBAPIError):
        async with session_factory() as db, db.begin():
            for row in rows:
                await db.execute(insert(kind).values(**row))
