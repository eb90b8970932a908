"""What became of a policy over time: each change, with the load that it came by."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from venterom.queue.coverage.loads import Kind, Source
from venterom.queue.coverage.policies import Policy
from venterom.queue.coverage.tables import ChangeRow, LoadRow


@dataclass(frozen=True, slots=True)
class Change:
    """One change: on which day, by which load and on which way, and what the policy said then. For
    one that ended it is what it said before."""

    kind: Kind
    day: date
    load: int
    source: Source
    policy: Policy


async def history_of(db: AsyncSession, number: str) -> tuple[Change, ...]:
    """The changes of the policy with this normalised number, oldest first."""
    query = select(ChangeRow.__table__, LoadRow.day, LoadRow.source).join(LoadRow)
    rows = await db.execute(query.where(ChangeRow.number == number).order_by(ChangeRow.id))
    return tuple(
        Change(
            row.kind,
            row.day,
            row.load,
            row.source,
            Policy(
                number=row.number,
                insurer=row.insurer,
                product=row.product,
                holder_birth_date=row.holder_birth_date,
                valid_from=row.valid_from,
                valid_until=row.valid_until,
                covers_children=row.covers_children,
            ),
        )
        for row in rows
    )
