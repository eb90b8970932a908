"""What every answer carries, and which requests are turned away before a page sees them."""

from collections.abc import Iterable
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from venterom.web.insurer_api.paths import for_programs
from venterom.web.session import SAFE_METHODS

KNOWN_METHODS = SAFE_METHODS | {"POST", "PUT", "DELETE"}
PERMISSIONS = (
    "camera=(self), microphone=(self), display-capture=(self), screen-wake-lock=(self),"
    " autoplay=(self), fullscreen=(self), picture-in-picture=(self),"
    " geolocation=(), payment=(), usb=(), serial=(), midi=()"
)


def origin_of(url: str) -> str:
    """`https://host:port` of an address."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def security_headers(public_url: str, form_targets: Iterable[str] = ()) -> dict[str, str]:
    """The headers of every answer. Nothing inline runs, and nothing is fetched from elsewhere."""
    origin = origin_of(public_url)
    sockets = origin.replace("http", "ws", 1)
    policy = {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self' data:",
        "media-src": "'self' blob:",
        "connect-src": f"'self' {sockets}",
        "manifest-src": "'self'",
        "form-action": " ".join(["'self'", *sorted(set(form_targets))]),
        "frame-ancestors": "'none'",
        "base-uri": "'none'",
    }
    headers = {
        "Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in policy.items()),
        "Permissions-Policy": PERMISSIONS,
        # Nothing to other sites. «no-referrer» would also make our own forms say `Origin: null`.
        "Referrer-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cache-Control": "no-store",
        "Server": "Venterom",  # and not which version of what
    }
    if origin.startswith("https://"):
        headers["Strict-Transport-Security"] = "max-age=63072000; includeSubDomains"
    return headers


def add_headers(headers: dict[str, str]) -> Middleware:
    """Set the headers on every answer, refusals and faults included."""

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            response = await handler(request)
        except web.HTTPException as refusal:
            _set(refusal, headers)
            raise
        if not response.prepared:
            _set(response, headers)
        return response

    return middleware


def refuse_strangers(public_url: str) -> Middleware:
    """Turn away requests that another site's page sends, and forms of speech we do not use.

    A browser says where a request comes from (Origin). Whatever changes something, and every web
    socket, must come from our own pages.
    """
    origin = origin_of(public_url)
    host = urlsplit(public_url).netloc

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.method not in KNOWN_METHODS:
            raise web.HTTPMethodNotAllowed(request.method, KNOWN_METHODS)
        if request.headers.get("Content-Encoding"):
            raise web.HTTPUnsupportedMediaType  # a small body must not unpack into a large one
        if not _from_our_pages(request, origin):
            raise web.HTTPForbidden
        if request.host != host and request.method == "GET" and request.path != "/healthz":
            # Sessions and links belong to one address; another name of this machine leads there.
            raise web.HTTPFound(origin + request.path_qs)
        return await handler(request)

    return middleware


def _from_our_pages(request: web.Request, origin: str) -> bool:
    upgrade = request.headers.get("Upgrade", "").lower() == "websocket"
    if request.method in SAFE_METHODS and not upgrade:
        return True
    if for_programs(request.path):  # shows a token that no page has, and no cookie counts there
        return True
    return request.headers.get("Origin") == origin


def _set(response: web.StreamResponse | web.HTTPException, headers: dict[str, str]) -> None:
    for name, value in headers.items():
        response.headers.setdefault(name, value)
