"""The description says what is so: every address is in it, and every answer is one of those."""

import asyncio
import json
import os
import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import hypothesis
import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from openapi_spec_validator import validate
from schemathesis import APIOperation, Case, GenerationMode
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance

from tests.guards import PROGRAMS_MAY_KNOW
from tests.web.insurer_api.program import Program, fhir, question, register
from tests.web.rig import KARI, Rig
from venterom.web.insurer_api import fhir as read_fhir
from venterom.web.insurer_api import models, openapi, paths, tokens
from venterom.web.insurer_api.errors import NotUnderstood
from venterom.web.insurer_api.guard import NONE, Guard, Meter
from venterom.web.insurer_api.problem import Problem
from venterom.web.insurer_api.problem import problem as make_problem
from venterom.web.insurer_api.setup import API

pytestmark = pytest.mark.slow

CASES = int(os.environ.get("API_CASES", "300"))  # `make fuzz` has two thousand
DOCUMENT = openapi.document("https://venterom.example")
# FHIR's names, and what OAuth and RFC 9457 call things
SPOKEN_BY_STANDARDS = {
    *("resourceType", "policyHolder", "birthDate", "benefitPeriod"),
    *("grant_type", "client_assertion_type", "client_assertion", "client_id", "scope"),
    *("access_token", "token_type", "expires_in", "title"),
}


def test_it_is_a_description_in_openapi_3_1() -> None:
    validate(DOCUMENT)
    assert DOCUMENT["openapi"].startswith("3.1.")


def test_every_address_is_described_and_nothing_else_is(rig: Rig) -> None:
    served = {
        (route.method, route.resource.canonical)
        for route in rig.app.router.routes()
        if route.resource and route.resource.canonical.startswith(paths.PREFIX)
    }
    described = {
        (method.upper(), path) for path, each in DOCUMENT["paths"].items() for method in each
    }
    assert served - {("HEAD", paths.OPENAPI)} == described


async def test_what_is_served_is_the_description_of_this_installation(rig: Rig) -> None:
    browser = await rig.stranger()
    answer = await browser.raw("GET", paths.OPENAPI)
    assert answer.status == 200
    assert await answer.json() == openapi.document(rig.url)


def names(node: Any) -> set[str]:
    """Every name of a field in a schema."""
    if isinstance(node, list):
        return {name for each in node for name in names(each)}
    if not isinstance(node, dict):
        return set()
    own = node.get("properties", {})
    return set(own) | {name for each in node.values() for name in names(each)}


def test_no_field_of_it_could_hold_anything_about_health() -> None:
    assert names(DOCUMENT) <= PROGRAMS_MAY_KNOW | SPOKEN_BY_STANDARDS


def test_no_field_holds_a_time_finer_than_a_day() -> None:
    assert '"date-time"' not in str(DOCUMENT).replace("'", '"')


async def test_the_examples_of_these_tests_are_described(rig: Rig) -> None:
    """And every answer that any of these tests gets is, since `Program.send` compares them."""
    own = await register(rig)
    for asked, kind in (
        (question(rig, KARI), "application/json"),
        (fhir(question(rig, KARI)), "application/fhir+json"),
        (fhir(question(rig, KARI, for_child=True)), "application/fhir+json"),
    ):
        assert (await own.check(asked, Content_Type=kind)).status == 200


class Endless(Guard):
    """Here it is not about how often one may ask."""

    def wait(self, who: str, now: datetime) -> timedelta:
        """Not at all."""
        return NONE

    def shut(self, who: str, now: datetime) -> timedelta:
        """Nor for misses."""
        return NONE


def test_the_examples_in_the_manual_are_as_described() -> None:
    manual = (Path(__file__).parents[3] / "docs/insurer_api.md").read_text(encoding="utf-8")
    told = [json.loads(block) for block in re.findall(r"```json\n(.*?)```", manual, re.DOTALL)]
    asked = [json.loads(body) for body in re.findall(r"-d '(\{.*?\})'", manual, re.DOTALL)]
    _assertion, token, answer, request, line, problem = told
    assert token["expires_in"] == tokens.LIFE.total_seconds()
    models.Told.model_validate_json(json.dumps(answer))
    read_fhir.read(json.dumps(request).encode())
    models.Line.model_validate_json(json.dumps(line))
    assert Problem.model_validate(problem) == make_problem(NotUnderstood(*problem["fields"]))
    question_body, policy = asked
    models.Question.model_validate_json(json.dumps(question_body))
    models.PolicyData.model_validate_json(json.dumps(policy))


def operations() -> list[APIOperation[Any, Any, Any, Any]]:
    """What is described, each way and address."""
    described = schemathesis.openapi.from_dict(dict(DOCUMENT))
    found = list(described.get_all_operations())
    assert all(isinstance(each, Ok) for each in found)
    return [each.ok() for each in found if isinstance(each, Ok)]


def ask_everything(own: Program, token: str, mode: GenerationMode, cases: int) -> int:
    """So many questions of every kind; raises when an answer is a fault or not described."""
    takes_nothing = paths.OPENAPI if mode is GenerationMode.NEGATIVE else ""
    asked = [each for each in operations() if each.path != takes_nothing]
    return sum(ask_all(own, token, each, mode, cases) for each in asked)


def ask_all(
    own: Program,
    token: str,
    operation: APIOperation[Any, Any, Any, Any],
    mode: GenerationMode,
    cases: int,
) -> int:
    """The questions of one kind, and how many they were."""
    shown = {"Authorization": f"Bearer {token}"}
    # A line of a bundle that is none is answered as a line; what FHIR's references and the order
    # of two days demand, no schema can say.
    left_out = [positive_data_acceptance]
    lines = operation.path.endswith("/policies")
    asked: list[int] = []

    @settings(max_examples=cases, database=None, suppress_health_check=list(HealthCheck))
    @hypothesis.given(operation.as_strategy(mode))
    def ask(case: Case[Any]) -> None:
        answer = case.call(base_url=own.rig.url, headers=shown)
        asked.append(answer.status_code)
        assert answer.status_code < 500, (case, answer.content)
        is_refused_otherwise = lines or answer.status_code == 413  # which that check does not know
        also = [negative_data_rejection] * is_refused_otherwise
        case.validate_response(answer, excluded_checks=[*left_out, *also], headers=shown)

    ask()
    return len(asked)


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
async def test_whatever_is_asked_the_answer_is_one_of_those_described(
    rig: Rig, mode: GenerationMode, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = await register(rig)
    monkeypatch.setattr(rig.app[API], "guard", Endless())
    monkeypatch.setattr(rig.app[API], "tokens", Meter(1, NONE))
    token, cases = await own.token(), CASES // (2 * len(operations()))
    asked = await asyncio.to_thread(ask_everything, own, token, mode, cases)
    assert asked >= CASES // 4  # GET takes nothing, so it is asked once or twice
