"""POST /insurer/v1/eligibility: is this person covered? In our own JSON, or as FHIR."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from aiohttp import web

from venterom.web.insurer_api import fhir, lookups
from venterom.web.insurer_api.asking import Caller, body_of, client_of, in_turn, missed
from venterom.web.insurer_api.errors import WrongType
from venterom.web.insurer_api.models import Question, Told
from venterom.web.insurer_api.reading import understood
from venterom.web.insurer_api.scopes import Scope
from venterom.web.insurer_api.setup import API
from venterom.web.keys import CLOCK
from venterom.web.text import today

LARGEST = 16 * 1024  # bytes; a question in FHIR takes about two
JSON, FHIR = "application/json", "application/fhir+json"


@dataclass(frozen=True, slots=True)
class Form:
    """One way to ask, and to be answered."""

    read: Callable[[bytes], Question]
    write: Callable[[Question, Told, str, date], str]


def _own(_question: Question, answer: Told, _insurer: str, _day: date) -> str:
    return answer.model_dump_json()


def _fhir(question: Question, answer: Told, insurer: str, day: date) -> str:
    return fhir.write(question, answer, insurer, day).model_dump_json(exclude_none=True)


FORMS: Mapping[str, Form] = {
    JSON: Form(lambda body: understood(Question, body), _own),
    FHIR: Form(fhir.read, _fhir),
}


async def check(request: web.Request) -> web.Response:
    """Covered, not covered, or could not be checked."""
    api, day = request.app[API], today(request.app[CLOCK]())
    client = client_of(request, Scope.ELIGIBILITY)
    form = FORMS.get(request.content_type)
    if form is None:
        raise WrongType
    key = lookups.key_in(request.headers.get("Idempotency-Key"))
    api.guard.asked(client, request.app[CLOCK]())
    question = form.read(await body_of(request, LARGEST))

    async def ask(caller: Caller) -> str:
        asked = await lookups.ask(
            caller.unit.db,
            day,
            question,
            insurer=caller.insurer,
            client=client,
            key=key,
            register=api.register(caller.unit.db, caller.insurer),
        )
        if asked.missed:
            missed(request, client, question.number)
        return form.write(question, asked.answer, caller.insurer, day)

    text = await in_turn(request, client, ask)
    return web.Response(text=text, content_type=request.content_type)
