"""Who can be picked at each door of the demonstration, with what one needs to know to play them."""

from datetime import date

from aiohttp import web

from venterom.journal.minors import age
from venterom.server.demo.flow import Candidate, Client, Remark
from venterom.server.demo.people import (
    Clerk,
    Director,
    Doctor,
    Operator,
    Patient,
    Somebody,
    world,
)
from venterom.web.identity.roles import Door
from venterom.web.keys import CLOCK, RELYING_PARTIES
from venterom.web.text import N_, today

TITLES = {
    Door.PATIENT: N_("pasient"),
    Door.DOCTOR: N_("lege"),
    Door.INSURER: N_("forsikringsselskap"),
    Door.DIRECTOR: N_("leder"),
    Door.OPERATOR: N_("drift"),
}


def clients(app: web.Application, *, crowd: bool = False) -> tuple[Client, ...]:
    """One client of the identity provider for each door.

    With a crowd, the robots' characters are kept apart from those that are there for people.
    """
    day = today(app[CLOCK]())
    everybody = world(day)
    people = {
        Door.PATIENT: tuple(_patient(each, day) for each in everybody.patients),
        Door.DOCTOR: tuple(_doctor(each, crowd) for each in everybody.for_people(crowd)),
        Door.INSURER: tuple(_clerk(each) for each in everybody.clerks),
        Door.DIRECTOR: tuple(_director(each) for each in everybody.directors),
        Door.OPERATOR: tuple(_operator(each) for each in everybody.operators),
    }
    robots = {
        Door.PATIENT: tuple(_patient(each, day) for each in everybody.crowd),
        Door.DOCTOR: tuple(_doctor(each, crowd) for each in everybody.robots),
    }
    return tuple(
        Client(
            client_id=party.provider.client_id,
            title=TITLES[door],
            redirect_uri=party.provider.redirect_uri,
            key=party.provider.key.public_key(),
            level=party.provider.levels[0],
            number_claim=party.provider.names.number,
            people=people[door],
            crowd=robots.get(door, ()) if crowd else (),
            pushed=party.provider.pushed,
            bound=party.provider.bound_to is not None,
            userinfo=party.provider.userinfo,
        )
        for door, party in app[RELYING_PARTIES].items()
    )


def _patient(patient: Patient, day: date) -> Candidate:
    children = [f"{child.given} ({age(child.birth_date, day)})" for child in patient.children]
    remarks = (
        Remark(N_("%(age)s år"), {"age": age(patient.who.birth_date, day)}),
        Remark(N_("polise %(number)s"), {"number": patient.policy})
        if patient.policy
        else Remark(N_("uten polise")),
        *([Remark(N_("barn: %(names)s"), {"names": ", ".join(children)})] if children else []),
    )
    return _candidate(patient.who, remarks)


def _doctor(doctor: Doctor, crowd: bool) -> Candidate:
    number = Remark(N_("HPR %(number)s"), {"number": doctor.hpr_number})
    at_work = doctor.on_shift and not crowd
    remarks = (number, Remark(N_("på vakt"))) if at_work else (number,)
    return _candidate(doctor.who, remarks, doctor.hpr_number)


def _clerk(clerk: Clerk) -> Candidate:
    return _candidate(clerk.who, (Remark(clerk.insurer),))


def _director(director: Director) -> Candidate:
    return _candidate(director.who, (Remark(N_("planlegger vaktene")),))


def _operator(operator: Operator) -> Candidate:
    return _candidate(operator.who, (Remark(N_("holder maskineriet i gang")),))


def _candidate(
    who: Somebody, remarks: tuple[Remark, ...], hpr_number: str | None = None
) -> Candidate:
    return Candidate(who.given, who.family, who.birth_date, who.number, hpr_number, remarks)
