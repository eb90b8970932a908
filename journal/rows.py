"""Ways to touch a row that the other adapters share; the SQL is the same on both databases."""

from collections.abc import Callable, Mapping
from typing import TypeVar

from sqlalchemy import ColumnElement, Integer, Table, literal_column, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from venterom.journal.tables import Base, EpjBase

Row = TypeVar("Row", bound=Base | EpjBase)

_INSERT: Mapping[str, Callable[..., sqlite.Insert | postgresql.Insert]] = {
    "sqlite": sqlite.insert,
    "postgresql": postgresql.insert,
}


def table(kind: type[Base]) -> Table:
    """Where rows of this kind lie, for what each signature writes: an insert of a class is taken
    through SQLAlchemy's mapping of objects, which costs more than the row."""
    return Base.metadata.tables[kind.__tablename__]


async def one(
    db: AsyncSession, kind: type[Row], *where: ColumnElement[bool], lock: bool = False
) -> Row | None:
    """The row as it lies in the database now; `lock` keeps others off it until the end (on SQLite
    a writing transaction keeps everybody off anyway)."""
    query = select(kind).where(*where).execution_options(populate_existing=True)
    return await db.scalar(query.with_for_update() if lock else query)


async def insert_new(
    db: AsyncSession, kind: type[Base] | type[EpjBase], /, **values: object
) -> bool:
    """Insert unless a unique key says that it is there; False means that it was."""
    insert = _INSERT[db.get_bind().dialect.name](kind)
    fresh = insert.values(**values).on_conflict_do_nothing().returning(literal_column("1", Integer))
    done = await db.execute(fresh)
    return done.first() is not None
