"""The doctor's papers: written beside the note, issued when it is signed, withdrawn afterwards."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from aiohttp import web

from venterom.journal import reading
from venterom.journal.errors import AlreadySigned, BadPaper
from venterom.journal.papers import (
    handing,
    issuing,
    medicines,
    paper,
    receipts,
    sending,
    wording,
)
from venterom.journal.papers.errand import Errand
from venterom.journal.papers.letters import Examination
from venterom.journal.papers.medicine import Medicine, wanted
from venterom.journal.papers.paper import Body, Issued, Kind
from venterom.journal.papers.prescription import SAID, Paragraph
from venterom.journal.papers.receipts import Sending
from venterom.web import paper_forms
from venterom.web.forms import Errors, Form, read
from venterom.web.identity import door
from venterom.web.identity.errors import NotYours
from venterom.web.identity.people import Person
from venterom.web.identity.roles import Role
from venterom.web.keys import ELECTRONIC, RECORD_KEYS
from venterom.web.pages import page, see_other
from venterom.web.session import actor, practitioner, signed_in
from venterom.web.text import N_, today
from venterom.web.work import Unit, look, work

PDF = "application/pdf"
LONGEST_SEARCH = 100  # characters
ENOUGH = N_("Det er nok papirer til dette notatet. Ta bort ett før du legger til et nytt.")
NAMES = {
    Kind.PRESCRIPTION: N_("Resept"),
    Kind.SICK_NOTE: N_("Sykmelding"),
    Kind.CERTIFICATE: N_("Legeerklæring"),
    Kind.REFERRAL: N_("Henvisning"),
    Kind.EXAMINATION: N_("Trenger fysisk undersøkelse"),
}


@dataclass(frozen=True, slots=True)
class Shown:
    """A paper of a signed note as it stands on a page."""

    id: str
    name: str  # to be translated
    about: str  # one line of what it says, in Norwegian
    withdrawn_at: datetime | None
    kind: Kind
    state: str  # of one that is sent: one of errand.State; "": nobody sends it
    sent_at: datetime | None  # when its receipt came
    recall: str  # the same of its recall
    reference: str  # the number that opens a locked one
    examination: Examination | None


async def shown(
    request: web.Request, unit: Unit, visit: str, issued: Sequence[Issued]
) -> list[Shown]:
    """How it stands with the papers that a reader has just been given."""
    gone = await handing.withdrawn(unit.db, visit)
    sent = await receipts.sendings(unit.db, request.app[RECORD_KEYS], visit)
    out = {each.paper: each for each in sent if each.errand is Errand.SEND}
    back = {each.paper: each.state for each in sent if each.errand is Errand.RECALL}
    return [
        Shown(
            id=each.id,
            name=NAMES[each.kind],
            about=about(each.body),
            withdrawn_at=gone.get(each.id),
            kind=each.kind,
            state=out[each.id].state if each.id in out else "",
            sent_at=out[each.id].at if each.id in out else None,
            recall=back.get(each.id, ""),
            reference=_number(each, out),
            examination=each.body if isinstance(each.body, Examination) else None,
        )
        for each in issued
    ]


def _number(issued: Issued, out: Mapping[str, Sending]) -> str:
    """What is shown at a pharmacy; NAV's receipt has a number, too, and nobody asks for it."""
    is_shown = issued.kind is Kind.PRESCRIPTION and issued.id in out
    return out[issued.id].reference if is_shown else ""


def about(body: Body) -> str:
    """The first thing that it says."""
    return wording.lines(body, date.min)[0][1]


async def overview(request: web.Request) -> web.Response:
    """GET /doctor/visit/{visit}/papers: what is written, and what may be."""
    who = signed_in(request, Role.DOCTOR)
    return await _overview(request, who, {})


async def write(request: web.Request) -> web.Response:
    """GET /doctor/visit/{visit}/papers/{kind}: an empty form; of a prescription, the search."""
    who, kind = signed_in(request, Role.DOCTOR), _kind(request)
    async with look(request.app) as unit:
        await cared_for(unit, who, request.match_info["visit"])
    return _form(request, kind, paper_forms.blank(kind), {}, None)


async def find(request: web.Request) -> web.Response:
    """POST /doctor/visit/{visit}/medicines: what was searched for, or chosen. A posted form, so
    that no address and no log says what a patient takes; the only one found is chosen at once."""
    who = signed_in(request, Role.DOCTOR)
    sent = await read(request, "q", "medicine")
    typed, number = (sent[name][:LONGEST_SEARCH] for name in ("q", "medicine"))
    async with look(request.app) as unit:
        await cared_for(unit, who, request.match_info["visit"])
        found = await medicines.search(unit.db, typed)
        chosen = await medicines.medicine(unit.db, number) if number else None
    if chosen is None and len(found) == 1:
        chosen = found[0]
    kind = Kind.PRESCRIPTION
    return _form(request, kind, paper_forms.blank(kind), {}, chosen, typed=typed, found=found)


async def save(request: web.Request) -> web.Response:
    """POST /doctor/visit/{visit}/papers/{kind}: to be issued when the note is signed."""
    who, kind = signed_in(request, Role.DOCTOR), _kind(request)
    visit = request.match_info["visit"]
    form = await read(request, *paper_forms.FIELDS[kind])
    number = form.get("medicine", "")[:LONGEST_SEARCH]
    try:
        async with work(request.app) as unit:
            await cared_for(unit, who, visit)
            chosen = await medicines.medicine(unit.db, number) if number else None
            await issuing.save_paper(
                unit.db,
                request.app[RECORD_KEYS],
                unit.now,
                visit=visit,
                author=practitioner(request, who),
                body=paper_forms.body(kind, form, chosen),
                today=today(unit.now),
            )
    except BadPaper as bad:
        if "paper" in bad.problems:
            return await _overview(request, who, {"paper": ENOUGH})
        errors = paper_forms.errors(bad.problems)
        return _form(request, kind, form, errors, chosen)
    except AlreadySigned:
        pass  # in another window: the page says so
    raise see_other(f"/doctor/visit/{visit}/papers")


async def drop(request: web.Request) -> web.Response:
    """POST /doctor/visit/{visit}/paper/{paper}/drop: not to be issued."""
    who = signed_in(request, Role.DOCTOR)
    visit, draft = request.match_info["visit"], request.match_info["paper"]
    async with work(request.app) as unit:
        await cared_for(unit, who, visit)
        doctor = actor(who, Role.DOCTOR)
        await issuing.drop_paper(unit.db, unit.now, visit=visit, draft=draft, doctor=doctor)
    raise see_other(f"/doctor/visit/{visit}/papers")


async def send_again(request: web.Request) -> web.Response:
    """POST /doctor/visit/{visit}/paper/{paper}/again: the module is asked once more."""
    who = signed_in(request, Role.DOCTOR)
    visit, name = request.match_info["visit"], request.match_info["paper"]
    async with work(request.app) as unit:
        await cared_for(unit, who, visit)
        await sending.try_again(unit.db, unit.now, visit=visit, paper=name)
    raise see_other(f"/doctor/visit/{visit}/papers")


async def show_doctor(request: web.Request) -> web.Response:
    """GET /doctor/visit/{visit}/paper/{paper}: the PDF."""
    return await _show(request, Role.DOCTOR)


async def show_patient(request: web.Request) -> web.Response:
    """GET /visit/{visit}/paper/{paper}: the PDF, as soon as the note is signed."""
    return await _show(request, Role.PATIENT)


async def _show(request: web.Request, role: Role) -> web.Response:
    """Reading it is a line in the log of the record."""
    who = signed_in(request, role)
    visit, name = request.match_info["visit"], request.match_info["paper"]
    async with work(request.app) as unit:
        await door.access_visit(unit.db, unit.now, who, visit)
        made = await handing.read_paper(
            unit.db,
            request.app[RECORD_KEYS],
            unit.now,
            reader=actor(who, role),
            visit=visit,
            paper=name,
        )
    return web.Response(body=made, content_type=PDF)


async def _overview(request: web.Request, who: Person, errors: Errors) -> web.Response:
    visit, keys = request.match_info["visit"], request.app[RECORD_KEYS]
    async with work(request.app) as unit:
        await cared_for(unit, who, visit)
        doctor = actor(who, Role.DOCTOR)
        out = await handing.issued_papers(unit.db, keys, unit.now, doctor=doctor, visit=visit)
        drafts = await issuing.drafts(unit.db, keys, visit) if out is None else []
        issued = await shown(request, unit, visit, out or ())
        register = await medicines.loaded(unit.db)
    return page(
        request,
        "doctor/papers.html",
        visit=visit,
        signed=out is not None,
        drafts=[
            {
                "id": each.id,
                "name": NAMES[paper.KINDS[type(each.body)]],
                "about": about(each.body),
                "mine": each.author == who.id,
            }
            for each in drafts
        ],
        issued=issued,
        kinds=list(NAMES.items()),
        register=register,
        electronic=Kind.PRESCRIPTION in request.app[ELECTRONIC],
        errors=errors,
        status=422 if errors else 200,
    )


def _form(
    request: web.Request,
    kind: Kind,
    form: Form,
    errors: Errors,
    chosen: Medicine | None,
    *,
    typed: str = "",
    found: Sequence[Medicine] = (),
) -> web.Response:
    visit = request.match_info["visit"]
    context: dict[str, Any] = {
        "visit": visit,
        "name": NAMES[kind],
        "form": form,
        "errors": errors,
        "electronic": kind in request.app[ELECTRONIC],
    }
    if kind is Kind.PRESCRIPTION:
        context |= {
            "medicine": chosen,
            "typed": typed,
            "found": found if chosen is None else (),
            "none_found": bool(wanted(typed)) and not found,
            "paragraphs": [(each.value, SAID[each]) for each in Paragraph],
        }
    here = f"/doctor/visit/{visit}/papers/{kind}"
    status = 422 if errors else 200
    return page(request, f"doctor/paper_{kind}.html", **context, here=here, status=status)


def _kind(request: web.Request) -> Kind:
    kind = request.match_info["kind"]
    if kind not in set(Kind):
        raise web.HTTPNotFound
    return Kind(kind)


async def cared_for(unit: Unit, who: Person, visit: str) -> None:
    """A visit whose patient this doctor meets or met. Raises NotYours."""
    await door.access_visit(unit.db, unit.now, who, visit)
    if await reading.cares(unit.db, visit, who.id) is None:
        raise NotYours
