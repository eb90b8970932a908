"""Papers are withdrawn by their doctor: from their page, or since their note is to be deleted."""

from dataclasses import dataclass
from datetime import datetime

from aiohttp import web

from venterom.journal import cases, casework
from venterom.journal.cases import Case, Kind, State
from venterom.journal.errors import MayNotRead
from venterom.journal.papers import handing
from venterom.journal.papers.handing import Why
from venterom.web.forms import read
from venterom.web.identity import people
from venterom.web.identity.errors import NotYours
from venterom.web.identity.people import Person
from venterom.web.identity.roles import Role
from venterom.web.keys import IDENTITY_KEYS, RECORD_KEYS
from venterom.web.pages import see_other
from venterom.web.papers import NAMES, cared_for
from venterom.web.session import actor, signed_in
from venterom.web.text import N_
from venterom.web.work import Unit, work

SOME_PAPER = N_("Papir")  # who is not its doctor is not told what it is


@dataclass(frozen=True, slots=True)
class InTheWay:
    """A paper that is still valid, of a note that is to be deleted."""

    id: str
    name: str  # to be translated
    issued_at: datetime


async def withdraw(request: web.Request) -> web.Response:
    """POST /doctor/visit/{visit}/paper/{paper}/withdraw: not valid any more."""
    who = signed_in(request, Role.DOCTOR)
    visit, name = request.match_info["visit"], request.match_info["paper"]
    form = await read(request, "why", "case")
    async with work(request.app) as unit:
        case = await handing.to_be_deleted(unit.db, visit, who.id)
        if case is None:
            await cared_for(unit, who, visit)
        if form["why"] not in set(Why):
            raise web.HTTPBadRequest
        doctor, why = actor(who, Role.DOCTOR), Why(form["why"])
        gone = await handing.withdraw_paper(
            unit.db, unit.now, visit=visit, paper=name, doctor=doctor, why=why
        )
        unit.events.extend([gone] if gone else [])
    from_case = case is not None and form["case"] == case.id
    back = f"cases/{form['case']}" if from_case else f"visit/{visit}/papers"
    raise see_other(f"/doctor/{back}")


async def by_decision(request: web.Request) -> web.Response:
    """POST /director/cases/{case}/paper/{paper}/withdraw: of a doctor who has left."""
    who, case_id = signed_in(request, Role.DIRECTOR), request.match_info["case"]
    try:
        async with work(request.app) as unit:
            by = actor(who, Role.DIRECTOR)
            case = await casework.to_answer(unit.db, case_id, by)
            gone = await handing.withdraw_by_decision(
                unit.db,
                unit.now,
                case_id=case_id,
                paper=request.match_info["paper"],
                by=by,
                left=await has_left(request, unit, case.author),
            )
            unit.events.extend([gone] if gone else [])
    except MayNotRead:
        raise NotYours from None
    raise see_other(f"/director/cases/{case_id}")


async def has_left(request: web.Request, unit: Unit, doctor: str) -> bool:
    """Whether she is no doctor here any more."""
    known = await people.persons(unit.db, request.app[IDENTITY_KEYS], [doctor])
    return doctor not in known or Role.DOCTOR not in known[doctor].roles


async def in_the_way(
    request: web.Request, unit: Unit, who: Person, role: Role, case: Case, *, left: bool
) -> list[InTheWay]:
    """What must be withdrawn before the note can be deleted, or may be since its doctor has `left`.
    Their doctor reads which papers they are, which is a line in the log."""
    to_be_deleted = (case.kind, case.state) == (Kind.DELETION, State.GRANTED)
    if not to_be_deleted and not cases.may_withdraw(case, role, who.id, left=left):
        return []
    standing = await handing.standing(unit.db, case.visit)
    names: dict[str, str] = {}
    if standing and role is Role.DOCTOR:
        issued = await handing.issued_papers(
            unit.db,
            request.app[RECORD_KEYS],
            unit.now,
            doctor=actor(who, role),
            visit=case.visit,
        )
        names = {each.id: NAMES[each.kind] for each in issued or ()}
    return [InTheWay(each.id, names.get(each.id, SOME_PAPER), each.issued_at) for each in standing]
