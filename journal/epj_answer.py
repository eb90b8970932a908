"""What an outside EPJ says to a note, and what becomes of the note then (docs/epj.md).

A note is in the journal only when the answer shows it: every resource that was sent, as it is held
there, of our visit, our patient and our content. Everything else has its rule in one table.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from venterom.journal.fhir import CONTENT, Resource
from venterom.journal.retry import Failure

LONGEST_REST = timedelta(hours=1)  # we ask again after this time, whatever we are told
ONE_OF = re.compile(r"([0-9]{3})(?: |\Z)")  # how a status begins: «201», «201 Created»


class Said(StrEnum):
    """What the other side said, when it did not say that it holds the note."""

    SILENT = "silent"  # no connection, no answer in time
    BUSY = "busy"  # 429, or 503
    BROKEN = "broken"  # 5xx
    MOVED = "moved"  # 3xx: we go nowhere with a patient's note
    NOT_LET_IN = "not_let_in"  # 401, 403, or no token
    NONSENSE = "nonsense"  # 200, and nothing that can be read as an answer
    REFUSED = "refused"  # any other 4xx
    ERROR_INSIDE = "error_inside"  # 200, and an error in it
    HALF = "half"  # not every resource is confirmed
    CONFLICT = "conflict"  # 409
    SEVERAL = "several"  # 412: it holds more than one under our identifier
    OTHER_PATIENT = "other_patient"
    OTHER_VISIT = "other_visit"
    OTHER_CONTENT = "other_content"


# The one table. UNREACHABLE: it is not the note's fault, and everything waits until they are there
# again. REFUSED: tried a few times more, others pass. WRONG: stopped at once, a person must look.
RULES: Mapping[Said, Failure] = {
    Said.SILENT: Failure.UNREACHABLE,
    Said.BUSY: Failure.UNREACHABLE,
    Said.BROKEN: Failure.UNREACHABLE,
    Said.MOVED: Failure.UNREACHABLE,
    Said.NOT_LET_IN: Failure.UNREACHABLE,
    Said.NONSENSE: Failure.UNREACHABLE,  # a login page of somebody in between, for one
    Said.REFUSED: Failure.REFUSED,
    Said.ERROR_INSIDE: Failure.REFUSED,
    Said.HALF: Failure.REFUSED,
    Said.CONFLICT: Failure.REFUSED,
    Said.SEVERAL: Failure.WRONG,
    Said.OTHER_PATIENT: Failure.WRONG,
    Said.OTHER_VISIT: Failure.WRONG,
    Said.OTHER_CONTENT: Failure.WRONG,
}

BY_STATUS = {
    401: Said.NOT_LET_IN,
    403: Said.NOT_LET_IN,
    408: Said.SILENT,
    409: Said.CONFLICT,
    412: Said.SEVERAL,
    429: Said.BUSY,
    503: Said.BUSY,
}


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the EPJ says that it holds."""

    note: str  # by what the transaction is known: the visit, and which version a later one is
    content_hash: str
    reference: str  # its own name for the note
    received_at: datetime  # by its own clock


def judge(status: int, body: bytes, sent: Resource) -> Receipt | Said:
    """What an answer to the transaction `sent` means."""
    if status != 200:
        return by_status(status)
    answer = _read(body)
    if answer.get("resourceType") == "OperationOutcome":
        return Said.ERROR_INSIDE
    if (answer.get("resourceType"), answer.get("type")) != ("Bundle", "transaction-response"):
        return Said.NONSENSE
    entries, ours = answer.get("entry"), [item["resource"] for item in sent["entry"]]
    if not isinstance(entries, list) or len(entries) != len(ours):
        return Said.HALF
    for resource, entry in zip(ours, entries, strict=True):
        if (fault := _fault(resource, entry)) is not None:
            return fault
    return _receipt(sent, dict(zip(map(content_hash, ours), entries, strict=True)))


def by_status(status: int) -> Said:
    """What a status says that is not 200."""
    if status in BY_STATUS:
        return BY_STATUS[status]
    if status >= 500:
        return Said.BROKEN
    if 300 <= status < 400:
        return Said.MOVED
    return Said.REFUSED if 400 <= status < 500 else Said.NONSENSE


def rest(retry_after: str) -> timedelta:
    """For how long we are asked to be quiet (RFC 9110 section 10.2.3, in seconds); else none."""
    text = retry_after.strip()
    if not (text.isascii() and text.isdigit()):
        return timedelta()
    return min(timedelta(seconds=int(text[:9])), LONGEST_REST)


def content_hash(resource: Resource) -> str:
    """The hash by which the document of a note is known; empty for every other resource."""
    found = _identifiers(resource)
    return next((value for system, value in found if system == CONTENT), "")


def _fault(ours: Resource, entry: object) -> Said | None:
    """What is wrong with the entry that answers for a resource of ours."""
    status = ONE_OF.match(str(_at(entry, "response", "status")))
    if status is None:
        return Said.HALF
    if status[1] not in ("200", "201"):
        said = by_status(int(status[1]))
        return said if said in (Said.CONFLICT, Said.SEVERAL) else Said.HALF
    held = _at(entry, "resource")
    if not isinstance(held, dict) or held.get("resourceType") != ours["resourceType"]:
        return Said.HALF
    return _differs(ours, held)


def _differs(ours: Resource, held: Mapping[str, Any]) -> Said | None:
    """Whether what they hold is of another patient or visit, or says something else."""
    for whose in ("subject", "patient"):
        if (
            whose in ours
            and _at(held, whose, "identifier", "value") != ours[whose]["identifier"]["value"]
        ):
            return Said.OTHER_PATIENT
    known, theirs = _identifiers(ours), _identifiers(held)
    if known and known[0] not in theirs:
        return Said.OTHER_VISIT
    if not set(known) <= set(theirs):
        return Said.OTHER_CONTENT
    if _signature(ours) != _signature(held):
        return Said.OTHER_CONTENT
    return None


def _receipt(sent: Resource, entries: Mapping[str, object]) -> Receipt | Said:
    """The receipt is what they say of the document."""
    ((digest, entry),) = [(key, entry) for key, entry in entries.items() if key]
    name = _at(entry, "response", "location") or _at(entry, "resource", "id")
    received_at = _moment(_at(entry, "resource", "meta", "lastUpdated"))
    if not isinstance(name, str) or not name or received_at is None:
        return Said.HALF
    return Receipt(sent["identifier"]["value"], digest, name[:200], received_at)


def _read(body: bytes) -> Mapping[str, Any]:
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return answer if isinstance(answer, dict) else {}


def _identifiers(resource: Mapping[str, Any]) -> list[tuple[str, str]]:
    """System and value of each identifier; some resources have one, others a list."""
    found = resource.get("identifier")
    each = found if isinstance(found, list) else [found]
    return [(str(_at(one, "system")), str(_at(one, "value"))) for one in each if one]


def _signature(resource: Mapping[str, Any]) -> object:
    signatures = resource.get("signature")
    return _at(signatures[0], "data") if isinstance(signatures, list) and signatures else None


def _at(value: object, *path: str) -> object:
    """What lies at the end of the path, or None where it breaks off."""
    for name in path:
        if not isinstance(value, dict):
            return None
        value = value.get(name)
    return value


def _moment(text: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return moment.astimezone(UTC) if moment.tzinfo is not None else None
