"""The demonstration's identity provider: a small OpenID provider where one picks somebody invented.

Everything about the flow is real; that nobody has to prove anything is what makes it a
demonstration. So it says so on every page, looks like no real one, and refuses to be built in
production. It keeps its codes in memory and runs on an address of its own.
"""

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Handler
from cryptography.hazmat.primitives.asymmetric import ec
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from yarl import URL

from venterom.journal import jws
from venterom.server.demo import flow
from venterom.server.demo.flow import Client, Code, Mistake, Untrusted
from venterom.web.keys import PUBLIC_URL
from venterom.web.pages import Pages, language
from venterom.web.text import LANGUAGES, translations

TEMPLATES = Path(__file__).parent / "templates"
MAX_FORM = 16 * 1024  # bytes
MAX_KEPT = 10_000  # codes and ids of assertions that are remembered at once
NO_STORE = {"Cache-Control": "no-store"}


class NotInProduction(Exception):
    """The demonstration's identity provider lets anybody in, so it cannot run in production."""


@dataclass(slots=True)
class Desk:
    """What the provider knows and remembers."""

    issuer: str
    clients: Mapping[str, Client]
    key: ec.EllipticCurvePrivateKey = field(repr=False)
    clock: Callable[[], datetime]
    codes: dict[str, Code] = field(default_factory=dict)
    used: dict[str, datetime] = field(default_factory=dict)

    @property
    def kid(self) -> str:
        """The name of the key that signs the tokens."""
        return jws.thumbprint(self.key.public_key())


DESK = web.AppKey("DESK", Desk)
PAGES = web.AppKey[Pages]("DEMONSTRATION_PAGES")


def refuse_in_production(mode: str) -> None:
    """Raises NotInProduction unless the service runs as a demonstration."""
    if mode != "demonstration":
        raise NotInProduction(NotInProduction.__doc__)


def demonstration_app(
    *,
    mode: str,
    issuer: str,
    clients: Sequence[Client],
    key: ec.EllipticCurvePrivateKey,
    clock: Callable[[], datetime],
) -> web.Application:
    """The provider. More pages may be added to its router; `page` gives them its look.

    Raises NotInProduction.
    """
    refuse_in_production(mode)
    app = web.Application(middlewares=[_headers, _mistakes], client_max_size=MAX_FORM)
    app[DESK] = Desk(issuer, {client.client_id: client for client in clients}, key, clock)
    app[PUBLIC_URL] = issuer
    app[PAGES] = {language: _environment(language) for language in LANGUAGES}
    app.router.add_get("/.well-known/openid-configuration", discovery)
    app.router.add_get("/jwks", jwks)
    app.router.add_get("/authorize", authorize)
    app.router.add_post("/authorize", choose)
    app.router.add_post("/token", token)
    app.router.add_get("/demonstration.css", stylesheet)
    return app


def page(
    request: web.Request, template: str, /, *, status: int = 200, **context: object
) -> web.Response:
    """A page of the demonstration's own, which says on top that it is one."""
    text = request.app[PAGES][language(request)].get_template(template).render(context)
    return web.Response(text=text, status=status, content_type="text/html")


async def discovery(request: web.Request) -> web.Response:
    """GET /.well-known/openid-configuration"""
    issuer = request.app[DESK].issuer
    return web.json_response(
        {
            "issuer": issuer,
            "authorization_endpoint": f"{issuer}/authorize",
            "token_endpoint": f"{issuer}/token",
            "jwks_uri": f"{issuer}/jwks",
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "grant_types_supported": ["authorization_code"],
            "subject_types_supported": ["public"],
            "scopes_supported": ["openid", "profile"],
            "id_token_signing_alg_values_supported": ["ES256"],
            "token_endpoint_auth_methods_supported": ["private_key_jwt"],
            "token_endpoint_auth_signing_alg_values_supported": ["ES256"],
            "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": True,
        }
    )


async def jwks(request: web.Request) -> web.Response:
    """GET /jwks"""
    return web.json_response({"keys": [jws.public_jwk(request.app[DESK].key.public_key())]})


async def authorize(request: web.Request) -> web.Response:
    """GET /authorize: pick somebody. Nothing is changed by looking."""
    desk = request.app[DESK]
    client = flow.find_client(request.query, desk.clients.values())
    try:
        flow.read_request(request.query, client)
    except Mistake as mistake:
        raise _back(desk, client, request.query, error=mistake.error) from None
    return page(request, "choose.html", client=client, asked=dict(request.query))


async def choose(request: web.Request) -> web.Response:
    """POST /authorize: somebody was picked. The request is judged again, as if it were new."""
    desk = request.app[DESK]
    form = _texts(await request.post())
    client = flow.find_client(form, desk.clients.values())
    try:
        asked = flow.read_request(form, client)
        candidate = client.candidate(form.get("person", ""))
    except Mistake as mistake:
        raise _back(desk, client, form, error=mistake.error) from None
    now = desk.clock()
    _forget_old(desk, now)
    code = secrets.token_urlsafe(32)
    desk.codes[code] = flow.grant_code(asked, candidate, now)
    raise _back(desk, client, form, code=code)


async def token(request: web.Request) -> web.Response:
    """POST /token: an ID token for a code."""
    desk, form = request.app[DESK], _texts(await request.post())
    try:
        client = _authenticate(desk, form)
    except Mistake as mistake:
        return _refuse(mistake, 401)
    now = desk.clock()
    code = desk.codes.pop(form.get("code", ""), None)  # a code that was tried is used
    try:
        fits = flow.check_code(form, code, client, now)
        candidate = client.candidate(fits.subject)
    except Mistake as mistake:
        return _refuse(mistake, 400)
    claims = flow.claims_of(candidate, client, fits, desk.issuer, now)
    return web.json_response(
        {
            "token_type": "Bearer",
            "access_token": secrets.token_urlsafe(32),
            "expires_in": 60,
            "id_token": jws.sign(claims, desk.key, desk.kid, "JWT"),
        },
        headers=NO_STORE,
    )


async def stylesheet(request: web.Request) -> web.Response:
    """GET /demonstration.css"""
    text = (TEMPLATES / "demonstration.css").read_text(encoding="utf-8")
    return web.Response(text=text, content_type="text/css")


def _authenticate(desk: Desk, form: Mapping[str, str]) -> Client:
    """The client that asks for a token. Raises Mistake; an assertion is good once."""
    client = desk.clients.get(form.get("client_id", ""))
    if client is None:
        raise Mistake("invalid_client", "client_id is not known")
    now = desk.clock()
    jti, remember_until = flow.check_assertion(form, client, desk.issuer, now)
    _forget_old(desk, now)
    used = f"{client.client_id} {jti}"
    if used in desk.used:
        raise Mistake("invalid_client", "the assertion was used before")
    desk.used[used] = remember_until
    return client


def _forget_old(desk: Desk, now: datetime) -> None:
    desk.codes = {key: code for key, code in desk.codes.items() if now < code.expires}
    desk.used = {key: until for key, until in desk.used.items() if now < until}
    if len(desk.codes) >= MAX_KEPT or len(desk.used) >= MAX_KEPT:
        raise Mistake("temporarily_unavailable", "too much at once")


def _texts(form: Mapping[str, object]) -> dict[str, str]:
    return {name: value for name, value in form.items() if isinstance(value, str)}


def _back(desk: Desk, client: Client, asked: Mapping[str, str], **answer: str) -> web.HTTPSeeOther:
    """The browser, on its way back to the client with an answer (RFC 9207: it names us)."""
    named = {"state": asked.get("state", ""), "iss": desk.issuer, **answer}
    return web.HTTPSeeOther(URL(client.redirect_uri).update_query(named))


def _refuse(mistake: Mistake, status: int) -> web.Response:
    body = {"error": mistake.error, "error_description": mistake.description}
    return web.json_response(body, status=status, headers=NO_STORE)


@web.middleware
async def _mistakes(request: web.Request, handler: Handler) -> web.StreamResponse:
    """A request that must not be answered by a redirect ends on a page."""
    try:
        return await handler(request)
    except Untrusted as mistake:
        return page(request, "mistake.html", status=400, mistake=mistake)
    except Mistake as mistake:
        return page(request, "mistake.html", status=503, mistake=mistake)


@web.middleware
async def _headers(request: web.Request, handler: Handler) -> web.StreamResponse:
    desk = request.app[DESK]
    targets = sorted({_origin(client.redirect_uri) for client in desk.clients.values()})
    headers = {
        # The form's answer is a redirect to the client, which counts as the form's target.
        "Content-Security-Policy": "default-src 'none'; style-src 'self'; base-uri 'none'; "
        f"frame-ancestors 'none'; form-action 'self' {' '.join(targets)}",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        **NO_STORE,
    }
    try:
        response = await handler(request)
    except web.HTTPException as answer:
        answer.headers.update(headers)
        raise
    response.headers.update(headers)
    return response


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _environment(language: str) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    environment.install_gettext_translations(translations(language), newstyle=True)  # type: ignore[attr-defined]  # added by the extension
    environment.globals["lang"] = language
    return environment
