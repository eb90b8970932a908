"""Reads the stored events and makes the messages to people, each exactly once.

Messages, their links and the reader's place are written in one transaction: killed anywhere, the
reader starts again where it was, and the unique key on the event refuses a second message.
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

READER = "notify"
NONCE_BYTES = 12
LINK_LIVES = timedelta(hours=24)  # the visit ends it earlier


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
    """Make the messages of the events since last time. Returns how many events were read."""
    cursor = await db.get(CursorRow, READER, with_for_update=True)
    if cursor is None:
        cursor = CursorRow(reader=READER, seq=0)
        db.add(cursor)
    events = await outbox.read_after(db, cursor.seq)
    for event in events:
        telling = plan.telling(event.name, event.body)
        if telling is not None:
            await _write(db, now, post, event, telling)
        cursor.seq = event.seq
    return len(events)


async def inbox(db: AsyncSession, post: Post, limit: int = 100) -> list[Sent]:
    """The newest messages, opened. For the demonstration's inbox only."""
    newest = select(MessageRow).where(MessageRow.channel == "inbox")
    rows = await db.scalars(newest.order_by(MessageRow.event_seq.desc()).limit(limit))
    return [Sent(row.person, _open(post.seal_key, row), row.due_at) for row in rows]


async def _write(
    db: AsyncSession, now: datetime, post: Post, event: outbox.Stored, telling: plan.Telling
) -> None:
    visit = await chart.visit(db, event.visit)
    token = await links.issue(
        db, now, post.link_key, visit=visit.id, person=visit.opened_by, expires=now + LINK_LIVES
    )
    body = wording.text(telling, f"{post.public_url}/j#{token}", visit.language)
    message = secrets.token_urlsafe(16)
    sent = post.channel == "inbox"
    db.add(
        MessageRow(
            id=message,
            event_seq=event.seq,
            visit=visit.id,
            person=visit.opened_by,
            kind=telling.message,
            channel=post.channel,
            body=_seal(post.seal_key, message, body),
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
