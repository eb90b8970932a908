"""Reads the stored events and makes the messages to people, each exactly once.

Messages, their links and the reader's place are written in one transaction: killed anywhere, the
reader starts again where it was. Its place is behind what it has read, since an event may appear
late; what has been told already is passed over, and the unique key on the event guards it.
"""

import os
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from venterom.journal import chart
from venterom.server.notify import plan, wording
from venterom.server.notify.tables import CursorRow, MessageRow
from venterom.web import outbox
from venterom.web.identity import links
from venterom.web.text import SOURCE

READER = "notify"
NONCE_BYTES = 12
LINK_LIVES = timedelta(hours=24)  # after the time that a message names; the visit ends it earlier


@dataclass(frozen=True, slots=True)
class Post:
    """How messages leave the house."""

    public_url: str
    channel: str  # "inbox" in the demonstration; "sms" waits until a gateway is there
    link_key: bytes
    seal_key: bytes


@dataclass(frozen=True, slots=True)
class Sent:
    """A message as it can be shown to its receiver."""

    person: str
    text: str
    at: datetime

    @property
    def link(self) -> str:
        """The address in it."""
        return next(word for word in self.text.split() if word.startswith("http"))


async def tell(db: AsyncSession, now: datetime, post: Post) -> int:
    """Make the messages that events ask for and that have not been made. Returns how many."""
    cursor = await _place(db)
    told = await db.scalars(select(MessageRow.event_seq).where(MessageRow.event_seq > cursor.seq))
    done, made = set(told), 0
    for event in await outbox.read_after(db, cursor.seq, names=plan.TELLINGS):
        telling = plan.telling(event.name, event.body)
        if telling is not None and event.seq not in done:
            await _write(db, now, post, event, telling)
            made += 1
    cursor.seq = await outbox.settled(db, cursor.seq, now)
    return made


async def _place(db: AsyncSession) -> CursorRow:
    """Up to where everything has been told; locked, so that one reader reads at a time."""
    cursor = await db.get(CursorRow, READER, with_for_update=True)
    if cursor is None:
        cursor = CursorRow(reader=READER, seq=0)
        db.add(cursor)
    return cursor


async def inbox(db: AsyncSession, post: Post, limit: int = 100) -> list[Sent]:
    """The newest messages, opened. For the demonstration's inbox only."""
    newest = select(MessageRow).where(MessageRow.channel == "inbox")
    rows = await db.scalars(newest.order_by(MessageRow.event_seq.desc()).limit(limit))
    return [Sent(row.person, _open(post.seal_key, row), row.due_at) for row in rows]


async def _write(
    db: AsyncSession, now: datetime, post: Post, event: outbox.Stored, telling: plan.Telling
) -> None:
    if telling.staff:
        person, language, link = telling.staff, SOURCE, post.public_url + telling.page
    else:
        visit = await chart.visit(db, event.visit)
        person, language = visit.opened_by, visit.language
        expires = max(now, telling.at or now) + LINK_LIVES
        token = await links.issue(
            db, now, post.link_key, visit=visit.id, person=person, expires=expires
        )
        link = f"{post.public_url}/j#{token}"
    message = secrets.token_urlsafe(16)
    sent = post.channel == "inbox"
    db.add(
        MessageRow(
            id=message,
            event_seq=event.seq,
            visit=event.visit,
            person=person,
            kind=telling.message,
            channel=post.channel,
            body=_seal(post.seal_key, message, wording.text(telling, link, language)),
            state="sent" if sent else "due",
            due_at=now,
            sent_at=now if sent else None,
        )
    )


def _seal(key: bytes, message: str, text: str) -> bytes:
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, text.encode(), message.encode())


def _open(key: bytes, row: MessageRow) -> str:
    nonce, sealed = row.body[:NONCE_BYTES], row.body[NONCE_BYTES:]
    return AESGCM(key).decrypt(nonce, sealed, row.id.encode()).decode()
