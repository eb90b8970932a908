"""Who can be picked at each door of the demonstration, and what helps to choose."""

from datetime import date

from venterom.journal.minors import age
from venterom.server.demo.flow import Candidate
from venterom.server.demo.people import Clerk, Doctor, Patient, Somebody, World
from venterom.web.identity.roles import Door


def candidates(world: World, door: Door, today: date) -> tuple[Candidate, ...]:
    """The people of one door, in the order of the page."""
    if door is Door.DOCTOR:
        return tuple(map(_doctor, world.doctors))
    if door is Door.INSURER:
        return tuple(map(_clerk, world.clerks))
    return tuple(_patient(patient, today) for patient in world.patients)


def _doctor(doctor: Doctor) -> Candidate:
    note = f"Lege, HPR-nummer {doctor.hpr_number}"
    return _candidate(doctor.who, note, doctor.hpr_number)


def _clerk(clerk: Clerk) -> Candidate:
    return _candidate(clerk.who, clerk.insurer)


def _patient(patient: Patient, today: date) -> Candidate:
    parts = [f"{age(patient.who.birth_date, today)} år"]
    parts.append(f"polise {patient.policy}" if patient.policy else "ingen polise")
    children = [f"{child.given} ({age(child.birth_date, today)})" for child in patient.children]
    if children:
        parts.append(f"barn: {' og '.join(children)}")
    return _candidate(patient.who, ", ".join(parts))


def _candidate(who: Somebody, note: str, hpr_number: str | None = None) -> Candidate:
    return Candidate(who.given, who.family, who.birth_date, who.number, hpr_number, note)
