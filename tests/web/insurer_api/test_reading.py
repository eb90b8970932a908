"""A body that is no single JSON object, or could mean two things, is not read."""

import json
from datetime import date

import pytest

from venterom.web.insurer_api.errors import NotReadable, NotUnderstood
from venterom.web.insurer_api.models import PolicyData, Question
from venterom.web.insurer_api.problem import problem
from venterom.web.insurer_api.reading import understood

GOOD = {"number": "FJP-107919", "holder_birth_date": "1988-02-03"}
POLICY = {
    "product": "Helse",
    "holder_birth_date": "1988-02-03",
    "valid_from": "2026-01-01",
    "valid_until": "2026-12-31",
    "covers_children": True,
}


def test_a_good_one_is_read() -> None:
    asked = understood(Question, json.dumps(GOOD).encode())
    assert asked == Question(number="FJP-107919", holder_birth_date=date(1988, 2, 3))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b'"x"',
        b"{",
        b'{"number": "FJP-107919", "number": "FJP-107920"}',  # which one?
        b'{"number": NaN}',
        b'{"number": Infinity}',
        b'{"n": ' + b"[" * 10_000 + b"]" * 10_000 + b"}",
        b'{"n": ' + b"1" * 10_000 + b"}",
        b"\xff\xfe{}",
        b"\xef\xbb\xbf{}",
    ],
)
def test_what_is_no_object_or_says_a_name_twice_is_not_read(body: bytes) -> None:
    with pytest.raises(NotReadable):
        understood(Question, body)


@pytest.mark.parametrize(
    ("other", "field"),
    [
        ({"number": None}, "number"),
        ({"number": "12345"}, "number"),
        ({"number": "a" * 21}, "number"),
        ({"number": "FJP-١٠٧٩١٩"}, "number"),
        ({"number": "FJP-107919\n"}, "number"),
        ({"number": "' OR 1=1 --"}, "number"),
        ({"number": 107919}, "number"),
        ({"holder_birth_date": "1988-02-30"}, "holder_birth_date"),
        ({"holder_birth_date": 570_000_000}, "holder_birth_date"),
        ({"holder_birth_date": "1988-02-03T10:00:00Z"}, "holder_birth_date"),
        ({"holder_birth_date": ""}, "holder_birth_date"),
        ({"for_child": "yes"}, "for_child"),
        ({"for_child": 1}, "for_child"),
        ({"for_child": None}, "for_child"),
        ({"kanari": "kanari"}, "unknown_field"),
    ],
)
def test_what_is_at_fault_is_named_and_what_was_sent_is_not_repeated(
    other: dict[str, object], field: str
) -> None:
    with pytest.raises(NotUnderstood) as refused:
        understood(Question, json.dumps(GOOD | other).encode())
    assert list(refused.value.fields) == [field]
    told = problem(refused.value).model_dump_json()
    assert "kanari" not in told and "1=1" not in told
    assert json.loads(told)["type"] == "urn:venterom:problem:not-understood"


@pytest.mark.parametrize("left_out", ["number", "holder_birth_date"])
def test_both_are_asked_for(left_out: str) -> None:
    with pytest.raises(NotUnderstood) as refused:
        understood(Question, json.dumps({k: v for k, v in GOOD.items() if k != left_out}).encode())
    assert list(refused.value.fields) == [left_out]


def test_half_a_pair_of_surrogates_is_no_text() -> None:
    with pytest.raises(NotUnderstood):
        understood(PolicyData, json.dumps(POLICY | {"product": "x\ud800"}).encode())


@pytest.mark.parametrize(
    "product",
    [
        *("", " Helse", "=HYPERLINK()", "+1", "-1", "@x", "\tx", "x\n", "x" * 81, "x\x00", "<b>"),
        *("x\u202e", "\u0667"),
    ],
)
def test_a_product_is_a_short_name_and_never_a_formula(product: str) -> None:
    understood(PolicyData, json.dumps(POLICY).encode())
    with pytest.raises(NotUnderstood) as refused:
        understood(PolicyData, json.dumps(POLICY | {"product": product}).encode())
    assert list(refused.value.fields) == ["product"]


def test_a_policy_does_not_end_before_it_begins() -> None:
    with pytest.raises(NotUnderstood):
        understood(PolicyData, json.dumps(POLICY | {"valid_until": "2025-12-31"}).encode())
    understood(PolicyData, json.dumps(POLICY | {"valid_until": "2026-01-01"}).encode())
