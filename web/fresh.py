"""What matters most asks for a sign-in that is not old: whoever found an open page, or a cookie,
has no means of signing in (ASVS 5.0, 7.5.3)."""

from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType

from aiohttp import web
from aiohttp.typedefs import Handler
from yarl import URL

from venterom.web.forms import read
from venterom.web.identity.lives import is_fresh
from venterom.web.keys import CLOCK
from venterom.web.limits import Route, route
from venterom.web.pages import page
from venterom.web.session import SESSION, SIGN_INS, door_of, drawer_token
from venterom.web.text import N_

WITHIN = timedelta(minutes=15)  # long enough to read what one is about to do
TITLE = N_("Logg inn på nytt først")
TEXT = N_(
    "Det er en stund siden du logget inn, og det du var i ferd med, må ingen andre kunne gjøre for"
    " deg. Logg inn på nytt, og gjør det en gang til. Ingenting er endret ennå."
)
AGAIN = N_("Logg inn på nytt")

# What asks for it, and the page that one does it on.
PAGES: Mapping[Route, str] = MappingProxyType(
    {
        **{("POST", path): path for path in SIGN_INS.values()},
        ("POST", "/mine/{patient}/proxies"): "/mine/{patient}/proxies",
        ("POST", "/mine/{patient}/blocks/{block}/lift"): "/mine/{patient}/blocks",
        ("POST", "/doctor/cases/{case}/delete"): "/doctor/cases/{case}",
        ("POST", "/director/cases/{case}/delete"): "/director/cases/{case}",
        ("POST", "/director/staff"): "/director/staff",
        ("POST", "/director/staff/{grant}/renew"): "/director/staff",
        ("POST", "/insurer/clerks"): "/insurer/clerks",
    }
)
# What is typed or chosen there by hand, and is brought back after the new sign-in.
TYPED: Mapping[Route, tuple[str, ...]] = MappingProxyType(
    {
        ("POST", "/mine/{patient}/proxies"): ("name", "birth_date", "national_number", "lasts"),
        ("POST", "/doctor/cases/{case}/delete"): ("ground",),
        ("POST", "/director/cases/{case}/delete"): ("ground",),
        ("POST", "/director/staff"): ("role", "national_number", "hpr_number", "insurer", "lasts"),
        ("POST", "/insurer/clerks"): ("name", "national_number"),
    }
)


@web.middleware
async def fresh_sign_in(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Lead whoever has an old sign-in to a new one, before anything is done."""
    at, session = PAGES.get(route(request)), request.get(SESSION)
    if at is None or session is None or is_fresh(session, request.app[CLOCK](), WITHIN):
        return await handler(request)
    back = at.format(**request.match_info)
    again = URL(f"/sign-in/{door_of(request.path)}").with_query(fresh="yes", to=back)
    return page(
        request,
        "fresh.html",
        status=403,
        title=TITLE,
        text=TEXT,
        next_url=str(again),
        next_text=AGAIN,
        number="",
        typed=await _typed(request, back),
    )


async def _typed(request: web.Request, back: str) -> dict[str, object] | None:
    """What the browser keeps until the page at `back` is open again; None when nothing was typed.
    It is sent to the one that it came from, and kept nowhere here."""
    names = TYPED.get(route(request))
    if names is None:
        return None
    fields = await read(request, *names)
    return {"page": back, "token": drawer_token(request, back), "fields": fields}
