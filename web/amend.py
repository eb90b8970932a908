"""A doctor puts a signed note right, or adds to it: her own list of notes, and the form."""

from typing import Any

from aiohttp import web

from venterom.journal import amending, coding, note
from venterom.journal.errors import BadNote, MayNotRead, NoSuchVisit, StaleDraft
from venterom.journal.note import NoteFields, Problem
from venterom.web import versions
from venterom.web.forms import Errors, Form, read
from venterom.web.identity import people
from venterom.web.identity.errors import NotYours
from venterom.web.identity.roles import Role
from venterom.web.keys import IDENTITY_KEYS, RECORD_KEYS
from venterom.web.notes import FIELDS, PROBLEMS, version_of
from venterom.web.pages import page, see_other
from venterom.web.session import practitioner, signed_in
from venterom.web.text import N_
from venterom.web.work import look, work

NEWER = N_("Notatet er endret siden du åpnet det. Se over det nye før du signerer.")
ADD, ANEW = "add", "anew"


async def own(request: web.Request) -> web.Response:
    """GET /doctor/notes: what this doctor has signed in the last fortnight."""
    who = signed_in(request, Role.DOCTOR)
    async with look(request.app) as unit:
        found = await amending.own(unit.db, unit.now, who.id)
        ids = {each.patient for each in found}
        known = await people.persons(unit.db, request.app[IDENTITY_KEYS], ids)
    names = {id_: each.name for id_, each in known.items()}
    return page(request, "doctor/notes.html", notes=found, names=names, here="/doctor/notes")


async def form(request: web.Request) -> web.Response:
    """GET /doctor/visit/{visit}/amend: the note to be said anew, or an addition (?way=add)."""
    return await _page(request, {}, None, {})


async def sign(request: web.Request) -> web.Response:
    """POST /doctor/visit/{visit}/amend: a version more, signed and due to the EPJ."""
    who, visit = signed_in(request, Role.DOCTOR), request.match_info["visit"]
    typed = await read(request, *FIELDS, "way", "why", "addition", "version")
    anew = typed["way"] == ANEW
    fields = note.clean(NoteFields(**{name: typed[name] for name in FIELDS})) if anew else None
    errors: Errors = {}
    try:
        async with work(request.app) as unit:
            done = await amending.amend(
                unit.db,
                request.app[RECORD_KEYS],
                unit.now,
                visit=visit,
                author=practitioner(request, who),
                seen=version_of(typed["version"]),
                why=typed["why"],
                fields=fields,
                addition="" if anew else typed["addition"],
            )
            unit.events.extend([done] if done.fresh else [])
    except (MayNotRead, NoSuchVisit):
        raise NotYours from None
    except BadNote as bad:
        errors = {name: PROBLEMS[Problem(code)] for name, code in bad.problems.items()}
    except StaleDraft:
        errors = {"amend": NEWER}
    if errors:
        return await _page(request, typed, fields, errors)
    raise see_other("/doctor/notes")


async def _page(
    request: web.Request, typed: Form, fields: NoteFields | None, errors: Errors
) -> web.Response:
    who, visit = signed_in(request, Role.DOCTOR), request.match_info["visit"]
    keys = request.app[RECORD_KEYS]
    try:
        async with work(request.app) as unit:
            author = practitioner(request, who)
            shown = await amending.begin(unit.db, keys, unit.now, visit=visit, author=author)
            known = await people.persons(unit.db, request.app[IDENTITY_KEYS], [shown.patient])
            stands = fields or (shown.note.fields if shown.note else NoteFields())
            term = await coding.term_of(unit.db, stands.icpc2) or ""
    except (MayNotRead, NoSuchVisit):
        raise NotYours from None
    way = typed.get("way") or request.query.get("way", ANEW)
    context: dict[str, Any] = {
        "visit": visit,
        "patient_name": known[shown.patient].name if shown.patient in known else "",
        "signer": shown.signer,
        "signed_at": shown.signed_at,
        "version": shown.version,
        "note": shown.note and versions.shown(shown.note),
        "anew": way != ADD and shown.note is not None,
        "fields": stands,
        "term": term,
        "form": {"why": "", "addition": "", **typed},
    }
    status = 422 if errors else 200
    return page(request, "doctor/amend.html", **context, errors=errors, status=status)
