"""The description of it all in OpenAPI 3.1: data, made of the same models that read and write."""

from collections.abc import Mapping
from typing import Any

from aiohttp import web
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from venterom.journal.grant import ASSERTION_TYPE
from venterom.web.insurer_api import models, paths, resources
from venterom.web.insurer_api.eligibility import FHIR, JSON
from venterom.web.insurer_api.exchange import FORM
from venterom.web.insurer_api.problem import Problem
from venterom.web.insurer_api.refusals import PROBLEM
from venterom.web.insurer_api.scopes import Scope
from venterom.web.insurer_api.setup import API

Node = Mapping[str, Any]
REF = "#/components/schemas/{model}"
SECURITY = "client"
SHOWN: tuple[type[BaseModel], ...] = (
    *(models.Question, models.Told, models.PolicyData, models.PolicyLine, models.Bundle),
    *(models.Line, models.Report, Problem),
    *(resources.CoverageEligibilityRequest, resources.CoverageEligibilityResponse),
    resources.OperationOutcome,
)
RETRY = {"Retry-After": {"schema": {"type": "integer", "minimum": 1}, "description": "Seconds."}}
REFUSED: Mapping[int, str] = {
    400: "Not readable, or a bad Idempotency-Key.",
    401: "No access token, or one of no worth.",
    403: "The access token is for something else.",
    413: "Too large.",
    415: "Of a type that is not read here.",
    422: "Not understood, or an Idempotency-Key that came with another question.",
    429: "Too often, or too often in vain.",
    500: "Something failed here.",
}


def _schema(model: type[BaseModel]) -> Node:
    return {"schema": {"$ref": REF.format(model=model.__name__)}}


def _answers(done: Node, *also: str) -> dict[str, Node]:
    """What an operation may answer. `also` are forms of refusals beside problem+json."""
    forms = {PROBLEM: _schema(Problem)}
    forms |= {each: _schema(resources.OperationOutcome) for each in also}
    refused = {str(n): {"description": text, "content": forms} for n, text in REFUSED.items()}
    refused["429"]["headers"] = RETRY
    return {"200": {"description": "Answered.", "content": done}, **refused}


def _operation(name: str, summary: str, scope: Scope, content: Node, **more: Any) -> Node:
    body = {"required": True, "content": content}
    return {
        "operationId": name,
        "summary": summary,
        "security": [{SECURITY: [scope.value]}],
        "requestBody": body,
        **more,
    }


def _text(words: str, **more: Any) -> Node:
    return {"type": "string", "description": words, **more}


KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "1 to 255 printable characters of ASCII, in quotes or not. Asked again with the"
    " same key, the answer is the same, and it is one look-up.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 257},
}
NUMBER = {
    "name": "number",
    "in": "path",
    "required": True,
    "schema": {"type": "string", "pattern": models.NUMBER},
}
REQUEST = {
    "type": "object",
    "required": ["grant_type", "client_assertion_type", "client_assertion"],
    "properties": {
        "grant_type": {"const": "client_credentials"},
        "client_assertion_type": {"const": ASSERTION_TYPE},
        "client_assertion": _text("A signed JWT.", minLength=1),
        "client_id": _text("May be left out: the assertion says it."),
        "scope": _text("Apart by spaces; all that the client may, if left out."),
    },
}
GIVEN = {
    "type": "object",
    "required": ["access_token", "token_type", "expires_in", "scope"],
    "properties": {
        "access_token": {"type": "string"},
        "token_type": {"const": "Bearer"},
        "expires_in": {"type": "integer", "description": "Seconds."},
        "scope": {"type": "string"},
    },
}
NO_TOKEN = {
    "type": "object",
    "required": ["error"],
    "properties": {"error": _text("A code of RFC 6749 section 5.2, or slow_down.")},
}


def _token() -> Node:
    refused = {JSON: {"schema": NO_TOKEN}}
    return {
        "operationId": "token",
        "summary": "An access token, for five minutes (RFC 6749 section 4.4, RFC 7523).",
        "security": [],
        "requestBody": {"required": True, "content": {FORM: {"schema": REQUEST}}},
        "responses": {
            "200": {"description": "A token.", "content": {JSON: {"schema": GIVEN}}},
            "400": {"description": "Not a request for a token.", "content": refused},
            "401": {"description": "Not a client of ours.", "content": refused},
            "413": {"description": "Too large.", "content": {PROBLEM: _schema(Problem)}},
            "429": {"description": "Too often.", "content": refused, "headers": RETRY},
            "500": {"description": "Something failed.", "content": {PROBLEM: _schema(Problem)}},
        },
    }


def _eligibility() -> Node:
    answered = {
        JSON: _schema(models.Told),
        FHIR: _schema(resources.CoverageEligibilityResponse),
    }
    return _operation(
        "eligibility",
        "Covered, not covered, or could not be checked.",
        Scope.ELIGIBILITY,
        {JSON: _schema(models.Question), FHIR: _schema(resources.CoverageEligibilityRequest)},
        parameters=[KEY],
        responses=_answers(answered, FHIR),
    )


def _put() -> Node:
    return _operation(
        "put_policy",
        "Tell us of one policy.",
        Scope.POLICIES,
        {JSON: _schema(models.PolicyData)},
        parameters=[NUMBER],
        responses=_answers({JSON: _schema(models.Line)}),
    )


def _post() -> Node:
    return _operation(
        "post_policies",
        "Tell us of many: each line is judged by itself.",
        Scope.POLICIES,
        {JSON: _schema(models.Bundle)},
        responses=_answers({JSON: _schema(models.Report)}),
    )


def _self() -> Node:
    described = {"description": "This.", "content": {JSON: {"schema": {"type": "object"}}}}
    return {
        "operationId": "openapi",
        "summary": "This description.",
        "security": [],
        "responses": {"200": described},
    }


def document(issuer: str) -> Node:
    """The whole description, for this installation."""
    _, found = models_json_schema([(each, "validation") for each in SHOWN], ref_template=REF)
    flow = {
        "tokenUrl": f"{issuer}{paths.TOKEN}",
        "scopes": {each.value: each.value for each in Scope},
    }
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Venterom for insurers",
            "version": "1",
            "description": "Who is covered, and which policies there are. Nothing about health.",
        },
        "servers": [{"url": issuer}],
        "paths": {
            paths.TOKEN: {"post": _token()},
            paths.ELIGIBILITY: {"post": _eligibility()},
            paths.POLICY: {"put": _put()},
            paths.POLICIES: {"post": _post()},
            paths.OPENAPI: {"get": _self()},
        },
        "components": {
            "schemas": found["$defs"],
            "securitySchemes": {SECURITY: {"type": "oauth2", "flows": {"clientCredentials": flow}}},
        },
    }


async def show(request: web.Request) -> web.Response:
    """GET /insurer/v1/openapi.json"""
    return web.json_response(document(request.app[API].issuer))
