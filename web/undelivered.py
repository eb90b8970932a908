"""The director's page of what is signed and not in the journal: since when, why, and once again.

Nothing here says who a patient is, or what a note is about.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aiohttp import web

from venterom.journal import delivery, epj_line
from venterom.journal.epj_answer import Said
from venterom.journal.retry import Concern, concern
from venterom.journal.states import Delivery
from venterom.web.forms import read
from venterom.web.identity import people
from venterom.web.identity.roles import Role
from venterom.web.keys import IDENTITY_KEYS
from venterom.web.live import FLOOR, sign_in_topic, stream
from venterom.web.pages import page, render, see_other
from venterom.web.session import SESSION, is_signed_in, signed_in
from venterom.web.text import N_
from venterom.web.work import Unit, look, work

ADDRESS = "/director/journal"
NOT_TRIED = N_("Står for tur.")
UNKNOWN = N_("Det gikk ikke, og vi vet ikke hvorfor. Ring 23 01 48 00.")
WHY: Mapping[str, str] = {
    Said.SILENT: N_("Journalsystemet svarte ikke."),
    Said.BUSY: N_("Journalsystemet har for mye å gjøre."),
    Said.BROKEN: N_("Journalsystemet har en feil."),
    Said.MOVED: N_("Journalsystemet har flyttet. Adressen må endres hos oss."),
    Said.NOT_LET_IN: N_("Journalsystemet slipper oss ikke inn. Se på nøkkelen og avtalen."),
    Said.NONSENSE: N_("Svaret fra journalsystemet kunne ikke leses."),
    Said.REFUSED: N_("Journalsystemet tok ikke imot notatet."),
    Said.ERROR_INSIDE: N_("Journalsystemet svarte med en feil."),
    Said.HALF: N_("Journalsystemet bekreftet bare en del av notatet."),
    Said.CONFLICT: N_("Journalsystemet arbeider med noe annet for samme besøk."),
    Said.SEVERAL: N_("Journalsystemet har flere notater for dette besøket. Rydd opp der først."),
    Said.OTHER_PATIENT: N_("Svaret gjaldt en annen pasient. Finn ut hvorfor før du prøver igjen."),
    Said.OTHER_VISIT: N_("Svaret gjaldt et annet besøk. Finn ut hvorfor før du prøver igjen."),
    Said.OTHER_CONTENT: N_(
        "Journalsystemet har noe annet for dette besøket. Finn ut hvorfor før du prøver igjen."
    ),
    "EpjUnreachable": N_("Journalsystemet svarte ikke."),
    "EpjRefused": N_("Journalsystemet tok ikke imot notatet."),
    "EpjConflict": N_(
        "Journalsystemet har noe annet for dette besøket. Finn ut hvorfor før du prøver igjen."
    ),
    "Unreadable": N_("Notatet kunne ikke åpnes hos oss. Ring 23 01 48 00."),
}


@dataclass(frozen=True, slots=True)
class Waits:
    """One note that is not in the journal."""

    visit: str
    doctor: str
    signed_at: datetime
    concern: Concern
    why: str
    attempts: int


async def show(request: web.Request) -> web.Response:
    """GET /director/journal"""
    signed_in(request, Role.DIRECTOR)
    return page(request, "director/journal.html", **await _shown(request), here=ADDRESS)


async def live(request: web.Request) -> web.WebSocketResponse:
    """The same, kept up to date."""
    signed_in(request, Role.DIRECTOR)

    async def part() -> dict[str, str]:
        html = render(request, "director/_journal.html", await _shown(request))
        return {"view": "journal", "html": html}

    topics = (FLOOR, sign_in_topic(request[SESSION].id))
    return await stream(request, topics, part, beat=lambda: is_signed_in(request))


async def send_again(request: web.Request) -> web.Response:
    """POST /director/journal: the note of ?visit, or with none the EPJ is asked at once."""
    signed_in(request, Role.DIRECTOR)
    form = await read(request, "visit")
    async with work(request.app) as unit:
        if form["visit"]:
            await delivery.try_again(unit.db, unit.now, visit=form["visit"])
        await epj_line.ask_now(unit.db)
    raise see_other(ADDRESS)


async def waiting(unit: Unit) -> list[Waits]:
    """All that waits; what needs a person comes first, then the oldest."""
    found = [
        Waits(
            each.visit,
            each.author,
            each.signed_at,
            concern(each.state, each.signed_at, unit.now),
            why(each.last_error, each.state),
            each.attempts,
        )
        for each in await delivery.pending(unit.db)
    ]
    return sorted(found, key=lambda each: (each.concern, each.signed_at))


def why(error: str, state: Delivery) -> str:
    """Why it is not there, in words."""
    return NOT_TRIED if not error or state is Delivery.SIGNED else WHY.get(error, UNKNOWN)


async def _shown(request: web.Request) -> dict[str, Any]:
    async with look(request.app) as unit:
        line = await epj_line.load(unit.db)
        staff = await people.staff(unit.db, request.app[IDENTITY_KEYS], Role.DOCTOR)
        notes = await waiting(unit)
    return {
        "notes": notes,
        "line": line,
        "line_why": WHY.get(line.why, UNKNOWN),
        "now": unit.now,
        "names": {doctor.id: doctor.name for doctor in staff},
    }
