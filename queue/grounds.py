"""The grounds of a decision as they stand in the ledger: written once, and read to decide again."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from venterom.queue.levers import Levers
from venterom.queue.promise import MILLISECOND, Debt, Doctor, Place, Situation
from venterom.queue.service import FIRST, Service
from venterom.queue.states import Phase

KNOWN: Mapping[int, Service] = {FIRST.version: FIRST}


def written(situation: Situation, slots: Iterable[datetime]) -> str:
    """As canonical JSON: equal grounds are equal texts."""
    return json.dumps(
        {
            "now": _iso(situation.now),
            "until": _iso(situation.until),
            "certainty": situation.certainty,
            "service": situation.service.version,
            "defers": situation.levers.defers,
            "doctors": [_line(doctor) for doctor in situation.doctors],
            "promises": [[-place.rank, _iso(place.deadline)] for place in situation.places],
            "booked": [_iso(slot) for slot in situation.booked],
            "slots": [_iso(slot) for slot in slots],
        },
        separators=(",", ":"),
        sort_keys=True,
    )


def _line(doctor: Doctor) -> list[str | int | None]:
    debt = doctor.debt
    owed = [_iso(debt.since), debt.written // MILLISECOND] if debt else []
    return [doctor.phase, _iso(doctor.since), _iso(doctor.last_start), *owed]


def _iso(instant: datetime | None) -> str | None:
    return None if instant is None else instant.astimezone(UTC).isoformat()


def read(text: str, services: Mapping[int, Service] = KNOWN) -> Situation:
    """The situation that was decided on, with how long patients took by the version that counted
    then. Raises ValueError for anything else, and if that version is not among the `services`."""
    try:
        told = json.loads(text)
        until = told["until"]
        return Situation(
            _moment(told["now"]),
            None if until is None else _moment(until),
            tuple(_doctor(line) for line in told["doctors"]),
            tuple(Place(-triage, _moment(deadline)) for triage, deadline in told["promises"]),
            tuple(_moment(slot) for slot in told["booked"]),
            float(told["certainty"]),
            services[told.get("service", FIRST.version)],  # older lines do not say these two
            Levers(defers=bool(told.get("defers", True))),
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError("these are no grounds of a promise") from error


def _doctor(line: Sequence[str | int]) -> Doctor:
    phase, since, last_start, *owed = line
    debt = None
    if owed:
        debt = Debt(_moment(owed[0]), timedelta(milliseconds=int(owed[1])))
    return Doctor(Phase(str(phase)), _moment(since), _moment(last_start), debt)


def _moment(text: object) -> datetime:
    moment = datetime.fromisoformat(str(text))
    if moment.tzinfo is None:
        raise ValueError("a time without its zone")
    return moment


def doctors_in(text: str) -> int:
    """How many doctors were at work when a line of the ledger was written."""
    told = json.loads(text)
    since = [_moment(line[1]) for line in told.get("doctors", ())]
    return sum(each <= _moment(told["now"]) for each in since)  # the others come after a break


def slots_in(text: str) -> tuple[datetime, ...]:
    """The slots that were shown with an offer."""
    return tuple(datetime.fromisoformat(slot) for slot in json.loads(text)["slots"])
