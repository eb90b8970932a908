"""Who is told what when something has happened. A message holds a link and a time, nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any


class Message(StrEnum):
    """What a patient, a doctor on call, or a director can be told."""

    PLACE_TAKEN = "place_taken"
    SLOT_BOOKED = "slot_booked"
    DOCTOR_READY = "doctor_ready"
    WAITING_AGAIN = "waiting_again"
    WRITTEN = "written"
    UNSERVED = "unserved"
    WILL_BE_LATE = "will_be_late"
    ON_CALL = "on_call"
    UNSIGNED = "unsigned"
    UNDELIVERED = "undelivered"
    NEW_LINK = "new_link"
    LINK_TRIED = "link_tried"


@dataclass(frozen=True, slots=True)
class Telling:
    """One message that is to be made."""

    message: Message
    at: datetime | None = None  # the clock time that it names
    staff: str = ""  # who is told, if it is not the patient
    page: str = ""  # … and where in the service that person looks


# Which stored event causes which message, and which of the event's times it names.
TELLINGS: Mapping[str, tuple[Message, str | None]] = {
    "Joined": (Message.PLACE_TAKEN, "deadline"),
    "Booked": (Message.SLOT_BOOKED, "slot"),
    "Moved": (Message.SLOT_BOOKED, "slot"),
    "Claimed": (Message.DOCTOR_READY, None),
    "Returned": (Message.WAITING_AGAIN, "deadline"),
    "Finished": (Message.WRITTEN, None),
    "Amended": (Message.WRITTEN, None),
    "Unserved": (Message.UNSERVED, None),
    "PatientWarned": (Message.WILL_BE_LATE, "deadline"),
    "OnCallPaged": (Message.ON_CALL, None),
    "NotesUnsigned": (Message.UNSIGNED, None),
    "NotesStopped": (Message.UNDELIVERED, None),
    "LinkAskedFor": (Message.NEW_LINK, None),
    "LinkTriedByOther": (Message.LINK_TRIED, None),
}
# Who of the staff is told: by which field of the event, and which page the message leads to.
TO_STAFF: Mapping[str, tuple[str, str]] = {
    "OnCallPaged": ("practitioner", "/doctor/shift"),
    "NotesUnsigned": ("director", "/director/unsigned"),
    "NotesStopped": ("director", "/director/journal"),
}


def telling(name: str, body: Mapping[str, Any]) -> Telling | None:
    """What somebody is told about a stored event; None for most of them."""
    if name not in TELLINGS or body.get("fresh") is False:
        return None
    message, time = TELLINGS[name]
    at = datetime.fromisoformat(body[time]) if time else None
    if name not in TO_STAFF:
        return Telling(message, at)
    field, page = TO_STAFF[name]
    return Telling(message, at, str(body[field]), page)
