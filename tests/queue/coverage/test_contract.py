"""What an insurer is asked, and which answers are believed."""

import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from venterom.queue.coverage.contract import question, read
from venterom.queue.coverage.errors import RegisterUnreachable
from venterom.queue.coverage.policies import Cover, Policy

BORN = date(1980, 5, 1)
POLICY: dict[str, Any] = {
    "number": "AB-123456",
    "product": "Health",
    "valid_from": "2026-01-01",
    "valid_until": "2026-12-31",
    "covers_children": True,
}
LIMITS = {
    "uses_per_year": 4,
    "youngest": 18,
    "oldest": 67,
    "children": True,
    "children_until": 17,
    "countries": ["NO", "SE"],
}


def answer(**changes: object) -> dict[str, Any]:
    return {"request": "r1", "policy": {**POLICY, **changes}}


def said(body: object, status: int = 200) -> Policy | None:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return read(status, data, request="r1", number="AB-123456", born=BORN, insurer="fjord")


def test_they_hear_a_number_and_a_birth_date_and_nothing_else() -> None:
    asked = json.loads(question("r1", "AB-123456", BORN))
    assert asked == {"request": "r1", "number": "AB-123456", "birth_date": "1980-05-01"}


def test_a_policy_is_read_with_its_limits() -> None:
    plain = Policy("AB-123456", "fjord", "Health", BORN, date(2026, 1, 1), date(2026, 12, 31), True)
    assert said(answer()) == plain
    limits = Cover(4, 18, 67, True, 17, frozenset({"NO", "SE"}))
    found = said(answer(cover=LIMITS))
    assert found is not None and found.cover == limits


def test_the_examples_of_the_document_are_true() -> None:
    page = Path("docs/insurers.md").read_text(encoding="utf-8")
    asked, answered = map(json.loads, re.findall(r"```json\n(.*?)\n```", page, re.DOTALL))
    request, number, born = asked["request"], asked["number"], asked["birth_date"]
    body = question(request, number, date.fromisoformat(born))
    assert json.loads(body) == asked
    found = read(
        200, json.dumps(answered).encode(), request=request, number=number, born=BORN, insurer="f"
    )
    assert found is not None and found.cover.uses_per_year == 4


def test_what_else_they_tell_is_not_kept() -> None:
    assert said({**answer(name="Kari", diagnosis="x"), "more": 1}) == said(answer())


def test_no_such_policy_is_an_answer() -> None:
    assert said({"request": "r1", "policy": None}) is None


NONSENSE: list[tuple[object, int]] = [
    *((answer(), status) for status in (201, 204, 301, 400, 401, 403, 404, 429, 500, 503)),
    *((body, 200) for body in (b"", b"<html>", b"\xff", b"[]", b"null", b"[" * 100_000)),
    (b'{"request": "r1", "policy": NaN}', 200),
    ({"request": "r1"}, 200),  # says neither
    ({"policy": None}, 200),
    ({"request": "another", "policy": None}, 200),  # the answer to another question
    (answer(number="AB-999999"), 200),
    (answer(number=None), 200),
    (answer(product=""), 200),
    (answer(product="x" * 81), 200),
    (answer(product=5), 200),
    (answer(valid_from="01.01.2026"), 200),
    (answer(valid_from="20260101"), 200),
    (answer(valid_from=20260101), 200),
    (answer(valid_until="2025-12-31"), 200),  # ends before it begins
    (answer(covers_children="no"), 200),
    (answer(covers_children=None), 200),
    ({"request": "r1", "policy": {}}, 200),
    ({"request": "r1", "policy": [POLICY]}, 200),
    (answer(cover=None), 200),
    (answer(cover={"uses_per_year": 0}), 200),
    (answer(cover={"uses_per_year": True}), 200),
    (answer(cover={"uses_per_year": 2.5}), 200),
    (answer(cover={"countries": "NO"}), 200),
    (answer(cover={"countries": ["Norge"]}), 200),
    (answer(cover={"youngest": 70, "oldest": 60}), 200),
    (answer(cover={"days_per_year": 3}), 200),  # a limit that we would pass over
]


@pytest.mark.parametrize(("body", "status"), NONSENSE)
def test_every_other_answer_is_none(body: object, status: int) -> None:
    with pytest.raises(RegisterUnreachable):
        said(body, status)


def test_a_field_that_is_missing_is_no_answer() -> None:
    for name in POLICY:
        body = answer()
        del body["policy"][name]
        with pytest.raises(RegisterUnreachable):
            said(body)


@given(st.binary(max_size=300), st.integers(100, 599))
def test_whatever_comes_back_is_a_policy_or_out_of_reach(body: bytes, status: int) -> None:
    try:
        assert said(body, status) is None
    except RegisterUnreachable:
        pass
