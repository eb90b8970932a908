"""What every answer carries, and which requests are turned away before a page sees them."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from venterom.web.session import BY_PROGRAMS, SAFE_METHODS

Signal = Callable[[web.Request, web.StreamResponse], Awaitable[None]]

KNOWN_METHODS = SAFE_METHODS | {"POST", "PUT", "DELETE"}
OURS = (
    "camera microphone display-capture screen-wake-lock autoplay fullscreen picture-in-picture"
    " clipboard-write"
)
NOBODYS = (
    "accelerometer browsing-topics clipboard-read encrypted-media gamepad"
    " geolocation gyroscope hid identity-credentials-get idle-detection local-fonts"
    " magnetometer midi otp-credentials payment publickey-credentials-create"
    " publickey-credentials-get serial storage-access usb window-management xr-spatial-tracking"
)
PERMISSIONS = ", ".join(
    [f"{name}=(self)" for name in OURS.split()] + [f"{name}=()" for name in NOBODYS.split()]
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
        "object-src": "'none'",
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


def adding(headers: Mapping[str, str]) -> Signal:
    """Sets the headers on every answer as it goes out, also on those that no page has made."""

    async def add(_request: web.Request, response: web.StreamResponse) -> None:
        response.headers["Server"] = headers["Server"]  # aiohttp has put its own there
        for name, value in headers.items():
            response.headers.setdefault(name, value)

    return add


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
        if request.host != host and request.path != "/healthz":
            # Sessions and links belong to one address; another name of this machine leads there.
            if not _only_reads(request):
                raise web.HTTPMisdirectedRequest
            raise web.HTTPFound(origin + request.path_qs)
        return await handler(request)

    return middleware


def _from_our_pages(request: web.Request, origin: str) -> bool:
    if _only_reads(request) or request.headers.get("Origin") == origin:
        return True
    return BY_PROGRAMS.fullmatch(request.path) is not None and not _is_upgrade(request)


def _only_reads(request: web.Request) -> bool:
    return request.method in SAFE_METHODS and not _is_upgrade(request)


def _is_upgrade(request: web.Request) -> bool:
    return request.headers.get("Upgrade", "").lower() == "websocket"
