"""The diagnosis codes that are in use here: the loaded list, or the sample until there is one."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import String, bindparam, delete, exists, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from venterom.journal import icpc2
from venterom.journal.aid_tables import DiagnosisRow

# Built once: each signature asks it.
_LIST = DiagnosisRow.__table__.c
_TERM = select(
    select(_LIST.term).where(_LIST.code == bindparam("sought", type_=String)).scalar_subquery(),
    exists(select(_LIST.code)),
)


async def load(db: AsyncSession, now: datetime, terms: Mapping[str, str]) -> None:
    """From now on these are the codes, and no others. Notes that are signed keep their words."""
    await db.execute(delete(DiagnosisRow))
    rows = [{"code": code, "term": term, "loaded_at": now} for code, term in terms.items()]
    await db.execute(insert(DiagnosisRow), rows)


async def loaded(db: AsyncSession) -> Mapping[str, str]:
    """The terms of the loaded list by code; empty when none was ever loaded."""
    rows = await db.execute(select(DiagnosisRow.code, DiagnosisRow.term))
    return {code: term for code, term in rows}


async def terms(db: AsyncSession) -> Mapping[str, str]:
    """The terms to choose from, by code."""
    return await loaded(db) or icpc2.COMMON


async def term_of(db: AsyncSession, code: str) -> str | None:
    """The words of a code, "" when nobody here knows them. None: it is well formed, and the loaded
    list says that there is no such code."""
    term, is_loaded = (await db.execute(_TERM, {"sought": code})).one()
    return term if is_loaded else icpc2.COMMON.get(code, "")
