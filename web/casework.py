"""A patient asks for a note to be put right or deleted; its doctor, or the director, answers."""

from typing import Any

from aiohttp import web

from venterom.journal import cases, casework, deleting, deletion
from venterom.journal.access import Basis
from venterom.journal.cases import Case, Kind, Outcome
from venterom.journal.deletion import Ground
from venterom.journal.errors import (
    AlreadyAnswered,
    BadReason,
    BadWish,
    CaseOpen,
    MayNotRead,
    OnItsWay,
    PapersStand,
)
from venterom.web import withdrawing
from venterom.web.forms import EMPTY, Errors, Form, read
from venterom.web.identity import door
from venterom.web.identity.errors import NotYours
from venterom.web.identity.roles import Role
from venterom.web.identity.standing import Right
from venterom.web.keys import RECORD_KEYS
from venterom.web.mine import enter, names, of_patient
from venterom.web.mine import read as read_note
from venterom.web.pages import page, see_other
from venterom.web.session import actor, signed_in
from venterom.web.text import N_
from venterom.web.work import Unit, look, work

CHOOSE = N_("Velg hva du ber om.")
ASKED_ALREADY = N_("Du har bedt om dette før, og får svar innen fristen.")
TOO_LONG = N_("Dette ble for langt. Kort det ned til 4000 tegn.")
SAY_WHY = N_("Skriv hvorfor, med minst 15 tegn. Pasienten leser det.")
ANSWER = N_("Velg et svar.")
GROUND = N_("Velg hvorfor notatet slettes.")
ON_ITS_WAY = N_("Noe er akkurat nå på vei til journalsystemet eller apotekene. Prøv igjen om litt.")
PAPERS_STAND = N_("Papirene over må trekkes tilbake først.")
EMPTY_ANSWER = {"outcome": "", "reason": ""}


async def wrong(request: web.Request) -> web.Response:
    """GET /mine/{patient}/note/{visit}/wrong"""
    return await _wrong_page(request, {"kind": "", "wish": ""}, {})


async def ask(request: web.Request) -> web.Response:
    """POST /mine/{patient}/note/{visit}/wrong: a case with a deadline."""
    form = await read(request, "kind", "wish")
    errors: Errors = {}
    if form["kind"] not in set(Kind):
        errors = {"kind": CHOOSE}
    try:
        async with work(request.app) as unit:
            reader = await enter(request, unit, Right.ASK)
            visit = await of_patient(unit, reader, request.match_info["visit"])
            if not errors:
                await casework.ask(
                    unit.db,
                    request.app[RECORD_KEYS],
                    unit.now,
                    visit=visit,
                    by=reader.actor,
                    basis=reader.record.basis,
                    kind=Kind(form["kind"]),
                    wish=form["wish"],
                )
    except MayNotRead:
        raise NotYours from None
    except BadWish:
        errors = {"wish": TOO_LONG if form["wish"].strip() else EMPTY}
    except CaseOpen:
        errors = {"kind": ASKED_ALREADY}
    if errors:
        return await _wrong_page(request, form, errors)
    raise see_other(f"/mine/{reader.patient.id}/cases")


async def _wrong_page(request: web.Request, form: Form, errors: Errors) -> web.Response:
    async with work(request.app) as unit:
        reader = await enter(request, unit, Right.ASK)
        visit = request.match_info["visit"]
        written, doctor = await read_note(request, unit, reader, visit)
        if written.signed_at is None:
            raise NotYours
    return page(
        request,
        "mine/wrong.html",
        **reader.frame,
        visit=visit,
        doctor=doctor,
        signed_at=written.signed_at,
        days=cases.ANSWERED_WITHIN.days,
        most=cases.LONGEST,
        form=form,
        errors=errors,
        status=422 if errors else 200,
    )


async def own(request: web.Request) -> web.Response:
    """GET /mine/{patient}/cases: what was asked for, and what was answered."""
    async with look(request.app) as unit:
        reader = await enter(request, unit, Right.ASK)
        found = await casework.of_patient(unit.db, reader.patient.id)
        if reader.who.id != reader.patient.id:
            found = [case for case in found if case.asked_by == reader.who.id]
        words = await casework.words_of(unit.db, request.app[RECORD_KEYS], found)
        known = await names(request, unit, {case.answered_by for case in found})
    rows = [{"case": case, "words": words[case.id]} for case in found]
    return page(
        request,
        "mine/cases.html",
        **reader.frame,
        rows=rows,
        names={id_: each.name for id_, each in known.items()},
    )


async def wrong_patient(request: web.Request) -> web.Response:
    """GET /doctor/visit/{visit}/wrong-patient"""
    who = signed_in(request, Role.DOCTOR)
    async with look(request.app) as unit:
        visit = await door.access_visit(unit.db, unit.now, who, request.match_info["visit"])
    return _wrong_patient_page(request, visit.id, {"wish": ""}, {})


async def ask_for_deletion(request: web.Request) -> web.Response:
    """POST /doctor/visit/{visit}/wrong-patient: a case that the doctor answers, and another one
    carries out."""
    who, form = signed_in(request, Role.DOCTOR), await read(request, "wish")
    visit = request.match_info["visit"]
    try:
        async with work(request.app) as unit:
            await door.access_visit(unit.db, unit.now, who, visit)
            case = await casework.ask(
                unit.db,
                request.app[RECORD_KEYS],
                unit.now,
                visit=visit,
                by=actor(who, Role.DOCTOR),
                basis=Basis.NONE,
                kind=Kind.DELETION,
                wish=form["wish"],
            )
    except MayNotRead:
        raise NotYours from None
    except BadWish:
        errors = {"wish": TOO_LONG if form["wish"].strip() else EMPTY}
    except CaseOpen:
        errors = {"wish": ASKED_ALREADY}
    else:
        raise see_other(f"/doctor/cases/{case}")
    return _wrong_patient_page(request, visit, form, errors)


def _wrong_patient_page(
    request: web.Request, visit: str, form: Form, errors: Errors
) -> web.Response:
    context: dict[str, Any] = {"visit": visit, "most": cases.LONGEST, "form": form}
    status = 422 if errors else 200
    return page(request, "doctor/wrong_patient.html", **context, errors=errors, status=status)


async def for_doctor(request: web.Request) -> web.Response:
    """GET /doctor/cases: what patients ask for about this doctor's notes."""
    who = signed_in(request, Role.DOCTOR)
    async with look(request.app) as unit:
        found = await casework.of_author(unit.db, who.id)
    return _list(request, unit, found, Role.DOCTOR)


async def for_director(request: web.Request) -> web.Response:
    """GET /director/cases: all of them, and which are late."""
    signed_in(request, Role.DIRECTOR)
    async with look(request.app) as unit:
        found = await casework.every(unit.db)
    return _list(request, unit, found, Role.DIRECTOR)


async def doctor_case(request: web.Request) -> web.Response:
    """GET /doctor/cases/{case}"""
    return await _case_page(request, Role.DOCTOR, EMPTY_ANSWER, {})


async def director_case(request: web.Request) -> web.Response:
    """GET /director/cases/{case}"""
    return await _case_page(request, Role.DIRECTOR, EMPTY_ANSWER, {})


async def doctor_answer(request: web.Request) -> web.Response:
    """POST /doctor/cases/{case}"""
    return await _answer(request, Role.DOCTOR)


async def director_answer(request: web.Request) -> web.Response:
    """POST /director/cases/{case}"""
    return await _answer(request, Role.DIRECTOR)


async def doctor_deletes(request: web.Request) -> web.Response:
    """POST /doctor/cases/{case}/delete"""
    return await _delete(request, Role.DOCTOR)


async def director_deletes(request: web.Request) -> web.Response:
    """POST /director/cases/{case}/delete"""
    return await _delete(request, Role.DIRECTOR)


def _list(request: web.Request, unit: Unit, found: list[Case], role: Role) -> web.Response:
    rows = [
        {"case": case, "urgency": cases.urgency(case.due_at, unit.now)}
        for case in sorted(found, key=lambda case: (case.answered_at is not None, case.due_at))
    ]
    return page(request, f"{role}/cases.html", rows=rows)


async def _case_page(request: web.Request, role: Role, form: Form, errors: Errors) -> web.Response:
    who, keys = signed_in(request, role), request.app[RECORD_KEYS]
    try:
        async with work(request.app) as unit:
            case, words = await casework.read_for_answer(
                unit.db, keys, unit.now, case_id=request.match_info["case"], by=actor(who, role)
            )
            known = await names(request, unit, {case.patient, case.answered_by})
            left = await withdrawing.has_left(request, unit, case.author)
            in_the_way = await withdrawing.in_the_way(request, unit, who, role, case, left=left)
    except MayNotRead:
        raise NotYours from None
    context: dict[str, Any] = {
        "case": case,
        "words": words,
        "patient_name": known[case.patient].name if case.patient in known else "",
        "answered_by": known[case.answered_by].name if case.answered_by in known else "",
        "urgency": cases.urgency(case.due_at, unit.now),
        "in_the_way": in_the_way,
        "left": left,
        "may_delete": deletion.may_confirm(case, role, who.id),
        "most": cases.LONGEST,
    }
    status = 422 if errors else 200
    return page(request, f"{role}/case.html", **context, form=form, errors=errors, status=status)


async def _answer(request: web.Request, role: Role) -> web.Response:
    who, keys = signed_in(request, role), request.app[RECORD_KEYS]
    form = await read(request, "outcome", "reason")
    case = request.match_info["case"]
    errors: Errors = {} if form["outcome"] in set(Outcome) else {"outcome": ANSWER}
    try:
        if not errors:
            async with work(request.app) as unit:
                await casework.answer(
                    unit.db,
                    keys,
                    unit.now,
                    case_id=case,
                    by=actor(who, role),
                    outcome=Outcome(form["outcome"]),
                    reason=form["reason"],
                )
    except MayNotRead:
        raise NotYours from None
    except BadReason:
        errors = {"reason": SAY_WHY}
    except AlreadyAnswered:
        pass  # pressed twice, or somebody else was faster
    if errors:
        return await _case_page(request, role, form, errors)
    raise see_other(f"/{role}/cases")


async def _delete(request: web.Request, role: Role) -> web.Response:
    """The second of the two: what the first has decided is carried out."""
    who, form = signed_in(request, role), await read(request, "ground")
    case = request.match_info["case"]
    errors: Errors = {} if form["ground"] in set(Ground) else {"ground": GROUND}
    try:
        if not errors:
            async with work(request.app) as unit:
                ground = Ground(form["ground"])
                by = actor(who, role)
                await deleting.carry_out(unit.db, unit.now, case_id=case, by=by, ground=ground)
    except MayNotRead:
        raise NotYours from None
    except OnItsWay:
        errors = {"ground": ON_ITS_WAY}
    except PapersStand:
        errors = {"ground": PAPERS_STAND}
    if errors:
        return await _case_page(request, role, EMPTY_ANSWER, errors)
    raise see_other(f"/{role}/cases/{case}")
