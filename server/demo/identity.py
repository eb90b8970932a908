"""The demonstration's identity provider: a small OpenID provider where one picks somebody invented.

Everything about the flow is real; that nobody has to prove anything is what makes it a
demonstration. So it says so on every page, looks like no real one, and refuses to be built in
production. It keeps its codes in memory and runs on an address of its own.
"""

from collections.abc import Callable, Mapping, Sequence
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
from venterom.server.demo.desk import ACCESS_LIFE, PUSHED_LIFE, Desk
from venterom.server.demo.flow import Access, Client, Mistake, Untrusted
from venterom.server.demo.proof import NonceWanted
from venterom.web.keys import PUBLIC_URL
from venterom.web.pages import Pages, language
from venterom.web.text import LANGUAGES, translations

TEMPLATES = Path(__file__).parent / "templates"
MAX_FORM = 16 * 1024  # bytes
NO_STORE = {"Cache-Control": "no-store"}


class NotInProduction(Exception):
    """The demonstration's identity provider lets anybody in, so it cannot run in production."""


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
    app.router.add_post("/par", push)
    app.router.add_post("/token", token)
    app.router.add_get("/userinfo", userinfo)
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
            "pushed_authorization_request_endpoint": f"{issuer}/par",
            "token_endpoint": f"{issuer}/token",
            "userinfo_endpoint": f"{issuer}/userinfo",
            "userinfo_signing_alg_values_supported": ["ES256"],
            "dpop_signing_alg_values_supported": ["ES256"],
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


async def push(request: web.Request) -> web.Response:
    """POST /par: a request that no browser carries."""
    desk, form = request.app[DESK], _texts(await request.post())
    try:
        client = desk.authenticate(form)
    except Mistake as mistake:
        return _refuse(desk, mistake, 401)
    try:
        flow.find_client(form, [client])
        flow.read_request(form, client)
        name = desk.keep_request(client, form)
    except Mistake as mistake:
        return _refuse(desk, mistake, 400)
    body = {"request_uri": name, "expires_in": int(PUSHED_LIFE.total_seconds())}
    return web.json_response(body, status=201, headers=NO_STORE)


async def authorize(request: web.Request) -> web.Response:
    """GET /authorize: pick somebody. Nothing is changed by looking."""
    desk = request.app[DESK]
    asked = desk.asked(request.query)
    client = flow.find_client(asked, desk.clients.values())
    try:
        flow.read_request(asked, client)
    except Mistake as mistake:
        raise _back(desk, client, asked, error=mistake.error) from None
    return page(request, "choose.html", client=client, asked=dict(request.query))


async def choose(request: web.Request) -> web.Response:
    """POST /authorize: somebody was picked. The request is judged again, as if it were new."""
    desk = request.app[DESK]
    form = _texts(await request.post())
    sent = desk.asked(form)
    desk.pushed.pop(form.get("request_uri", ""), None)  # it is used once
    client = flow.find_client(sent, desk.clients.values())
    try:
        asked = flow.read_request(sent, client)
        candidate = client.candidate(form.get("person", ""))
    except Mistake as mistake:
        raise _back(desk, client, sent, error=mistake.error) from None
    code = desk.keep_code(flow.grant_code(asked, candidate, desk.clock()))
    raise _back(desk, client, sent, code=code)


async def token(request: web.Request) -> web.Response:
    """POST /token: an ID token for a code, and an access token to what else there is to say."""
    desk, form = request.app[DESK], _texts(await request.post())
    try:
        client = desk.authenticate(form)
    except Mistake as mistake:
        return _refuse(desk, mistake, 401)
    now = desk.clock()
    try:
        jkt = _proved(request) if client.bound else ""
        code = desk.codes.pop(form.get("code", ""), None)  # a code that was tried is used
        fits = flow.check_code(form, code, client, jkt, now)
        candidate = client.candidate(fits.subject)
        access = desk.keep_access(client, candidate.subject, jkt)
    except Mistake as mistake:
        return _refuse(desk, mistake, 400)
    claims = flow.claims_of(candidate, client, fits, desk.issuer, now)
    body = {
        "token_type": "DPoP" if client.bound else "Bearer",
        "access_token": access,
        "expires_in": int(ACCESS_LIFE.total_seconds()),
        "id_token": jws.sign(claims, desk.key, desk.kid, "JWT"),
    }
    return web.json_response(body, headers=NO_STORE)


async def userinfo(request: web.Request) -> web.Response:
    """GET /userinfo: what is said of somebody beside the ID token, signed."""
    desk = request.app[DESK]
    scheme, _, shown = request.headers.get("Authorization", "").partition(" ")
    try:
        access = desk.access.get(shown)
        wanted = "DPoP" if access is not None and access.client.bound else "Bearer"
        if access is None or desk.clock() >= access.expires or scheme != wanted:
            raise Mistake("invalid_token", "the access token is unknown or too old")
        _check_holder(request, access, shown)
        candidate = access.client.candidate(access.subject)
    except Mistake as mistake:
        return _refuse(desk, mistake, 401, f'{scheme or "Bearer"} error="{mistake.error}"')
    claims = flow.about(candidate, access.client, desk.issuer)
    signed = jws.sign(claims, desk.key, desk.kid, "JWT")
    return web.Response(text=signed, content_type="application/jwt", headers=NO_STORE)


async def stylesheet(request: web.Request) -> web.Response:
    """GET /demonstration.css"""
    text = (TEMPLATES / "demonstration.css").read_text(encoding="utf-8")
    return web.Response(text=text, content_type="text/css")


def _proved(request: web.Request, access_token: str = "") -> str:
    """The thumbprint of the key that whoever asks holds. Raises Mistake."""
    desk = request.app[DESK]
    url = f"{desk.issuer}{request.path}"
    return desk.prove(request.headers.get("DPoP", ""), request.method, url, access_token)


def _check_holder(request: web.Request, access: Access, shown: str) -> None:
    if access.jkt and _proved(request, shown) != access.jkt:
        raise Mistake("invalid_token", "the access token is bound to another key")


def _texts(form: Mapping[str, object]) -> dict[str, str]:
    return {name: value for name, value in form.items() if isinstance(value, str)}


def _back(desk: Desk, client: Client, asked: Mapping[str, str], **answer: str) -> web.HTTPSeeOther:
    """The browser, on its way back to the client with an answer (RFC 9207: it names us)."""
    named = {"state": asked.get("state", ""), "iss": desk.issuer, **answer}
    return web.HTTPSeeOther(URL(client.redirect_uri).update_query(named))


def _refuse(desk: Desk, mistake: Mistake, status: int, challenge: str = "") -> web.Response:
    body = {"error": mistake.error, "error_description": mistake.description}
    headers = {**NO_STORE, **({"WWW-Authenticate": challenge} if challenge else {})}
    if isinstance(mistake, NonceWanted):
        headers["DPoP-Nonce"] = desk.nonce
    return web.json_response(body, status=status, headers=headers)


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
