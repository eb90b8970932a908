"""The log in words that a patient understands: who, when, why, at what, and for how long."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from aiohttp import web

from venterom.journal import blocks, logbook, mine
from venterom.journal.access import CARE_LASTS, Role
from venterom.journal.blocking import GLASS_LASTS
from venterom.journal.chain import Action, LogLine
from venterom.web import looks
from venterom.web.forms import line_number
from venterom.web.identity.people import Person
from venterom.web.identity.standing import Right
from venterom.web.keys import IDENTITY_KEYS, RECORD_KEYS, SENDER
from venterom.web.mine import enter, names
from venterom.web.pages import page
from venterom.web.text import N_
from venterom.web.work import work

WHAT: Mapping[Action, str] = {
    Action.REASON_WRITTEN: N_("Skrev hva det gjaldt"),
    Action.NOTICE_READ: N_("Leste informasjonen om timer på video"),
    Action.CONSENT_GIVEN: N_("Samtykket til hjelp på video"),
    Action.CONSENT_WITHDRAWN: N_("Trakk samtykket tilbake"),
    Action.TRIAGE_CHANGED: N_("Endret plassen i køen"),
    Action.CARE_BEGUN: N_("Begynte timen"),
    Action.SOMEBODY_ELSE_SEEN: N_("Så at det var en annen enn pasienten i samtalen"),
    Action.REASON_READ: N_("Leste i ventelisten hva det gjaldt"),
    Action.STORY_READ: N_("Leste det som ble skrevet før timen"),
    Action.NOTE_READ: N_("Leste notatet"),
    Action.OUTCOME_READ: N_("Leste hva legen bestemte"),
    Action.DRAFT_BEGUN: N_("Begynte på notatet"),
    Action.PICTURE_ALLOWED: N_("Sa ja til et bilde"),
    Action.PICTURE_REFUSED: N_("Sa nei til et bilde"),
    Action.PICTURE_TAKEN: N_("La et bilde til notatet"),
    Action.PICTURE_DROPPED: N_("Slettet et bilde før notatet ble signert"),
    Action.PICTURE_READ: N_("Så på et bilde"),
    Action.PAPER_WRITTEN: N_("Skrev et papir, som en resept eller en henvisning"),
    Action.PAPER_DROPPED: N_("Tok bort et papir før notatet ble signert"),
    Action.PAPER_READ: N_("Åpnet et papir"),
    Action.PRESCRIPTION_SENT: N_("Sendte en resept til apotekene"),
    Action.SICK_NOTE_SENT: N_("Sendte en sykmelding til NAV"),
    Action.PAPER_WITHDRAWN: N_("Trakk et papir tilbake"),
    Action.NOTE_SIGNED: N_("Signerte notatet"),
    Action.AMENDMENT_BEGUN: N_("Begynte å rette notatet eller føye til noe"),
    Action.NOTE_AMENDED: N_("Rettet notatet eller føyde til noe"),
    Action.REASON_REMOVED: N_("Slettet det som var skrevet før timen"),
    Action.NOTE_DELETED: N_("Slettet notatet"),
    Action.NOTE_SENT: N_("Sendte notatet til journalsystemet"),
    Action.NOTE_REDUCED: N_("Slettet sin kopi av notatet, som ligger i journalsystemet"),
    Action.RECORD_OPENED: N_("Åpnet listen over notater"),
    Action.RECORD_TAKEN_OUT: N_("Lastet ned hele journalen"),
    Action.RECORD_HANDED_OVER: N_("Overførte hele journalen"),
    Action.LOG_READ: N_("Leste denne loggen"),
    Action.BLOCK_SET: N_("Sperret journalen"),
    Action.BLOCK_LIFTED: N_("Opphevet en sperring"),
    Action.GLASS_BROKEN: N_("Åpnet det som er sperret"),
    Action.GLASS_CHECKED: N_("Kontrollerte hvorfor noe sperret ble åpnet"),
    Action.CASE_ASKED: N_("Ba om retting eller sletting"),
    Action.CASE_READ: N_("Leste ønsket om retting eller sletting"),
    Action.CASE_ANSWERED: N_("Svarte på ønsket om retting eller sletting"),
    Action.PROXY_GIVEN: N_("Ga en fullmakt"),
    Action.PROXY_ENDED: N_("Trakk en fullmakt tilbake"),
    Action.RELATION_CHECKED: N_("Spurte Folkeregisteret om foreldreansvar"),
    Action.GRANT_GIVEN: N_("Ga en ansatt tilgang"),
    Action.GRANT_RENEWED: N_("Fornyet tilgangen til en ansatt"),
    Action.GRANT_ENDED: N_("Avsluttet tilgangen til en ansatt"),
}
WHY: Mapping[str, str] = {
    "own": N_("Egen journal"),
    "parent": N_("Forelder"),
    "wrote_it": N_("Skrev det selv"),
    "proxy": N_("Har fullmakt"),
    "care": N_("Hadde time med pasienten"),
    "treats": N_("Hadde en ny time med pasienten"),
    "on_duty": N_("Var på vakt mens pasienten ventet"),
    "glass": N_("Fare for liv eller helse"),
    "control": N_("Kontroll i ettertid, som loven krever"),
    "kept_long_enough": N_("Det ble ingen time, og fristen for å ta vare på det er ute"),
    "asked": N_("Pasienten ba om det, og en annen hadde bestemt det"),
    "wrong_patient": N_("Notatet gjaldt en annen pasient"),
    "asked_to_amend": N_("Pasienten har bedt om at det blir rettet"),
    "case": N_("Behandlet ønsket fra pasienten"),
    "left": N_("Legen som skrev det, arbeider ikke her lenger"),
    "handed_over": N_("Tjenesten slutter, og en annen tar vare på journalen"),
    "journal": N_("Notatet skal inn i journalen"),
    "kept_by_epj": N_("Journalsystemet har bekreftet at notatet er kommet frem"),
    "related": N_("Folkeregisteret viser foreldreansvar"),
    "not_related": N_("Folkeregisteret viser ikke foreldreansvar"),
}
OTHER = N_("Brukte journalen")
ROLES: Mapping[str, str] = {
    Role.DOCTOR: N_("lege"),
    Role.DIRECTOR: N_("leder"),
    Role.SYSTEM: N_("tjenesten selv"),
}


@dataclass(frozen=True, slots=True)
class Said:
    """A line of the log as it stands on the page; texts are to be translated."""

    at: datetime
    who: str  # "" for the reader
    role: str
    hpr: str
    is_staff: bool
    what: str
    why: str
    about: datetime | None  # the meeting
    until: datetime | None  # for how long what was begun here let somebody read
    days: int  # … or for how many days after the meeting
    words: str  # what a doctor wrote about why, or who was given it


async def log(request: web.Request) -> web.Response:
    """GET /mine/{patient}/log, and older lines at ?before=n."""
    number = line_number(request.query.get("before", ""))
    async with work(request.app) as unit:
        reader = await enter(request, unit, Right.SEE_THE_LOG)
        lines = await logbook.page(
            unit.db,
            unit.now,
            patient=reader.patient.id,
            reader=reader.actor,
            basis=reader.record.basis,
            before=number,
        )
        known = await names(request, unit, {line.actor for line in lines})
        days = await mine.days_of(unit.db, reader.patient.id)
        keys = request.app[RECORD_KEYS]
        reasons = await blocks.reasons(unit.db, keys, reader.patient.id)
        looked_up = (
            []
            if number
            else await looks.seen(
                unit.db,
                request.app[IDENTITY_KEYS],
                unit.now,
                patient=reader.patient,
                reader=reader.actor,
                basis=reader.record.basis,
            )
        )
    return page(
        request,
        "mine/log.html",
        **reader.frame,
        lines=[
            said(reader.who.id, line, known, days, reasons, request.app[SENDER].name)
            for line in lines
        ],
        older=lines[-1].n if len(lines) == logbook.PAGE else None,
        looks=looked_up,
        service=request.app[SENDER].name,
    )


def said(
    me: str,
    line: LogLine,
    known: Mapping[str, Person],
    days: Mapping[str, datetime],
    reasons: Mapping[str, str],
    service: str,
) -> Said:
    """One line, for people; `me` reads it, and `service` is the enterprise that acted where no
    person did."""
    person = known.get(line.actor)
    broken = line.action == Action.GLASS_BROKEN
    ground, _, to = line.ground.partition("/")
    return Said(
        at=line.at,
        who="" if line.actor == me else person.name if person else service,
        role=ROLES.get(line.role, ""),
        hpr=(person.hpr_number or "") if person else "",
        is_staff=line.role != Role.PATIENT,
        what=WHAT.get(Action(line.action), OTHER),
        why=WHY.get(ground, ""),
        about=days.get(line.visit),
        until=line.at + GLASS_LASTS if broken else None,
        days=CARE_LASTS.days if line.action == Action.CARE_BEGUN else 0,
        words=reasons.get(line.content, "") if broken else to,
    )
