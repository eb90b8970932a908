"""Whatever is refused or fails at an address for programs, in the form that the program reads."""

from collections.abc import Mapping

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler

from venterom.web.insurer_api import fhir
from venterom.web.insurer_api.eligibility import FHIR
from venterom.web.insurer_api.errors import (
    ApiError,
    Failed,
    NotHere,
    NotReadable,
    NotThisWay,
    OutOfScope,
    TokenRefused,
    TooLarge,
    WrongType,
)
from venterom.web.insurer_api.paths import for_programs
from venterom.web.insurer_api.problem import problem

PROBLEM = "application/problem+json"
OF_STATUS: Mapping[int, type[ApiError]] = {
    403: OutOfScope,
    404: NotHere,
    405: NotThisWay,
    413: TooLarge,
    415: WrongType,
}
log = structlog.get_logger()


@web.middleware
async def answers_for_programs(request: web.Request, handler: Handler) -> web.StreamResponse:
    """No page for a program: problem+json, an OperationOutcome, or what RFC 6749 says."""
    if not for_programs(request.path):
        return await handler(request)
    try:
        return await handler(request)
    except ApiError as error:
        return _answer(request, error)
    except web.HTTPRedirection:
        raise
    except web.HTTPException as refusal:
        answer = _answer(request, OF_STATUS.get(refusal.status, NotReadable)())
        if "Allow" in refusal.headers:
            answer.headers["Allow"] = refusal.headers["Allow"]
        return answer
    except Exception as error:
        if not isinstance(error, ConnectionError):  # of a caller that has gone
            log.exception("failed", code=type(error).__name__, route=_route(request))
        return _answer(request, Failed())


def _answer(request: web.Request, error: ApiError) -> web.Response:
    facts = {"code": type(error).__name__, "route": _route(request)}
    log.info("refused", **facts)
    if isinstance(error, TokenRefused):
        return web.json_response({"error": error.error}, status=error.status, headers=error.headers)
    if request.content_type == FHIR:
        text, kind = fhir.outcome(error).model_dump_json(exclude_none=True), FHIR
    else:
        text, kind = problem(error).model_dump_json(), PROBLEM
    return web.Response(text=text, status=error.status, content_type=kind, headers=error.headers)


def _route(request: web.Request) -> str:
    """The route's pattern, never the address: that may hold a number."""
    resource = request.match_info.route.resource
    return resource.canonical if resource else ""
