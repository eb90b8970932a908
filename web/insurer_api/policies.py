"""PUT /insurer/v1/policies/{number}, and POST /insurer/v1/policies for many at once."""

from aiohttp import web

from venterom.queue.coverage.errors import BadPolicyNumber
from venterom.web.insurer_api import intake, models
from venterom.web.insurer_api.asking import body_of, called, client_of, missed
from venterom.web.insurer_api.eligibility import JSON
from venterom.web.insurer_api.errors import NotUnderstood, WrongType
from venterom.web.insurer_api.models import Bundle, Line, Outcome, PolicyData
from venterom.web.insurer_api.reading import understood
from venterom.web.insurer_api.scopes import Scope
from venterom.web.insurer_api.setup import API
from venterom.web.keys import CLOCK

LARGEST = 16 * 1024  # bytes of one policy
LARGEST_BUNDLE = 512 * 1024  # bytes; a thousand policies take half of it
LINES_PER_ASK = 10  # a bundle counts as one question for so many lines


async def put(request: web.Request) -> web.Response:
    """Take one policy: it is new, changed, unchanged, or refused."""
    client = _client(request)
    request.app[API].guard.asked(client, request.app[CLOCK]())
    data = understood(PolicyData, await body_of(request, LARGEST))
    async with called(request, client) as caller:
        try:
            policy = models.policy(caller.insurer, request.match_info["number"], data)
        except BadPolicyNumber:
            raise NotUnderstood("number") from None
        [outcome] = await request.app[API].intake(caller.unit.db, caller.insurer, [policy])
    if outcome is Outcome.REFUSED:
        missed(request, client, policy.number)
    why = [intake.NOT_YOURS] if outcome is Outcome.REFUSED else []
    return _json(Line(line=1, outcome=outcome, why=why).model_dump_json())


async def post(request: web.Request) -> web.Response:
    """Take many, and say what became of each."""
    client = _client(request)
    bundle = understood(Bundle, await body_of(request, LARGEST_BUNDLE))
    cost = 1 + len(bundle.policies) // LINES_PER_ASK
    request.app[API].guard.asked(client, request.app[CLOCK](), cost)
    async with called(request, client) as caller:
        api = request.app[API]
        lines = await intake.take(caller.unit.db, api.intake, caller.insurer, bundle.policies)
    for line, said in zip(lines, bundle.policies, strict=True):
        if line.why == [intake.NOT_YOURS] and isinstance(said, dict):
            missed(request, client, str(said["number"]))
    return _json(models.report(lines).model_dump_json())


def _client(request: web.Request) -> str:
    client = client_of(request, Scope.POLICIES)
    if request.content_type != JSON:
        raise WrongType
    return client


def _json(text: str) -> web.Response:
    return web.Response(text=text, content_type=JSON)
