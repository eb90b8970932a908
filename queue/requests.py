"""Requests that name themselves: asked again under the same key, one gets the same answer.

A page needs no key, for a visit takes one place however often it is asked. A key is for programs,
and for lines that are lost between the question and the answer (RFC draft «The Idempotency-Key
HTTP Header Field»).
"""

import re
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from venterom.queue.errors import BadKey, KeyReused
from venterom.queue.tables import RequestRow, insert_once

KEY = re.compile(r"[\x21-\x7e]{1,255}")  # what a header may carry, and a row can hold


def key_in(header: str) -> str:
    """The key of a header, with or without quotes; "" if there is none. Raises BadKey."""
    key = header.strip().removeprefix('"').removesuffix('"')
    if header and KEY.fullmatch(key) is None:
        raise BadKey
    return key


async def answered(db: AsyncSession, *, by: str, key: str, wish: str) -> str | None:
    """The visit that this request of this person has led to. None: it is new, or has no key.

    Raises KeyReused if the key came with another wish before.
    """
    own = (RequestRow.by == by, RequestRow.key == key)
    row = (await db.execute(select(RequestRow.wish, RequestRow.visit).where(*own))).first()
    if row is None:
        return None
    if row.wish != wish:
        raise KeyReused
    visit: str = row.visit
    return visit


async def remember(
    db: AsyncSession, now: datetime, *, by: str, key: str, wish: str, visit: str
) -> None:
    """Keep what a request led to, with the change itself; nothing is kept without a key."""
    if key:
        await insert_once(db, RequestRow, by=by, key=key, wish=wish, visit=visit, at=now)
