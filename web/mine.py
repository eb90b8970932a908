"""«Min journal»: what is written about a patient, read by her or by who stands in for her."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from venterom.journal import casework, chart, mine
from venterom.journal.access import Actor, Basis, Purpose
from venterom.journal.errors import MayNotRead
from venterom.journal.history import Note
from venterom.journal.papers import handing
from venterom.web import kin, papers, versions
from venterom.web.identity import door, people, proxies
from venterom.web.identity.door import Record
from venterom.web.identity.errors import NotYours
from venterom.web.identity.people import Person
from venterom.web.identity.roles import Role
from venterom.web.identity.standing import Right, Standing
from venterom.web.keys import IDENTITY_KEYS, RECORD_KEYS, SENDER
from venterom.web.pages import page, see_other
from venterom.web.picture import JPEG
from venterom.web.session import actor, signed_in
from venterom.web.work import Unit, work


@dataclass(frozen=True, slots=True)
class Reader:
    """Who has come to whose record."""

    who: Person
    record: Record

    @property
    def actor(self) -> Actor:
        """As one who acts on the record."""
        return actor(self.who, Role.PATIENT)

    @property
    def patient(self) -> Person:
        """Whose record it is."""
        return self.record.patient

    @property
    def frame(self) -> dict[str, Any]:
        """What every page of a record is given: whose it is, and where one may go from it."""
        return {
            "patient": {"id": self.patient.id, "name": self.patient.name},
            "standing": self.record.standing,
            "rights": [right for right in Right if self.record.may(right)],
        }


async def enter(request: web.Request, unit: Unit, right: Right) -> Reader:
    """The door of every page below /mine. Raises NotYours, and sends to sign in who has not."""
    who = signed_in(request, Role.PATIENT)
    keys, patient = request.app[IDENTITY_KEYS], request.match_info["patient"]
    return Reader(who, await door.access_record(unit.db, keys, unit.now, who, patient, right))


async def own(request: web.Request) -> web.Response:
    """GET /mine: on to one's own record."""
    raise see_other(f"/mine/{signed_in(request, Role.PATIENT).id}")


async def home(request: web.Request) -> web.Response:
    """GET /mine/{patient}: the list of notes, and whose other records one may read."""
    who = signed_in(request, Role.PATIENT)
    await kin.before_reading(request.app, who, request.match_info["patient"])
    async with work(request.app) as unit:
        reader = await enter(request, unit, Right.READ)
        found = await mine.notes(
            unit.db,
            unit.now,
            patient=reader.patient.id,
            reader=reader.actor,
            basis=reader.record.basis,
        )
        others = await _others(request, unit, reader.who)
        asked = await casework.of_patient(unit.db, reader.patient.id)
    seen = {kept.visit for kept in found}
    return page(
        request,
        "mine/home.html",
        **reader.frame,
        notes=found,
        unconfirmed=reader.record.standing is Standing.PARENT and reader.record.basis is Basis.NONE,
        others=others,
        open_cases=sum(case.answered_at is None and case.visit in seen for case in asked),
    )


async def note(request: web.Request) -> web.Response:
    """GET /mine/{patient}/note/{visit}: one note. Reading it is a line in the log."""
    async with work(request.app) as unit:
        reader = await enter(request, unit, Right.READ)
        visit = request.match_info["visit"]
        written, doctor = await read(request, unit, reader, visit)
        taken = (await chart.pictures(unit.db, visit)).taken
        issued = await papers.shown(request, unit, visit, written.papers)
    return page(
        request,
        "mine/note.html",
        **reader.frame,
        visit=visit,
        doctor=doctor,
        service=request.app[SENDER].name,
        note=versions.shown(written),
        pictures=taken,
        papers=issued,
    )


async def picture(request: web.Request) -> web.Response:
    """GET /mine/{patient}/note/{visit}/picture/{picture}"""
    return await _file(request, chart.read_picture, "picture", JPEG)


async def paper(request: web.Request) -> web.Response:
    """GET /mine/{patient}/note/{visit}/paper/{paper}"""
    return await _file(request, handing.read_paper, "paper", papers.PDF)


async def _file(
    request: web.Request, opened: Callable[..., Awaitable[bytes]], name: str, kind: str
) -> web.Response:
    """What belongs to a note, by its id. Opening it is a line in the log."""
    async with work(request.app) as unit:
        reader = await enter(request, unit, Right.READ)
        visit = await of_patient(unit, reader, request.match_info["visit"])
        asked = {"visit": visit, name: request.match_info[name]}
        try:
            data = await opened(
                unit.db,
                request.app[RECORD_KEYS],
                unit.now,
                reader=reader.actor,
                basis=reader.record.basis,
                **asked,
            )
        except MayNotRead:
            raise NotYours from None
    return web.Response(body=data, content_type=kind)


async def read(request: web.Request, unit: Unit, reader: Reader, visit: str) -> tuple[Note, str]:
    """A signed note of this patient, and its doctor's name. Raises NotYours."""
    await of_patient(unit, reader, visit)
    try:
        written = await chart.read_note(
            unit.db,
            request.app[RECORD_KEYS],
            unit.now,
            reader=reader.actor,
            visit=visit,
            purpose=Purpose.PATIENT_REQUEST,
            basis=reader.record.basis,
        )
    except MayNotRead:
        raise NotYours from None
    doctor = await people.persons(unit.db, request.app[IDENTITY_KEYS], [written.author])
    return written, doctor[written.author].name if doctor else ""


async def of_patient(unit: Unit, reader: Reader, visit: str) -> str:
    """The visit, if it is this patient's. Raises NotYours."""
    if visit not in await mine.days_of(unit.db, reader.patient.id):
        raise NotYours
    return visit


async def _others(request: web.Request, unit: Unit, who: Person) -> list[tuple[str, str]]:
    """Whose records one may read beside one's own: children, and who gave a proxy."""
    keys = request.app[IDENTITY_KEYS]
    children = await people.children_of(unit.db, keys, unit.now, who.id)
    givers = [p.giver for p in await proxies.of(unit.db, unit.now, who.id) if p.holder == who.id]
    known = {each.id: each for each in children}
    known |= await people.persons(unit.db, keys, givers)
    found = []
    for person in known.values():
        try:
            await door.access_record(unit.db, keys, unit.now, who, person.id, Right.READ)
        except NotYours:
            continue
        found.append((person.id, person.name))
    return found


async def names(request: web.Request, unit: Unit, ids: set[str]) -> dict[str, Person]:
    """Who acted, by id."""
    return dict(await people.persons(unit.db, request.app[IDENTITY_KEYS], ids))
