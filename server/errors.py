"""One table: what was refused, and what the other side hears.

An error's class name is its code, its docstring the message for a log. People get words of their
own, which never tell whether a visit exists or whose it is.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler

from venterom.journal import errors as record
from venterom.queue import errors as waiting_room
from venterom.server.listening import BodyTooSlow
from venterom.web.identity import errors as identity
from venterom.web.identity.roles import Door
from venterom.web.pages import page
from venterom.web.session import door_of
from venterom.web.text import N_

log = structlog.get_logger()

HOME = N_("Til forsiden")


@dataclass(frozen=True, slots=True)
class Answer:
    """A page for a person: what happened, what to do, and where to go next."""

    status: int
    title: str
    text: str
    next_url: str = "/"
    next_text: str = HOME
    level: str = "info"


NOT_HERE = Answer(
    404,
    N_("Vi finner ikke denne siden"),
    N_("Siden finnes ikke, eller den er ikke din. Logg inn, så finner du timen din."),
    "/start",
    N_("Finn timen min"),
    "warning",
)
NOT_ALLOWED = Answer(
    403,
    N_("Dette gikk ikke"),
    N_("Siden har stått åpen for lenge. Gå tilbake, last den på nytt, og prøv en gang til."),
    level="warning",
)
TOO_SOON_OVER = Answer(
    409,
    N_("Dette er allerede gjort"),
    N_("Noe har endret seg siden du åpnet siden. Her ser du hvordan det står nå."),
    "/start",
    N_("Vis timen min"),
)
SIGN_IN_AGAIN = Answer(
    403,
    N_("Du er ikke logget inn ennå"),
    N_("Innloggingen ble ikke fullført. Prøv en gang til."),
    "/start",
    N_("Logg inn"),
)
UNHANDLED = Answer(
    500,
    N_("Noe sviktet hos oss"),
    N_("Det er ikke noe du har gjort. Prøv igjen om litt, eller ring 23 01 48 00."),
    level="error",
)
OUT_OF_ORDER = Answer(
    503,
    N_("Innloggingen svarer ikke akkurat nå"),
    N_(
        "Tjenesten som bekrefter hvem du er, svarer ikke. Prøv igjen om et par minutter."
        " Haster det, ring legevakt på 116 117."
    ),
    "/start",
    N_("Prøv igjen"),
    level="warning",
)
UNREADABLE = Answer(
    400,
    N_("Vi kunne ikke lese det som kom"),
    N_("Gå tilbake, last siden på nytt, og prøv en gang til."),
)
TOO_LARGE = Answer(413, N_("Dette ble for mye"), N_("Gjør teksten kortere, og prøv igjen."))
TOO_SLOW = Answer(
    408,
    N_("Forbindelsen var for treg"),
    N_("Vi fikk ikke alt du sendte. Sjekk nettet, og prøv en gang til."),
)
TOO_OFTEN = Answer(
    429,
    N_("Det ble litt mange forsøk"),
    N_("Vent et minutt, og prøv igjen. Haster det, ring legevakt på 116 117."),
    level="warning",
)

# The first class in an error's line of descent that stands here decides.
TABLE: Mapping[type[Exception], Answer] = {
    # Not a person's doing: a key is missing, a row was changed, a setting is wrong.
    record.BadSignature: UNHANDLED,
    record.BadKey: UNHANDLED,
    record.UnsafeBackend: UNHANDLED,
    record.Unreadable: UNHANDLED,
    record.UnknownText: UNHANDLED,
    record.Gone: Answer(
        410,
        N_("Dette ligger ikke her lenger"),
        N_("Journalsystemet har tatt det imot, og da sletter vi vår kopi. Be om innsyn der."),
    ),
    identity.IdentityUnreadable: UNHANDLED,
    identity.InsecureAddress: UNHANDLED,
    BodyTooSlow: TOO_SLOW,
    # Not here, whether it exists or not.
    identity.NotYours: NOT_HERE,
    record.NoSuchVisit: NOT_HERE,
    record.MayNotRead: NOT_HERE,
    waiting_room.UnknownVisit: NOT_HERE,
    waiting_room.NotYours: NOT_HERE,
    waiting_room.AlreadyWaiting: Answer(
        409,
        N_("Det er meldt fra allerede"),
        N_("Den dette gjelder, har plass i køen. Den som meldte fra, får vite når legen er klar."),
    ),
    waiting_room.TooLateToMove: Answer(
        409,
        N_("Timen kan ikke flyttes nå"),
        N_("Den har begynt, eller er over. Her ser du hvordan det står til."),
        "/start",
        N_("Vis timen min"),
    ),
    waiting_room.BadKey: UNREADABLE,
    waiting_room.KeyReused: Answer(
        422,
        N_("Dette ble sendt før, med noe annet i"),
        N_("Last siden på nytt, og prøv en gang til."),
    ),
    waiting_room.QueueError: TOO_SOON_OVER,
    record.JournalError: TOO_SOON_OVER,
    identity.LinkUnknown: Answer(
        404,
        N_("Denne lenken er ikke hel"),
        N_("Åpne meldingen og trykk på hele lenken, eller logg inn. Da finner du timen din."),
        "/start",
        N_("Finn timen min"),
    ),
    identity.LinkExpired: Answer(
        410,
        N_("Denne lenken er for gammel"),
        N_("Logg inn, så finner du timen din, eller en ny tid."),
        "/start",
        N_("Finn timen min"),
    ),
    identity.LinkForOther: Answer(
        403,
        N_("Denne lenken er til en annen"),
        N_("Bare den som fikk meldingen, kan bruke lenken. Er det deg, logg inn som deg selv."),
        level="warning",
    ),
    identity.LinkFinished: Answer(
        410,
        N_("Denne lenken er brukt opp"),
        N_("Det den gjaldt, er avsluttet. Logg inn, så finner du det legen har skrevet."),
        "/start",
        N_("Logg inn"),
    ),
    identity.InvitationOver: Answer(
        410,
        N_("Invitasjonen gjelder ikke lenger"),
        N_("Skal du være med i samtalen, be legen om en ny lenke. Den virker i én nettleser."),
    ),
    identity.NotAuthorised: Answer(
        403,
        N_("Du har ikke tilgang her"),
        N_("Vi finner deg ikke med denne rollen. Snakk med lederen din, som kan gi deg tilgang."),
        level="warning",
    ),
    identity.NotInHpr: Answer(
        403,
        N_("Helsepersonellregisteret viser ikke at du er lege"),
        N_("Da kan du ikke ta imot pasienter her. Er det feil, snakk med lederen din."),
        level="warning",
    ),
    identity.HprUnchecked: Answer(
        503,
        N_("Vi får ikke svar fra helsepersonellregisteret"),
        N_("Derfor kan vi ikke slippe deg inn ennå. Prøv igjen om noen minutter."),
        level="warning",
    ),
    identity.ProviderUnreachable: OUT_OF_ORDER,
    identity.IdentityError: SIGN_IN_AGAIN,
}

STATUSES: Mapping[int, Answer] = {
    400: UNREADABLE,
    401: SIGN_IN_AGAIN,
    403: NOT_ALLOWED,
    404: NOT_HERE,
    405: NOT_HERE,
    408: TOO_SLOW,
    413: TOO_LARGE,
    429: TOO_OFTEN,
}
PASSED_ON = ("Allow", "Retry-After")  # of a refusal's own headers


def answer_to(error: BaseException) -> Answer:
    """What a person hears about this."""
    found = (TABLE[kind] for kind in type(error).__mro__ if kind in TABLE)
    return next(found, UNHANDLED)


@web.middleware
async def pages_for_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """A page with a next step for everything that is refused or fails."""
    try:
        return await handler(request)
    except web.HTTPException as refusal:
        if refusal.status < 400:
            raise
        shown = _page(request, STATUSES.get(refusal.status, UNREADABLE))
        shown.set_status(refusal.status)
        passed_on = {name: refusal.headers[name] for name in PASSED_ON if name in refusal.headers}
        shown.headers.update(passed_on)
        return shown
    except Exception as error:
        if _has_gone(request, error):
            return web.Response(status=408)  # for nobody: no page, and no line in the log
        answer = answer_to(error)
        number = secrets.token_hex(4) if answer is UNHANDLED else ""
        _tell(request, answer, error, number)
        return _page(request, answer, number)


def _has_gone(request: web.Request, error: Exception) -> bool:
    """Whether it failed because whoever asked has closed the page, which people may."""
    lost = request.transport is None or request.transport.is_closing()
    return isinstance(error, ConnectionError) and lost


def _page(request: web.Request, answer: Answer, number: str = "") -> web.Response:
    door = door_of(request.path)
    if door is not Door.PATIENT:  # the next steps above are those of patients
        answer = replace(answer, next_url=f"/{door}", next_text=HOME)
    return page(
        request,
        "error.html",
        status=answer.status,
        title=answer.title,
        text=answer.text,
        next_url=answer.next_url,
        next_text=answer.next_text,
        number=number,
    )


def _tell(request: web.Request, answer: Answer, error: Exception, number: str) -> None:
    """The route's pattern, never the address: that may hold an id."""
    resource = request.match_info.route.resource
    route = resource.canonical if resource else ""
    facts = {"code": type(error).__name__, "route": route, "number": number}
    if answer is UNHANDLED:
        log.exception("failed", **facts)
    else:
        log.log(30 if answer.level == "warning" else 20, "refused", **facts)
