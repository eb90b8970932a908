"""JSON that could mean two things, or has no end, is not read; what is read is taken by name."""

import json

import pytest

from tests.web.browser import Browser
from tests.web.rig import Rig
from venterom.journal.tables import DraftRow
from venterom.web.strict import read_object

DEEP = 10_000
NOT_READ = {
    "nothing": b"",
    "no object": b"[1]",
    "a text": b'"x"',
    "null": b"null",
    "half of one": b'{"a": ',
    "two": b"{}{}",
    "one name twice": b'{"a": 1, "a": 2}',
    "one name twice inside": b'{"a": {"b": 1, "\\u0062": 2}}',
    "NaN": b'{"a": NaN}',
    "infinity": b'{"a": -Infinity}',
    "too many digits": b'{"a": ' + b"9" * 5_000 + b"}",
    "deep lists": b'{"a": ' + b"[" * DEEP + b"]" * DEEP + b"}",
    "deep objects": b'{"a":' * DEEP + b"1" + b"}" * DEEP,
    "deep and never closed": b"[" * 100_000,
    "another alphabet": '{"a": "æ"}'.encode("latin-1"),
    "UTF-16": '{"a": 1}'.encode("utf-16"),
    "a mark in front": b"\xef\xbb\xbf{}",
    "a comment": b'{"a": 1 /* b */}',
    "a control character": b'{"a": "\x00"}',
}


@pytest.mark.parametrize("name", NOT_READ)
def test_what_is_no_object_of_one_meaning_is_not_read(name: str) -> None:
    with pytest.raises((ValueError, RecursionError)):
        read_object(NOT_READ[name])


def test_many_names_cost_no_more_each_than_few() -> None:
    """There are no more than a body has room for; that each is there once is seen at the end."""
    many = {f"n{n}": n for n in range(60_000)}
    assert read_object(json.dumps(many).encode()) == many


def fields(**more: object) -> dict[str, object]:
    return {"fields": {"findings": "Rød svelg", **more}, "version": 0}


async def put(rig: Rig, doctor: Browser, visit: str, body: bytes) -> int:
    """What the page of the call sends while a note is written."""
    path = f"/doctor/visit/{visit}/note"
    headers = {"X-CSRF-Token": rig.token(doctor, path), "Content-Type": "application/json"}
    return (await doctor.raw("PUT", path, headers, data=body)).status


@pytest.mark.slow
async def test_such_a_note_and_such_a_test_are_refused_and_nothing_is_kept(rig: Rig) -> None:
    patient, doctor, visit = await rig.consult()
    check = f"/visit/{visit}/check"
    for name, body in NOT_READ.items():
        rig.forgive()
        assert await put(rig, doctor, visit, body) == 400, name
        headers = {"X-CSRF-Token": rig.token(patient, check)}
        assert (await patient.raw("PUT", check, headers, data=body)).status == 400, name
    assert await put(rig, doctor, visit, b'{"a": "' + b"x" * 700_000 + b'"}') == 413
    assert await rig.rows(DraftRow) == []


@pytest.mark.slow
async def test_of_a_note_the_fields_of_a_note_are_taken_and_half_a_sign_is_left_out(
    rig: Rig,
) -> None:
    _patient, doctor, visit = await rig.consult()
    planted = {"author": "x", "patient": "x", "signed_at": 1, "role": "director"}
    body = json.dumps({**fields(**planted, plan="halv \ud83d"), **planted}).encode()
    assert await put(rig, doctor, visit, body) == 200
    [row] = await rig.rows(DraftRow)
    assert (row.author == "x", row.patient == "x") == (False, False)
    page = await doctor.open(f"/doctor/visit/{visit}")
    assert page.value("plan").strip() == "halv"


@pytest.mark.slow
async def test_a_test_of_the_equipment_says_what_it_may_and_no_more(rig: Rig) -> None:
    patient, visit = await rig.waiting()
    path = f"/visit/{visit}/check"
    good = {
        "camera": True,
        "microphone": "heard",
        "speaker": "heard",
        "way": "untried",
        "echoed": None,
    }
    said = []
    for more in ({}, {"visit": "x"}, {"role": "doctor"}):
        headers = {"X-CSRF-Token": rig.token(patient, path)}
        answer = await patient.raw("PUT", path, headers, data=json.dumps({**good, **more}))
        said.append(answer.status)
    assert said == [200, 400, 400]
