"""What insurers have looked up about a patient's policies, as AuditEvents beside those of the log.

That is no access to the record, and stands in no line of it: what is known is who, on which day, of
which policy, and how often.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from venterom.journal.fhir_parts import Resource, instant, uuid

DICOM = "http://dicom.nema.org/resources/ontology/DCM"
ACT_REASON = "http://terminology.hl7.org/CodeSystem/v3-ActReason"
ACTIONS = "urn:venterom:action"
POLICY = "urn:venterom:policy"


@dataclass(frozen=True, slots=True)
class Seen:
    """On a day, a clerk or a program of an insurer looked up a policy, so many times."""

    day: date
    insurer: str
    clerk: str  # by name
    program: bool
    number: str
    times: int


def looked_up(seen: Seen, service: str) -> Resource:
    """A line of the list. `recorded` must be a moment, so it is the first one of the day."""
    said = (seen.day.isoformat(), seen.insurer, seen.clerk, seen.number)
    return {
        "resourceType": "AuditEvent",
        "id": uuid("/".join(said), "AuditEvent"),
        "type": {"system": DICOM, "code": "110112", "display": "Query"},
        "subtype": [{"system": ACTIONS, "code": "policy.looked_up"}],
        "action": "E",
        "period": {"start": said[0], "end": said[0]},
        "recorded": instant(datetime.combine(seen.day, time(), UTC)),
        "outcome": "0",
        "purposeOfEvent": [{"coding": [{"system": ACT_REASON, "code": "COVERAGE"}]}],
        "agent": [
            {
                "who": {"display": seen.clerk},
                "role": [{"text": "program" if seen.program else "clerk"}],
                "requestor": True,
            },
            {"who": {"display": seen.insurer}, "requestor": False},
        ],
        "source": {"observer": {"display": service}},
        "entity": [
            {
                "what": {"identifier": {"system": POLICY, "value": seen.number}},
                "detail": [{"type": "times", "valueString": str(seen.times)}],
            }
        ],
    }
