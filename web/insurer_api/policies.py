"""PUT /insurer/v1/policies/{number}, and POST /insurer/v1/policies for many at once."""

from aiohttp import web

from venterom.queue.coverage.errors import BadPolicyNumber
from venterom.queue.coverage.loads import Why
from venterom.web.insurer_api import intake, models
from venterom.web.insurer_api.asking import Caller, body_of, client_of, in_turn, missed
from venterom.web.insurer_api.eligibility import JSON
from venterom.web.insurer_api.errors import NotUnderstood, WrongType
from venterom.web.insurer_api.models import Bundle, Line, PolicyData, Report
from venterom.web.insurer_api.reading import understood
from venterom.web.insurer_api.scopes import Scope
from venterom.web.insurer_api.setup import API
from venterom.web.keys import CLOCK
from venterom.web.text import today

LARGEST = 16 * 1024  # bytes of one policy
LARGEST_BUNDLE = 512 * 1024  # bytes; a thousand policies take half of it
LINES_PER_ASK = 10  # a bundle counts as one question for so many lines


async def put(request: web.Request) -> web.Response:
    """Take one policy: it is new, changed, unchanged, or refused."""
    client = _client(request)
    request.app[API].guard.asked(client, request.app[CLOCK]())
    data = understood(PolicyData, await body_of(request, LARGEST))

    async def take(caller: Caller) -> Line:
        try:
            policy = models.policy(caller.insurer, request.match_info["number"], data)
        except BadPolicyNumber:
            raise NotUnderstood("number") from None
        unit = caller.unit
        into, day = request.app[API].intake, today(unit.now)
        [told] = await into(unit.db, day, caller.insurer, [policy])
        if told.why is Why.NOT_YOURS:
            missed(request, client, policy.number)
        return intake.line(1, told)

    return _json((await in_turn(request, client, take)).model_dump_json())


async def post(request: web.Request) -> web.Response:
    """Take many, and say what became of each."""
    client = _client(request)
    bundle = understood(Bundle, await body_of(request, LARGEST_BUNDLE))
    cost = 1 + len(bundle.policies) // LINES_PER_ASK
    request.app[API].guard.asked(client, request.app[CLOCK](), cost)

    async def take(caller: Caller) -> Report:
        unit = caller.unit
        into, day = request.app[API].intake, today(unit.now)
        lines = await intake.take(unit.db, day, into, caller.insurer, bundle.policies)
        for line, said in zip(lines, bundle.policies, strict=True):
            if line.why == [Why.NOT_YOURS] and isinstance(said, dict):
                missed(request, client, str(said["number"]))
        return models.report(lines)

    return _json((await in_turn(request, client, take)).model_dump_json())


def _client(request: web.Request) -> str:
    client = client_of(request, Scope.POLICIES)
    if request.content_type != JSON:
        raise WrongType
    return client


def _json(text: str) -> web.Response:
    return web.Response(text=text, content_type=JSON)
