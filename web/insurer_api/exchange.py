"""POST /insurer/v1/token: an access token for a signed assertion (RFC 6749 4.4, RFC 7523)."""

from collections.abc import Mapping
from urllib.parse import parse_qsl

import structlog
from aiohttp import web

from venterom.journal import jws
from venterom.journal.errors import BadSignature
from venterom.journal.grant import ASSERTION_TYPE
from venterom.web.insurer_api import assertions, clients, scopes, tokens
from venterom.web.insurer_api.asking import body_of
from venterom.web.insurer_api.assertions import Reason, Shown
from venterom.web.insurer_api.clients import Client
from venterom.web.insurer_api.errors import TokenRefused
from venterom.web.insurer_api.guard import NONE
from venterom.web.insurer_api.setup import API
from venterom.web.keys import CLOCK
from venterom.web.work import look, work

LARGEST = 8 * 1024  # bytes; an assertion has at most 4
MOST_FIELDS = 20  # five are read
FORM = "application/x-www-form-urlencoded"
FIELDS = ("grant_type", "client_assertion_type", "client_assertion", "client_id", "scope")
log = structlog.get_logger()


async def give(request: web.Request) -> web.Response:
    """A token for what was asked, or for all that the client may."""
    _not_too_often(request)
    form = await _form(request)
    if form["grant_type"] != "client_credentials":
        raise TokenRefused("unsupported_grant_type" if form["grant_type"] else "invalid_request")
    client = await _authenticated(request, form)
    allowed = scopes.granted(form["scope"], client.scopes)
    if allowed is None:
        raise TokenRefused("invalid_scope")
    api, now = request.app[API], request.app[CLOCK]()
    token = tokens.write(api.token_key, tokens.right(client.id, allowed, now))
    return web.json_response(
        {
            "access_token": token,
            "token_type": "Bearer",
            "expires_in": int(tokens.LIFE.total_seconds()),
            "scope": scopes.write(allowed),
        }
    )


def _not_too_often(request: web.Request) -> None:
    meter, now, who = request.app[API].tokens, request.app[CLOCK](), request.remote or ""
    if (wait := meter.wait(who, now)) > NONE:
        raise TokenRefused("slow_down", 429, wait)  # RFC 8628's word; 6749 has none
    meter.spend(who, now)


async def _form(request: web.Request) -> Mapping[str, str]:
    """The fields, each once. Raises TokenRefused."""
    if request.content_type != FORM:
        raise TokenRefused("invalid_request")
    body = await body_of(request, LARGEST)
    try:
        sent = parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError:
        raise TokenRefused("invalid_request") from None
    if len(dict(sent)) != len(sent):
        raise TokenRefused("invalid_request")
    return {**dict.fromkeys(FIELDS, ""), **dict(sent)}


async def _authenticated(request: web.Request, form: Mapping[str, str]) -> Client:
    """The client that has shown its key. Raises TokenRefused."""
    if form["client_assertion_type"] != ASSERTION_TYPE or not form["client_assertion"]:
        raise TokenRefused("invalid_request")
    now = request.app[CLOCK]()
    name = assertions.claimed(form["client_assertion"])
    async with look(request.app) as unit:
        client = await clients.find(unit.db, name)
    if client is None or form["client_id"] not in ("", client.id):
        raise _refused("client_unknown")
    shown = _shown(form["client_assertion"], client, request)
    async with work(request.app) as unit:
        if not await clients.use_up(unit.db, now, shown):
            raise _refused("jti_used", client.id)
    return client


def _shown(assertion: str, client: Client, request: web.Request) -> Shown:
    api, now = request.app[API], request.app[CLOCK]()
    try:
        payload = jws.verify(
            assertion, client.keys, typ=assertions.TYPES, algorithms=assertions.ALGORITHMS
        )
    except BadSignature:
        raise _refused("signature", client.id) from None
    said = assertions.judge(payload, client=client.id, issuer=api.issuer, now=now)
    if isinstance(said, Reason):
        raise _refused(said, client.id)
    return said


def _refused(why: str, client: str = "") -> TokenRefused:
    """One answer for all of it; why, the log says. A name that nobody has is not repeated there."""
    log.warning("insurer_client_refused", why=why, client=client)
    return TokenRefused("invalid_client", 401)
