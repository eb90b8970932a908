"""Pages from templates: one Jinja environment a language, and what every page may use."""

import hashlib
import json
import mimetypes
from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, cast
from urllib.parse import quote, urlencode

from aiohttp import web
from aiohttp.typedefs import Handler
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from venterom.web import text
from venterom.web.identity.browser import Cookie, language_cookie
from venterom.web.keys import CLOCK, DEMONSTRATION, MESSAGES, PUBLIC_URL
from venterom.web.session import (
    csrf_token,
    drawer_token,
    me,
    sign_ins_path,
    sign_out_path,
)

HERE = Path(__file__).parent
PARTS = ("day", "days", "way")  # of a query: which part of a page is shown
FRAGMENTS = 1 << 14  # that are kept for each language: one for each place in a very long line
YEAR = 31_536_000  # seconds; a file's address changes with its content, so it may be kept


@dataclass(frozen=True, slots=True)
class StaticFile:
    """A file that every browser may have, read at start: nothing is looked up on disk later."""

    content: bytes
    kind: str
    version: str


Static = Mapping[str, StaticFile]
Pages = Mapping[str, Environment]
STATIC = web.AppKey[Static]("STATIC")
PAGES = web.AppKey[Pages]("PAGES")


def read_static() -> Static:
    """Every file under static/, by its path there."""
    root = HERE / "static"
    files = (path for path in sorted(root.rglob("*")) if path.is_file())
    return {path.relative_to(root).as_posix(): _static_file(path) for path in files}


def environments(static: Static) -> Pages:
    """The template environment of each language."""
    return {language: _environment(language, static) for language in text.LANGUAGES}


def language(request: web.Request) -> str:
    """The language of this reader."""
    accepted = request.headers.get("Accept-Language", "")
    kept = request.cookies.get(language_cookie(request.app[PUBLIC_URL]).name)
    return text.choose(kept, accepted)


def render(request: web.Request, template: str, context: Mapping[str, Any]) -> str:
    """A template as text, in the reader's language."""
    spoken = language(request)
    shared = {
        "demo": request.app[DEMONSTRATION],
        "messages": request.app[MESSAGES],
        "me": me(request),
        "here": address_of(request),
        "asked": f"{query}&" if (query := query_of(request)) else "",
        "now": request.app[CLOCK](),
        "csrf_field": partial(_csrf_field, request),
        "drawer_token": partial(drawer_token, request, request.path),
        "own_sign_ins": sign_ins_path(request),
        "sign_out": sign_out_path(request),
    }
    return request.app[PAGES][spoken].get_template(template).render({**shared, **context})


def fragment(request: web.Request, template: str, **values: int) -> str:
    """A small template that needs nothing but these, in the reader's language."""
    made = cast(Callable[..., str], request.app[PAGES][language(request)].globals["fragment"])
    return made(template, **values)


def address_of(request: web.Request) -> str:
    """The path of a page, fit for a link: browsers take two slashes in front for another site."""
    return "/" + quote(request.path.lstrip("/\\"))


def query_of(request: web.Request) -> str:
    """Which part of a page was asked for, fit for a link. Nothing else of a query is repeated: it
    may hold a code of a sign-in, or what a stranger put there."""
    return urlencode([(name, request.query[name]) for name in PARTS if name in request.query])


def page(
    request: web.Request, template: str, /, *, status: int = 200, **context: Any
) -> web.Response:
    """A template as a whole page."""
    return web.Response(
        text=render(request, template, context), content_type="text/html", status=status
    )


def see_other(location: str) -> web.HTTPSeeOther:
    """On to the next page, so that a reload asks for nothing twice. To be raised."""
    return web.HTTPSeeOther(location)


def set_cookie(
    response: web.StreamResponse, cookie: Cookie, value: str, *, max_age: int | None = None
) -> None:
    """Have the browser keep this."""
    response.set_cookie(
        cookie.name,
        value,
        max_age=max_age,
        path=cookie.path,
        secure=cookie.secure,
        httponly=cookie.httponly,
        samesite=cookie.samesite,
    )


def drop_cookie(response: web.StreamResponse, cookie: Cookie) -> None:
    """Have the browser forget it."""
    response.del_cookie(cookie.name, path=cookie.path, secure=cookie.secure)


@web.middleware
async def choose_language(request: web.Request, handler: Handler) -> web.StreamResponse:
    """`?lang=nn` on any page: keep the choice, and show the page in it."""
    chosen = request.query.get("lang")
    if request.method != "GET" or chosen not in text.LANGUAGES:
        return await handler(request)
    query = query_of(request)
    answer = see_other(address_of(request) + (f"?{query}" if query else ""))
    set_cookie(answer, language_cookie(request.app[PUBLIC_URL]), chosen, max_age=YEAR)
    raise answer


async def static_file(request: web.Request) -> web.Response:
    """GET /static/{path}"""
    found = request.app[STATIC].get(request.match_info["path"])
    if found is None:
        raise web.HTTPNotFound
    lasting = request.query.get("v") == found.version
    keep = f"public, max-age={YEAR}, immutable" if lasting else "no-cache"
    headers = {"Cache-Control": keep, "ETag": f'"{found.version}"', "Vary": "Accept-Encoding"}
    if any(tag.value in (found.version, "*") for tag in request.if_none_match or ()):
        return web.Response(status=304, headers=headers)
    charset = "utf-8" if found.kind.startswith("text/") else None
    response = web.Response(
        body=found.content, content_type=found.kind, charset=charset, headers=headers
    )
    if found.kind != "image/png":
        response.enable_compression()  # never pages: those hold a token beside what others may send
    return response


class _Environment(Environment):
    """One whose globals are complete before it reads a template."""

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """A plain dict. What Jinja makes sees later changes, and costs a third of each page."""
        return {**self.globals, **(d or {})}


def _environment(language: str, static: Static) -> Environment:
    environment = _Environment(
        auto_reload=False,  # or each page asks the disk whether its templates are the same
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=select_autoescape(default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    environment.install_gettext_translations(text.translations(language), newstyle=True)  # type: ignore[attr-defined]  # added by the extension
    environment.globals.update(
        lang=language, languages=text.LANGUAGES, static=partial(_static_url, static)
    )
    environment.globals["fragment"] = lru_cache(FRAGMENTS)(partial(_fragment, environment))
    environment.filters.update(
        clock=text.clock,
        clock_seconds=text.seconds,
        by_day=text.by_day,
        minutes_between=text.minutes_between,
        minutes_since=text.minutes_since,
        day=partial(text.day, language=language),
        month=partial(text.month, language=language),
        number=partial(text.number, language=language),
        percent=partial(text.percent, language=language),
        short_date=partial(text.short_date, language=language),
    )
    return environment


def _fragment(environment: Environment, template: str, **values: int) -> Markup:
    return Markup(environment.get_template(template).render(values))


def _static_url(static: Static, path: str) -> str:
    return f"/static/{path}?v={static[path].version}"


def _csrf_field(request: web.Request) -> Markup:
    return Markup('<input type="hidden" name="csrf" value="{}">').format(csrf_token(request))


def _static_file(path: Path) -> StaticFile:
    content = path.read_bytes()
    kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    if path.suffix == ".webmanifest":
        kind = "application/manifest+json"
    return StaticFile(content, kind, hashlib.sha256(content).hexdigest()[:16])


def as_json(value: object, *, status: int = 200) -> web.Response:
    """A small JSON answer for a script."""
    return web.json_response(value, status=status, dumps=partial(json.dumps, ensure_ascii=False))
