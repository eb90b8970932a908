"""The signed right to enter one room: one person, one visit, one role, between two instants."""

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from venterom.rtc.errors import (
    TicketAltered,
    TicketExpired,
    TicketForOtherVisit,
    TicketTooEarly,
)

KEY_BYTES = 32  # the shortest key that HMAC-SHA256 gets its full strength from
MAX_LENGTH = 1024  # characters; a real ticket has about 280
_LABEL = b"venterom/ticket/2."  # so that this signature can mean nothing else


class Role(StrEnum):
    """The seats of a room."""

    PATIENT = "patient"
    DOCTOR = "doctor"
    GUEST = "guest"  # an interpreter, a parent, a colleague: invited, and let in by the doctor


BOTH = (Role.PATIENT, Role.DOCTOR)  # whose call it is


@dataclass(frozen=True, slots=True)
class Ticket:
    """Who may enter which room, as what, from when until when (whole seconds); and by which
    sign-in, since it is worth nothing when that has been ended. A guest has none."""

    visit: str
    person: str
    role: Role
    not_before: datetime
    expires: datetime
    sign_in: str = ""


def sign(ticket: Ticket, key: bytes) -> str:
    """The ticket as text for the page: body and signature, both base64url."""
    body = _pack(ticket)
    return f"{_encode(body)}.{_encode(_signature(body, key))}"


def read(text: str, key: bytes, *, visit: str, now: datetime) -> Ticket:
    """The ticket, if it opens this visit's room now.

    Raises TicketAltered, TicketForOtherVisit, TicketTooEarly or TicketExpired, in this order: the
    content is looked at only when the signature holds.
    """
    ticket = _unpack(_verified(text, key))
    if not hmac.compare_digest(ticket.visit.encode(), visit.encode()):
        raise TicketForOtherVisit
    if now < ticket.not_before:
        raise TicketTooEarly
    if now >= ticket.expires:
        raise TicketExpired
    return ticket


def _verified(text: str, key: bytes) -> bytes:
    if len(text) > MAX_LENGTH or not text.isascii() or text.count(".") != 1:
        raise TicketAltered
    try:
        body, signature = (_decode(part) for part in text.split("."))
    except ValueError:
        raise TicketAltered from None
    if not hmac.compare_digest(signature, _signature(body, key)):
        raise TicketAltered
    return body


def _signature(body: bytes, key: bytes) -> bytes:
    if len(key) < KEY_BYTES:
        raise ValueError(f"a ticket key has at least {KEY_BYTES} bytes")
    return hmac.new(key, _LABEL + body, hashlib.sha256).digest()


def _pack(ticket: Ticket) -> bytes:
    fields = [
        ticket.visit,
        ticket.person,
        ticket.role.value,
        int(ticket.not_before.timestamp()),
        int(ticket.expires.timestamp()),
        ticket.sign_in,
    ]
    return json.dumps(fields, separators=(",", ":")).encode()


def _unpack(body: bytes) -> Ticket:
    # Only bodies that we have signed come here, so their shape is known.
    visit, person, role, not_before, expires, sign_in = json.loads(body)
    return Ticket(
        visit=visit,
        person=person,
        role=Role(role),
        not_before=datetime.fromtimestamp(not_before, UTC),
        expires=datetime.fromtimestamp(expires, UTC),
        sign_in=sign_in,
    )


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if _encode(data) != text:  # one way to write a ticket, not several
        raise ValueError
    return data
