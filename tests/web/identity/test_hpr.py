"""Who may practise as a doctor, by what the register says: whole tables."""

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from venterom.server.demo.registers import approval
from venterom.web.identity import hpr
from venterom.web.identity.hpr import (
    AGAIN,
    STANDS,
    Answer,
    Approval,
    Refusal,
    Status,
    Unreadable,
    Use,
)

NOW = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)
TODAY = date(2026, 11, 24)
A_DAY = timedelta(days=1)
NUMBER = "9990001"
FULL = Approval("LE", "1", prescribes=True)


@pytest.mark.parametrize(
    ("approvals", "status"),
    [
        ([], Status.NOT_FOUND),  # withdrawn and lapsed rights are simply not shown
        ([FULL], Status.FULL),
        ([Approval("LE", "1", prescribes=False)], Status.NO_PRESCRIBING),
        ([Approval("LE", "3", prescribes=True)], Status.LIMITED),  # a licence
        ([Approval("LE", "1", prescribes=True, conditions=True)], Status.LIMITED),
        ([Approval("LE", "1", prescribes=True, suspended=True)], Status.SUSPENDED),
        ([Approval("SP", "1", prescribes=True)], Status.NOT_FOUND),  # a nurse is no doctor
        ([Approval("SP", "1", prescribes=False), FULL], Status.FULL),  # who was one before
        ([Approval("le", "1", prescribes=True)], Status.NOT_FOUND),
        ([Approval("LE", "3", prescribes=True), FULL], Status.FULL),  # the best counts
        ([FULL, Approval("LE", "3", True, suspended=True)], Status.SUSPENDED),  # or doubt
        ([Approval("LE", "1", True, valid_from=TODAY)], Status.FULL),  # from today on
        ([Approval("LE", "1", True, valid_from=TODAY + A_DAY)], Status.NOT_FOUND),
        ([Approval("LE", "1", True, valid_until=TODAY)], Status.FULL),  # today still
        ([Approval("LE", "1", True, valid_until=TODAY - A_DAY)], Status.NOT_FOUND),
    ],
)
def test_what_the_register_shows_is_a_status(approvals: list[Approval], status: Status) -> None:
    assert hpr.status_of(approvals, TODAY) is status


@pytest.mark.parametrize(
    ("status", "treat", "prescribe"),
    [
        (Status.FULL, None, None),
        (Status.NO_PRESCRIBING, None, Refusal.MAY_NOT_PRESCRIBE),
        (Status.LIMITED, Refusal.NOT_AUTHORISED, Refusal.NOT_AUTHORISED),
        (Status.SUSPENDED, Refusal.NOT_AUTHORISED, Refusal.NOT_AUTHORISED),
        (Status.NOT_FOUND, Refusal.NOT_AUTHORISED, Refusal.NOT_AUTHORISED),
    ],
)
def test_who_may_do_what(status: Status, treat: Refusal | None, prescribe: Refusal | None) -> None:
    answer = Answer(status, NOW)
    assert hpr.refusal(Use.TREAT, answer, NOW) is treat
    assert hpr.refusal(Use.PRESCRIBE, answer, NOW) is prescribe


@pytest.mark.parametrize("use", Use)
@pytest.mark.parametrize(
    ("age", "refused"),
    [
        (timedelta(0), None),
        (STANDS, None),
        (STANDS + timedelta(milliseconds=1), Refusal.NOT_CHECKED),
        (timedelta(days=365), Refusal.NOT_CHECKED),
    ],
)
def test_an_answer_stands_for_a_while_when_nobody_answers(
    use: Use, age: timedelta, refused: Refusal | None
) -> None:
    assert hpr.refusal(use, Answer(Status.FULL, NOW - age), NOW) is refused


def test_without_any_answer_nobody_is_let_in() -> None:
    assert hpr.refusal(Use.TREAT, None, NOW) is Refusal.NOT_CHECKED


def test_an_old_no_is_not_a_yes() -> None:
    assert hpr.refusal(Use.TREAT, Answer(Status.NOT_FOUND, NOW - A_DAY), NOW) is not None


@pytest.mark.parametrize(
    ("age", "due"), [(timedelta(0), False), (AGAIN - timedelta(seconds=1), False), (AGAIN, True)]
)
def test_everybody_is_asked_about_once_a_night(age: timedelta, due: bool) -> None:
    assert hpr.is_due(Answer(Status.FULL, NOW - age), NOW) is due
    assert hpr.is_due(None, NOW)


def said(*approvals: Any, number: str = NUMBER) -> bytes:
    return json.dumps({"hpr_number": number, "approvals": approvals}).encode()


def test_an_answer_is_read() -> None:
    limited = approval("LE", "3", (), valid_until="2026-12-31", conditions=True)
    assert hpr.read(said(approval(), limited), NUMBER) == (
        FULL,
        Approval("LE", "3", False, None, date(2026, 12, 31), conditions=True),
    )


@pytest.mark.parametrize("rights", [(), ("2",), ("1 ",)])
def test_only_the_full_right_is_a_right_to_prescribe(rights: tuple[str, ...]) -> None:
    [read] = hpr.read(said(approval(rights=rights)), NUMBER)
    assert not read.prescribes


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"null",
        b"[]",
        b"{}",
        b'{"approvals": []}',
        b"[" * 100_000,
        said(number="9990002"),  # about somebody else
        said("LE"),
        said({}),
        said({**approval(), "profession": None}),
        said({**approval(), "authorization": "1"}),
        said({**approval(), "authorization": {"value": 1}}),
        said({**approval(), "requisition_rights": None}),
        said({**approval(), "requisition_rights": ["1"]}),
        said(approval(suspended="false")),
        said(approval(valid_until="31.12.2026")),
        said(approval(valid_until=2026)),
        json.dumps({"hpr_number": NUMBER, "approvals": {}}).encode(),
    ],
)
def test_what_is_not_understood_is_no_answer_and_above_all_no_no(body: bytes) -> None:
    with pytest.raises(Unreadable):
        hpr.read(body, NUMBER)


@given(st.binary(max_size=200))
def test_whatever_comes_is_read_or_refused(body: bytes) -> None:
    try:
        hpr.read(body, NUMBER)
    except Unreadable:
        pass
