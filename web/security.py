"""Whom somebody tells who has found a fault: /.well-known/security.txt, as RFC 9116 has it."""

from dataclasses import dataclass
from datetime import UTC, datetime

from aiohttp import web

from venterom.web.keys import CLOCK, PUBLIC_URL
from venterom.web.text import LANGUAGES

PATH = "/.well-known/security.txt"


@dataclass(frozen=True, slots=True)
class Said:
    """What the operator has said about it."""

    contacts: tuple[str, ...]
    expires: datetime | None
    policy: str


SAID = web.AppKey[Said]("SAID")


async def security_txt(request: web.Request) -> web.Response:
    """GET /.well-known/security.txt. Gone when it has expired: nobody may be sent astray."""
    said = request.app[SAID]
    if said.expires is None or request.app[CLOCK]() >= said.expires:
        raise web.HTTPNotFound
    text = written(said, said.expires, request.app[PUBLIC_URL] + PATH)
    return web.Response(text=text, content_type="text/plain", charset="utf-8")


def written(said: Said, expires: datetime, canonical: str) -> str:
    """The file, line by line."""
    lines = [f"Contact: {each}" for each in said.contacts]
    lines.append(f"Expires: {expires.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}")
    lines.append(f"Preferred-Languages: {', '.join(LANGUAGES)}")
    lines.append(f"Canonical: {canonical}")
    if said.policy:
        lines.append(f"Policy: {said.policy}")
    return "\n".join([*lines, ""])
