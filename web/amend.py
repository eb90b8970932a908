"""A doctor puts a signed note right, or adds to it: her own list of notes, and the form."""

from dataclasses import replace
from typing import Any

from aiohttp import web

from venterom.journal import amending, coding, drafting
from venterom.journal import note as notes
from venterom.journal.amending import AtHand
from venterom.journal.drafting import Begun, Typed
from venterom.journal.errors import AlreadySigned, BadNote, MayNotRead, NoSuchVisit, StaleDraft
from venterom.journal.note import NoteFields, Problem
from venterom.web import versions
from venterom.web.forms import Errors, Form, line_number, read, read_json
from venterom.web.identity import people
from venterom.web.identity.errors import NotYours
from venterom.web.identity.people import Person
from venterom.web.identity.roles import Role
from venterom.web.keys import IDENTITY_KEYS, RECORD_KEYS
from venterom.web.notes import CHANGED_ELSEWHERE, FIELDS, PROBLEMS, saving, sent, version_of
from venterom.web.pages import page, see_other
from venterom.web.session import practitioner, signed_in
from venterom.web.text import N_
from venterom.web.work import Unit, look, work

NEWER = N_("Notatet er endret siden du åpnet det. Se over det nye før du signerer.")
ADD, ANEW = "add", "anew"
KINDS = {ADD: False, ANEW: True}  # a draft of each; what was typed at last is shown else
NAMES = (*FIELDS, "way", "why", "addition", "seen")


async def own(request: web.Request) -> web.Response:
    """GET /doctor/notes: what this doctor has signed, newest first; older ones at ?before=n, and
    newer ones at ?after=n."""
    who = signed_in(request, Role.DOCTOR)
    before, after = (line_number(request.query.get(name, "")) for name in ("before", "after"))
    async with look(request.app) as unit:
        found = await amending.own(unit.db, who.id, before=before, after=after)
        ids = {each.patient for each in found.notes}
        known = await people.persons(unit.db, request.app[IDENTITY_KEYS], ids)
    names = {id_: each.name for id_, each in known.items()}
    return page(request, "doctor/notes.html", found=found, names=names, here="/doctor/notes")


async def form(request: web.Request) -> web.Response:
    """GET /doctor/visit/{visit}/amend: the note to be said anew, or an addition (?way=add), as far
    as it was typed before."""
    return await _page(request, {}, {})


async def save(request: web.Request) -> web.Response:
    """PUT /doctor/visit/{visit}/amend: the draft of it, over the version that the page has seen."""
    who = signed_in(request, Role.DOCTOR)
    try:
        async with look(request.app) as unit:
            author = practitioner(request, who)
            await amending.judge(unit.db, request.match_info["visit"], author)
        typed, version = sent(await read_json(request), NAMES)
        return await saving(request, lambda unit: _save(request, unit, who, typed, version))
    except (MayNotRead, NoSuchVisit):
        raise NotYours from None


async def sign(request: web.Request) -> web.Response:
    """POST /doctor/visit/{visit}/amend: a version more, signed and due to the EPJ. What cannot be
    signed yet is kept all the same."""
    who = signed_in(request, Role.DOCTOR)
    typed = await read(request, *NAMES, "version")
    try:
        errors = await _signed(request, who, typed)
    except (MayNotRead, NoSuchVisit):
        raise NotYours from None
    except BadNote as bad:
        errors = {name: PROBLEMS[Problem(code)] for name, code in bad.problems.items()}
    if errors:
        return await _page(request, typed, errors)
    raise see_other("/doctor/notes")


async def _signed(request: web.Request, who: Person, typed: Form) -> Errors:
    """Saved, then signed; or what must be looked at before. Raises BadNote, MayNotRead."""
    try:
        async with work(request.app) as unit:
            await _save(request, unit, who, typed, version_of(typed["version"]))
    except AlreadySigned:
        pass  # pressed twice, or upon an older version: the signature finds out
    except StaleDraft:
        return {"amend": CHANGED_ELSEWHERE}
    try:
        async with work(request.app) as unit:
            await _sign(request, unit, who, _typed(typed))
    except StaleDraft:
        return {"amend": NEWER}
    return {}


async def _save(request: web.Request, unit: Unit, who: Person, typed: Form, version: int) -> int:
    return await drafting.save(
        unit.db,
        request.app[RECORD_KEYS],
        unit.now,
        visit=request.match_info["visit"],
        author=practitioner(request, who),
        typed=_typed(typed),
        version=version,
    )


async def _sign(request: web.Request, unit: Unit, who: Person, typed: Typed) -> None:
    done = await amending.amend(
        unit.db,
        request.app[RECORD_KEYS],
        unit.now,
        visit=request.match_info["visit"],
        author=practitioner(request, who),
        seen=typed.seen,
        why=typed.why,
        fields=typed.fields,
        addition=typed.addition,
    )
    unit.events.extend([done] if done.fresh else [])


def _typed(form: Form) -> Typed:
    """What was typed into the form."""
    seen, why = version_of(form["seen"]), notes.clean_text(form["why"])
    if form["way"] != ANEW:
        return Typed(seen, why, notes.clean_text(form["addition"]))
    fields = NoteFields(**{name: form[name] for name in FIELDS})
    return Typed(seen, why, fields=notes.clean(fields))


async def _page(request: web.Request, typed: Form, errors: Errors) -> web.Response:
    who, visit = signed_in(request, Role.DOCTOR), request.match_info["visit"]
    keys, author = request.app[RECORD_KEYS], practitioner(request, who)
    way = typed["way"] if typed else request.query.get("way", "")
    try:
        async with work(request.app) as unit:
            shown = await amending.begin(unit.db, keys, unit.now, visit=visit, author=author)
            begun = await drafting.begun(
                unit.db,
                keys,
                unit.now,
                visit=visit,
                author=author,
                shown=shown,
                whole=KINDS.get(way),
            )
            patient = await people.persons(unit.db, request.app[IDENTITY_KEYS], [shown.patient])
            context = _context(shown, begun, typed, way)
            context["term"] = await coding.term_of(unit.db, context["fields"].icpc2) or ""
    except (MayNotRead, NoSuchVisit):
        raise NotYours from None
    if not typed and begun and begun.typed.seen != shown.version:
        errors = {"amend": NEWER}
    return page(
        request,
        "doctor/amend.html",
        **context,
        visit=visit,
        patient_name=patient[shown.patient].name if shown.patient in patient else "",
        sent_back=bool(typed),
        errors=errors,
        status=422 if typed else 200,
    )


def _context(shown: AtHand, begun: Begun | None, form: Form, way: str) -> dict[str, Any]:
    """What is in the form: as it was sent, else as it was saved, else the note as it stands."""
    saved = begun.typed if begun else None
    typed = _typed(form) if form else saved or Typed(shown.version)
    if not way and (form or saved):
        way = ADD if typed.fields is None else ANEW
    stands = shown.note.fields if shown.note else NoteFields()
    differs = form and saved and replace(saved, seen=typed.seen) != typed
    return {
        "signer": shown.signer,
        "signed_at": shown.signed_at,
        "seen": shown.version,
        "version": begun.version if begun else 0,
        "saved_at": begun.saved_at if begun else None,
        "note": shown.note and versions.shown(shown.note),
        "anew": way != ADD and shown.note is not None,
        "fields": typed.fields or stands,
        "why": typed.why,
        "addition": typed.addition,
        "stored": _stored(saved) if differs and saved else None,
    }


def _stored(saved: Typed) -> dict[str, Any]:
    """What lies there, beside something else that was typed."""
    fields = saved.fields or NoteFields()
    return {
        "why": saved.why,
        "addition": saved.addition,
        "account": "",
        "sections": notes.sections(fields),
        "code": (fields.icpc2, ""),
    }
