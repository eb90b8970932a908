"""Who is told what when something has happened. A message holds a link and a time, nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any


class Message(StrEnum):
    """What a patient, or a doctor on call, can be told."""

    PLACE_TAKEN = "place_taken"
    SLOT_BOOKED = "slot_booked"
    DOCTOR_READY = "doctor_ready"
    WAITING_AGAIN = "waiting_again"
    WRITTEN = "written"
    UNSERVED = "unserved"
    WILL_BE_LATE = "will_be_late"
    ON_CALL = "on_call"
    NEW_LINK = "new_link"
    LINK_TRIED = "link_tried"


@dataclass(frozen=True, slots=True)
class Telling:
    """One message that is to be made."""

    message: Message
    at: datetime | None = None  # the clock time that it names
    doctor: str = ""  # who is told, if it is not the patient


# Which stored event causes which message, and which of the event's times it names.
TELLINGS: Mapping[str, tuple[Message, str | None]] = {
    "Joined": (Message.PLACE_TAKEN, "deadline"),
    "Booked": (Message.SLOT_BOOKED, "slot"),
    "Moved": (Message.SLOT_BOOKED, "slot"),
    "Claimed": (Message.DOCTOR_READY, None),
    "Returned": (Message.WAITING_AGAIN, "deadline"),
    "Finished": (Message.WRITTEN, None),
    "Unserved": (Message.UNSERVED, None),
    "PatientWarned": (Message.WILL_BE_LATE, "deadline"),
    "OnCallPaged": (Message.ON_CALL, None),
    "LinkAskedFor": (Message.NEW_LINK, None),
    "LinkTriedByOther": (Message.LINK_TRIED, None),
}
TO_DOCTORS = frozenset({Message.ON_CALL})


def telling(name: str, body: Mapping[str, Any]) -> Telling | None:
    """What somebody is told about a stored event; None for most of them."""
    if name not in TELLINGS or body.get("fresh") is False:
        return None
    message, time = TELLINGS[name]
    doctor = str(body["practitioner"]) if message in TO_DOCTORS else ""
    return Telling(message, datetime.fromisoformat(body[time]) if time else None, doctor)
