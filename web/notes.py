"""The doctor's note: saved while it is being written, and signed."""

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import fields as fields_of
from datetime import date

from aiohttp import web

from venterom.journal import chart, note
from venterom.journal.chart import Met, Other, Part
from venterom.journal.errors import (
    AlreadySigned,
    BadNote,
    BadPaper,
    NotTheAuthor,
    NotThePatient,
    PapersChanged,
    StaleDraft,
)
from venterom.journal.note import NoteFields, Problem
from venterom.journal.papers.issuing import Prepared
from venterom.queue import desk
from venterom.queue.coverage import insurer
from venterom.queue.coverage.eligibility import Answer
from venterom.queue.errors import NotYours, WrongState
from venterom.web import printing
from venterom.web.arrival import check_policy
from venterom.web.consultation import room_page
from venterom.web.forms import EMPTY, Errors, Form, as_text, read, read_json
from venterom.web.identity import door, invitations, links, people
from venterom.web.identity.errors import HprUnchecked, MayNotPrescribe, NotInHpr
from venterom.web.identity.people import Person
from venterom.web.identity.roles import Role
from venterom.web.keys import IDENTITY_KEYS, OUTWARD, RECORD_KEYS
from venterom.web.pages import as_json, see_other
from venterom.web.session import practitioner, signed_in
from venterom.web.text import N_, seconds, today
from venterom.web.work import Unit, look, work

FIELDS = tuple(field.name for field in fields_of(NoteFields))
MOST_VERSIONS = 1_000_000  # more than anybody saves, and fewer than a database can count
PROBLEMS = {
    Problem.EMPTY: EMPTY,
    Problem.TOO_LONG: N_("Dette ble for langt. Kort det ned til 10 000 tegn."),
    Problem.NOT_A_CODE: N_("En kode har en bokstav og to siffer, for eksempel R74."),
    Problem.NOT_IN_USE: N_("Koden finnes ikke i listen vår. Søk på kode eller ord."),
    Problem.NOT_FILLED: N_("Fyll inn der det står ___."),
    Problem.UNCHANGED: N_("Du har ikke endret noe. Rett det som er feil, eller skriv et tillegg."),
    Problem.NOT_A_NUMBER: N_("Dette ser ikke ut som et telefonnummer. Skriv bare tall."),
}
HANG_UP_FIRST = N_("Legg på før du signerer. Notatet er lagret.")
STOPPED: Mapping[type[Exception], str] = {
    BadPaper: N_(
        "Et av papirene kan ikke utstedes slik det er. Ta det bort, og skriv det på nytt."
    ),
    PapersChanged: N_("Papirene er endret i et annet vindu. Se over dem før du signerer."),
    NotThePatient: N_(
        "Du har sagt at det er en annen enn pasienten. Da kan ingen papirer utstedes. Ta dem bort."
    ),
    NotTheAuthor: N_(
        "En annen lege har skrevet et av papirene. Ta det bort, og skriv det på nytt."
    ),
    NotInHpr: N_(
        "Helsepersonellregisteret viser ikke lenger at du er lege. Snakk med lederen din."
    ),
    MayNotPrescribe: N_(
        "Helsepersonellregisteret viser ikke at du kan skrive resepter. Ta bort resepten, så kan du"
        " signere."
    ),
    HprUnchecked: N_(
        "Vi får ikke svar fra helsepersonellregisteret, og kan ikke utstede resepten nå. Prøv igjen"
        " om litt, eller ta den bort."
    ),
}
CHANGED_ELSEWHERE = N_("Notatet er endret i et annet vindu. Se over det før du signerer.")


async def save_note(request: web.Request) -> web.Response:
    """PUT /doctor/visit/{visit}/note: the draft, over the version that the page has seen."""
    who = signed_in(request, Role.DOCTOR)
    visit = request.match_info["visit"]
    async with look(request.app) as unit:
        await door.access_visit(unit.db, unit.now, who, visit)
    typed, version = sent(await read_json(request), FIELDS)
    fields = NoteFields(**typed)
    return await saving(request, lambda unit: _save(request, unit, who, visit, fields, version))


async def saving(request: web.Request, save: Callable[[Unit], Awaitable[int]]) -> web.Response:
    """Save a draft, and tell the script (static/js/note.js) how that went."""
    try:
        async with work(request.app) as unit:
            saved = await save(unit)
    except (StaleDraft, AlreadySigned):
        return as_json({"code": "conflict"}, status=409)
    except BadNote as bad:
        return as_json({"code": "bad_note", "fields": bad.problems}, status=422)
    return as_json({"version": saved, "saved_at": seconds(unit.now)})


def sent(body: Mapping[str, object], names: Collection[str]) -> tuple[Form, int]:
    """A draft in a script's words: these fields, and over which version. Raises HTTPBadRequest for
    what is none."""
    fields, version = body.get("fields"), body.get("version")
    if not isinstance(fields, dict) or type(version) is not int:
        raise web.HTTPBadRequest
    if not 0 <= version <= MOST_VERSIONS:
        raise web.HTTPBadRequest
    return {name: as_text(fields.get(name)) for name in names}, version


async def sign(request: web.Request) -> web.Response:
    """POST /doctor/visit/{visit}/sign: final, sealed, chained, counted and due to the EPJ.

    What cannot be signed yet is kept all the same.
    """
    who = signed_in(request, Role.DOCTOR)
    visit = request.match_info["visit"]
    form = await read(request, *FIELDS, "version")
    fields = note.clean(NoteFields(**{name: form[name] for name in FIELDS}))
    try:
        async with work(request.app) as unit:
            await door.access_visit(unit.db, unit.now, who, visit)
            await _save(request, unit, who, visit, fields, version_of(form["version"]))
        papers = await printing.prepare(request, who, visit)
        async with work(request.app) as unit:
            await _sign(request, unit, who, visit, papers)
    except NotYours:
        return await room_page(request, who, None, {})
    except BadNote as bad:
        errors: Errors = {name: PROBLEMS[Problem(code)] for name, code in bad.problems.items()}
        return await room_page(request, who, fields, errors)
    except WrongState:
        return await room_page(request, who, fields, {"sign": HANG_UP_FIRST})
    except StaleDraft:
        return await room_page(request, who, fields, {"sign": CHANGED_ELSEWHERE})
    except tuple(STOPPED) as fault:
        return await room_page(request, who, fields, {"sign": STOPPED[type(fault)]})
    except AlreadySigned:
        pass  # pressed twice
    raise see_other(f"/doctor/visit/{visit}")


def version_of(text: str) -> int:
    """The version that the page has seen; one that makes no sense has seen none."""
    known = text.isascii() and text.isdecimal() and len(text) < len(str(MOST_VERSIONS))
    return int(text) if known else 0


async def _sign(
    request: web.Request, unit: Unit, who: Person, visit: str, papers: Prepared
) -> None:
    """Note, papers, visit, links and the count of uses end together, or not at all."""
    keys = request.app[RECORD_KEYS]
    author = practitioner(request, who)
    met = await _met(request, unit, visit)
    signed = await chart.sign(
        unit.db, keys, unit.now, visit=visit, author=author, met=met, papers=papers
    )
    finished = await desk.finish(unit.db, unit.now, visit=visit, practitioner=who.id)
    settled = await _settle_policy(request, unit, visit)
    await insurer.record_use(unit.db, today(unit.now), visit=visit, settled=settled)
    await chart.close(unit.db, unit.now, visit=visit)
    await links.close_for_visit(unit.db, visit)
    unit.events.extend([signed, finished])


async def _met(request: web.Request, unit: Unit, visit: str) -> Met:
    """When they could talk, and who was there besides the patient and the doctor."""
    keys = request.app[IDENTITY_KEYS]
    opened_by, patient = await chart.who_comes(unit.db, visit)
    entry = await desk.entry(unit.db, visit)
    guests = await invitations.who_came(unit.db, keys, visit=visit)
    others = [Other(Part(guest.kind), guest.name) for guest in guests]
    if opened_by != patient:
        parent = await people.person(unit.db, keys, opened_by)
        others.insert(0, Other(Part.PARENT, parent.name))
    begun_at, ended_at = (entry.connected_at, entry.ended_at) if entry else (None, None)
    return Met(begun_at, ended_at, tuple(others))


async def _settle_policy(request: web.Request, unit: Unit, visit: str) -> date | None:
    """A policy that could not be checked when the patient came is looked for once more: then it is
    settled today. None: there was nothing to settle here. Where the insurer keeps the register, a
    job asks them, for a transaction is open now."""
    check = await insurer.check_of(unit.db, visit)
    if check is None or request.app[OUTWARD].keeper(check.number) is not None:
        return None
    if check.eligibility.answer is not Answer.UNCHECKED:
        return None
    own = await chart.visit(unit.db, visit)
    opener = await people.person(unit.db, request.app[IDENTITY_KEYS], own.opened_by)
    await check_policy(unit, opener, own, check.number)
    return today(unit.now)


async def _save(
    request: web.Request, unit: Unit, who: Person, visit: str, fields: NoteFields, version: int
) -> int:
    return await chart.save_draft(
        unit.db,
        request.app[RECORD_KEYS],
        unit.now,
        visit=visit,
        author=practitioner(request, who),
        fields=fields,
        version=version,
    )
