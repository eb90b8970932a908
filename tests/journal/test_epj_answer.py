"""What an outside EPJ may answer, and what becomes of the note: one table, a row for each."""

import copy
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.house import ROOT
from tests.journal.test_fhir import MANIFEST, SIGNED
from venterom.journal import epj_answer, fhir
from venterom.journal.epj_answer import RULES, Receipt, Said
from venterom.journal.retry import Failure

SENT = fhir.bundle(SIGNED)
RECEIVED = datetime(2026, 11, 24, 11, 21, 0, 250_000, tzinfo=UTC)
ENCOUNTER, DOCUMENT, PROVENANCE = 0, 3, 4
Answer = dict[str, Any]


def held() -> Answer:
    """What a good EPJ answers: each resource, as it holds it."""
    entries = []
    for n, item in enumerate(SENT["entry"]):
        kind = item["resource"]["resourceType"]
        resource = copy.deepcopy(item["resource"])
        resource |= {"id": str(n), "meta": {"lastUpdated": "2026-11-24T12:21:00.250+01:00"}}
        response = {"status": "201 Created", "location": f"{kind}/{n}/_history/1"}
        entries.append({"response": response, "resource": resource})
    return {"resourceType": "Bundle", "type": "transaction-response", "entry": entries}


def judged(answer: object, status: int = 200) -> Receipt | Said:
    return epj_answer.judge(status, json.dumps(answer).encode(), SENT)


def test_what_is_held_as_it_was_sent_is_a_receipt() -> None:
    place = f"DocumentReference/{DOCUMENT}/_history/1"
    assert judged(held()) == Receipt(MANIFEST.visit, MANIFEST.content_hash, place, RECEIVED)


def test_what_was_held_already_is_a_receipt_too() -> None:
    answer = held()
    for entry in answer["entry"]:
        entry["response"]["status"] = "200"
    assert isinstance(judged(answer), Receipt)


def response(n: int, **changed: object) -> Callable[[Answer], object]:
    return lambda answer: answer["entry"][n]["response"].update(changed)


def resource(n: int, **changed: object) -> Callable[[Answer], object]:
    return lambda answer: answer["entry"][n]["resource"].update(changed)


def identifier(n: int, which: int, value: str) -> Callable[[Answer], object]:
    return lambda answer: answer["entry"][n]["resource"]["identifier"][which].update(value=value)


def other_patient(answer: Answer) -> None:
    answer["entry"][ENCOUNTER]["resource"]["subject"]["identifier"]["value"] = "e" * 64


def other_signature(answer: Answer) -> None:
    answer["entry"][PROVENANCE]["resource"]["signature"][0]["data"] = "AAAA"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda answer: answer["entry"].pop(), Said.HALF),
        (lambda answer: answer["entry"].append(answer["entry"][0]), Said.HALF),
        (lambda answer: answer["entry"].reverse(), Said.HALF),  # R4: in the order of the request
        (lambda answer: answer.pop("entry"), Said.HALF),
        (lambda answer: answer.update(entry={"0": 1}), Said.HALF),
        (lambda answer: answer["entry"].__setitem__(2, None), Said.HALF),
        (lambda answer: answer["entry"][1].pop("resource"), Said.HALF),
        (lambda answer: answer["entry"][1].pop("response"), Said.HALF),
        (response(1, status="400 Bad Request"), Said.HALF),
        (response(1, status="500"), Said.HALF),
        (response(1, status="2000"), Said.HALF),
        (response(1, status="٢٠١"), Said.HALF),  # digits, and not ours
        (response(1, status=201.5), Said.HALF),
        (response(DOCUMENT, status="409 Conflict"), Said.CONFLICT),
        (response(DOCUMENT, status="412 Precondition Failed"), Said.SEVERAL),
        (resource(2, resourceType="Basic"), Said.HALF),
        (resource(DOCUMENT, meta={}), Said.HALF),  # nobody knows when
        (resource(DOCUMENT, meta={"lastUpdated": "yesterday"}), Said.HALF),
        (resource(DOCUMENT, meta={"lastUpdated": "2026-11-24T12:21:00"}), Said.HALF),  # whose noon?
        (response(DOCUMENT, location=""), None),  # its id will do
        (other_patient, Said.OTHER_PATIENT),
        (resource(ENCOUNTER, subject={}), Said.OTHER_PATIENT),
        (resource(ENCOUNTER, subject=None), Said.OTHER_PATIENT),
        (identifier(ENCOUNTER, 0, "another visit"), Said.OTHER_VISIT),
        (resource(ENCOUNTER, identifier=[]), Said.OTHER_VISIT),
        (identifier(DOCUMENT, 1, "d" * 64), Said.OTHER_CONTENT),
        (resource(PROVENANCE, signature=[]), Said.OTHER_CONTENT),
        (other_signature, Said.OTHER_CONTENT),
        (lambda answer: answer.update(type="batch-response"), Said.NONSENSE),
        (lambda answer: answer.update(resourceType="Patient"), Said.NONSENSE),
        (lambda answer: answer.update(resourceType="OperationOutcome"), Said.ERROR_INSIDE),
    ],
)
def test_every_way_in_which_200_is_no_receipt(
    change: Callable[[Answer], object], said: Said | None
) -> None:
    answer = held()
    change(answer)
    found = judged(answer)
    assert found == said if said else isinstance(found, Receipt)


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (301, Said.MOVED),
        (307, Said.MOVED),
        (400, Said.REFUSED),
        (401, Said.NOT_LET_IN),
        (403, Said.NOT_LET_IN),
        (404, Said.REFUSED),
        (408, Said.SILENT),
        (409, Said.CONFLICT),
        (412, Said.SEVERAL),
        (422, Said.REFUSED),
        (429, Said.BUSY),
        (500, Said.BROKEN),
        (502, Said.BROKEN),
        (503, Said.BUSY),
        (504, Said.BROKEN),
        (599, Said.BROKEN),
        (202, Said.NONSENSE),  # «later» is not «yes»
        (204, Said.NONSENSE),
        (201, Said.NONSENSE),
    ],
)
def test_every_other_status_has_its_meaning_whatever_comes_with_it(status: int, said: Said) -> None:
    assert judged(held(), status) == said


@pytest.mark.parametrize(
    "body", [b"", b"null", b"7", b"[]", b"<html>", b"\xff\xfe", b'{"resourceType"', b"[" * 100_000]
)
def test_what_cannot_be_read_is_nonsense(body: bytes) -> None:
    assert epj_answer.judge(200, body, SENT) == Said.NONSENSE


def test_half_of_a_good_answer_is_never_a_receipt() -> None:
    whole = json.dumps(held()).encode()
    for end in range(0, len(whole), 97):
        assert epj_answer.judge(200, whole[:end], SENT) == Said.NONSENSE


@pytest.mark.parametrize(
    ("said", "rule"),
    [
        (Said.SILENT, Failure.UNREACHABLE),
        (Said.BUSY, Failure.UNREACHABLE),
        (Said.BROKEN, Failure.UNREACHABLE),
        (Said.MOVED, Failure.UNREACHABLE),
        (Said.NOT_LET_IN, Failure.UNREACHABLE),
        (Said.NONSENSE, Failure.UNREACHABLE),
        (Said.REFUSED, Failure.REFUSED),
        (Said.ERROR_INSIDE, Failure.REFUSED),
        (Said.HALF, Failure.REFUSED),
        (Said.CONFLICT, Failure.REFUSED),
        (Said.SEVERAL, Failure.WRONG),
        (Said.OTHER_PATIENT, Failure.WRONG),
        (Said.OTHER_VISIT, Failure.WRONG),
        (Said.OTHER_CONTENT, Failure.WRONG),
    ],
)
def test_the_table_of_rules(said: Said, rule: Failure) -> None:
    assert RULES[said] is rule


def test_the_table_of_rules_is_whole() -> None:
    assert RULES.keys() == set(Said)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("", 0),
        ("120", 120),
        (" 7 ", 7),
        ("-5", 0),
        ("1e9", 0),
        ("٣", 0),
        ("9" * 5000, 3600),  # an hour at most
        ("Wed, 21 Oct 2026 07:28:00 GMT", 0),  # then our own back-off holds
    ],
)
def test_we_rest_as_long_as_we_are_asked_to_but_no_longer_than_an_hour(
    text: str, seconds: int
) -> None:
    assert epj_answer.rest(text) == timedelta(seconds=seconds)


def test_the_contract_names_everything_that_may_be_said() -> None:
    page = (ROOT / "docs/epj.md").read_text(encoding="utf-8")
    assert [said for said in Said if f"| `{said}` |" not in page] == []
