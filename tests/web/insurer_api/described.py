"""Whether what was asked and answered is what the description says."""

from functools import cache
from typing import Any

from jsonschema import Draft202012Validator

from venterom.web.insurer_api import openapi, paths

DOCUMENT = openapi.document("https://venterom.example")


@cache
def _operation(method: str, path: str) -> Any:
    """The description of one way and address; None for what is not described."""
    if path.startswith(f"{paths.POLICIES}/"):
        path = paths.POLICY
    return DOCUMENT["paths"].get(path, {}).get(method.lower())


def _check(body: Any, schema: Any) -> None:
    Draft202012Validator({**schema, "components": DOCUMENT["components"]}).validate(body)


def check_answer(method: str, path: str, status: int, kind: str, body: Any) -> None:
    """Fail for an answer that is not described."""
    operation = _operation(method, path)
    if operation is None:
        assert status in (404, 405), (method, path, status)
        return
    described = operation["responses"][str(status)]["content"]
    assert kind in described, (method, path, status, kind)
    _check(body, described[kind]["schema"])


def check_question(method: str, path: str, kind: str, body: Any) -> None:
    """Fail for a question that is not described, though it was taken."""
    if method != "GET":
        _check(body, _operation(method, path)["requestBody"]["content"][kind]["schema"])
