"""Who is told what when something has happened. A message holds a link and a time, nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any


class Message(StrEnum):
    """What a patient can be told."""

    PLACE_TAKEN = "place_taken"
    SLOT_BOOKED = "slot_booked"
    DOCTOR_READY = "doctor_ready"
    WAITING_AGAIN = "waiting_again"
    WRITTEN = "written"
    UNSERVED = "unserved"


@dataclass(frozen=True, slots=True)
class Telling:
    """One message that is to be made."""

    message: Message
    at: datetime | None = None  # the clock time that it names


# Which stored event causes which message, and which of the event's times it names.
TELLINGS: Mapping[str, tuple[Message, str | None]] = {
    "Joined": (Message.PLACE_TAKEN, "deadline"),
    "Booked": (Message.SLOT_BOOKED, "slot"),
    "Moved": (Message.SLOT_BOOKED, "slot"),
    "Claimed": (Message.DOCTOR_READY, None),
    "Returned": (Message.WAITING_AGAIN, "deadline"),
    "Finished": (Message.WRITTEN, None),
    "Unserved": (Message.UNSERVED, None),
}


def telling(name: str, body: Mapping[str, Any]) -> Telling | None:
    """What the patient is told about a stored event; None for most of them."""
    if name not in TELLINGS or body.get("fresh") is False:
        return None
    message, time = TELLINGS[name]
    return Telling(message, datetime.fromisoformat(body[time]) if time else None)
