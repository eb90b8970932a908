"""Covered, not covered, could not be checked; and nothing that a guess could learn from."""

import asyncio
import json
import re
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncSession
from structlog.testing import capture_logs

from tests.web.insurer_api.program import (
    OTHER,
    OWN,
    STRANGER,
    Program,
    fhir,
    question,
    register,
)
from tests.web.rig import INGRID, KARI, NOTE, PER, SOLVEIG, Rig
from tests.web.test_patient import take_in
from venterom.queue.coverage import insurer as coverage
from venterom.queue.coverage.errors import RegisterUnreachable
from venterom.queue.coverage.policies import Policy
from venterom.queue.coverage.tables import LookUpRow
from venterom.web.insurer_api.asking import whose
from venterom.web.insurer_api.guard import BURST, WALK
from venterom.web.insurer_api.scopes import Scope
from venterom.web.insurer_api.setup import API
from venterom.web.keys import READING, SESSIONS
from venterom.web.work import work

pytestmark = pytest.mark.slow

UNKNOWN = {"answer": "not_covered", "reason": "unknown", "valid_until": None}
KYP = {"number": "KYP-999999", "holder_birth_date": "1988-02-03"}


async def said(own: Program, asked: Any, **headers: str) -> Any:
    """The answer to one question."""
    answer = await own.check(asked, **headers)
    assert answer.status == 200, await answer.text()
    return await answer.json()


async def test_a_holder_with_a_valid_policy_is_covered(rig: Rig) -> None:
    own = await register(rig)
    asked = question(rig, KARI)
    covered = {"answer": "covered", "reason": "valid", "valid_until": "2027-01-01"}
    assert await said(own, asked) == covered
    assert await said(own, asked | {"number": asked["number"].lower()}) == covered


async def test_what_is_over_not_yet_or_not_for_children_is_not_covered(rig: Rig) -> None:
    own, today = await register(rig), rig.clock.now.date()
    day = timedelta(days=1)
    for change, asked, reason in (
        ({"valid_until": today - day}, {}, "expired"),
        ({"valid_from": today + day, "valid_until": today + 9 * day}, {}, "not_yet"),
        ({"valid_from": today, "covers_children": False}, {"for_child": True}, "no_children"),
    ):
        await take_in(rig, KARI, **change)
        answer = await said(own, question(rig, KARI, **asked))
        assert (answer["answer"], answer["reason"]) == ("not_covered", reason)


async def test_when_the_register_is_away_it_could_not_be_checked(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    @dataclass
    class Away:
        """Stands in for a register that cannot be reached."""

        db: AsyncSession
        insurer: str

        async def find(self, number: str, born: date) -> Policy | None:
            raise RegisterUnreachable

    monkeypatch.setattr(rig.app[API], "register", Away)
    own = await register(rig)
    unchecked = {"answer": "unchecked", "reason": "unreachable", "valid_until": None}
    assert await said(own, question(rig, KARI)) == unchecked
    answer = await said(own, fhir(question(rig, KARI)), Content_Type="application/fhir+json")
    assert answer["outcome"] == "error" and "inforce" not in answer["insurance"][0]


async def test_the_answer_comes_in_the_form_of_the_question(rig: Rig) -> None:
    own = await register(rig)
    plain = await own.check(question(rig, KARI), Content_Type="application/json; charset=utf-8")
    assert plain.status == 200 and plain.content_type == "application/json"
    spoken = await own.check(fhir(question(rig, KARI)), Content_Type="application/fhir+json")
    assert spoken.content_type == "application/fhir+json"
    told = await spoken.json()
    assert told["insurance"][0]["inforce"] is True and told["insurer"] == {"display": OWN}
    assert told["insurance"][0]["benefitPeriod"] == {"end": "2027-01-01"}
    other = await own.check(question(rig, KARI), Content_Type="text/plain")
    assert other.status == 415 and other.content_type == "application/problem+json"
    refused = await own.check({}, Content_Type="application/fhir+json")
    assert refused.status == 422 and (await refused.json())["resourceType"] == "OperationOutcome"


@contextmanager
def statements(rig: Rig) -> Generator[list[str]]:
    """What the database is asked meanwhile."""
    asked: list[str] = []
    engine = rig.app[SESSIONS].kw["bind"].sync_engine

    def note(_c: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        asked.append(statement)

    engines = {engine, rig.app[READING].kw["bind"].sync_engine}
    for each in engines:
        event.listen(each, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        for each in engines:
            event.remove(each, "before_cursor_execute", note)


@pytest.mark.parametrize("speaks_fhir", [False, True])
async def test_unknown_anothers_and_a_wrong_birth_date_are_one_answer_with_one_work(
    rig: Rig, speaks_fhir: bool
) -> None:
    own = await register(rig)
    kind = "application/fhir+json" if speaks_fhir else "application/json"
    theirs = question(rig, PER)  # a policy of the other insurer
    wrong = question(rig, KARI) | {"holder_birth_date": "1901-01-01"}
    token = await own.token()
    heard = []
    for asked in (KYP, theirs, wrong):
        with statements(rig) as done:
            sent = fhir(asked) if speaks_fhir else asked
            answer = await own.check(sent, token=token, Content_Type=kind)
        text = (await answer.text()).replace(asked["number"], "N")
        headers = {n: v for n, v in answer.headers.items() if n not in ("Date", "Content-Length")}
        heard.append((answer.status, text, headers, done))
    assert heard[0] == heard[1] == heard[2]
    if not speaks_fhir:
        assert json.loads(heard[0][1]) == UNKNOWN
    other = await register(rig, client="other", insurer=OTHER, key=STRANGER)
    assert (await said(other, theirs))["answer"] == "covered"  # it is there


async def test_whether_somebody_has_been_a_patient_changes_no_answer(rig: Rig) -> None:
    own = await register(rig)
    asked = question(rig, KARI)
    heard = []
    for visited in (False, True):
        if visited:
            _, doctor, visit = await rig.consult(KARI, SOLVEIG)
            await rig.hang_up(doctor, visit)
            await doctor.press("Signer og send", NOTE)
        with statements(rig) as done:
            answer = await own.check(asked)
        headers = {name: said for name, said in answer.headers.items() if name != "Date"}
        heard.append((await answer.text(), headers, done))
    assert heard[0] == heard[1]


async def test_whose_program_it_is_is_asked_once_in_a_transaction_and_in_each(rig: Rig) -> None:
    await register(rig)
    for _ in range(2):
        async with work(rig.app) as unit:
            with statements(rig) as asked:
                assert [await whose(unit, "own-web") for _ in range(3)] == [OWN] * 3
        assert sum("FROM insurer_client" in statement for statement in asked) == 1


async def test_every_question_is_written_for_the_patient_to_see(rig: Rig) -> None:
    own = await register(rig)
    for asked in (question(rig, KARI), question(rig, PER), KYP):
        await said(own, asked)
    rows = await rig.rows(LookUpRow)
    assert [row.number for row in rows] == [rig.policy(KARI), rig.policy(PER), "KYP-999999"]
    assert {(row.insurer, row.clerk, row.day) for row in rows} == {
        (OWN, "own-web", rig.clock.now.date())
    }


async def test_what_is_refused_is_no_look_up(rig: Rig) -> None:
    own = await register(rig)
    for body in ({}, {"number": "x"}, question(rig, KARI) | {"reason": "kanarihalsvondt"}, b"{"):
        answer = await own.check(body)
        assert answer.status in (400, 422) and "kanari" not in await answer.text()
    assert await rig.rows(LookUpRow) == []


async def test_asked_again_with_the_same_key_it_is_one_look_up_and_one_answer(rig: Rig) -> None:
    own = await register(rig)
    asked = question(rig, KARI)
    first = await said(own, asked, Idempotency_Key="a")
    await take_in(rig, KARI, valid_until=rig.clock.now.date() - timedelta(days=1))
    assert await said(own, asked, Idempotency_Key='"a"') == first  # with or without quotes
    assert (await said(own, asked, Idempotency_Key="b"))["reason"] == "expired"
    assert len(await rig.rows(LookUpRow)) == 2


async def test_a_key_with_another_question_is_refused(rig: Rig) -> None:
    own = await register(rig)
    await said(own, question(rig, KARI), Idempotency_Key="a")
    for other in (question(rig, INGRID), question(rig, KARI, for_child=True)):
        refused = await own.check(other, Idempotency_Key="a")
        assert refused.status == 422
        assert (await refused.json())["type"] == "urn:venterom:problem:key-reused"
    assert len(await rig.rows(LookUpRow)) == 1


async def test_the_same_key_of_another_client_is_another_key(rig: Rig) -> None:
    own, more = await register(rig), await register(rig, client="more")
    for each in (own, more):
        await said(each, question(rig, KARI), Idempotency_Key="a")
    assert len(await rig.rows(LookUpRow)) == 2


async def test_many_at_once_with_one_key_are_one_look_up(rig: Rig) -> None:
    own = await register(rig)
    token, asked = await own.token(), question(rig, KARI)
    heard = await asyncio.gather(
        *(own.check(asked, token=token, Idempotency_Key="a") for _ in range(20))
    )
    assert {await answer.text() for answer in heard} == {await heard[0].text()}
    assert {answer.status for answer in heard} == {200}
    assert len(await rig.rows(LookUpRow)) == 1


@pytest.mark.parametrize("key", ["", '"', "a b", "å", "x" * 256])
async def test_a_key_that_cannot_be_kept_is_refused(rig: Rig, key: str) -> None:
    own = await register(rig)
    refused = await own.check(question(rig, KARI), Idempotency_Key=key)
    assert refused.status == 400
    assert (await refused.json())["type"] == "urn:venterom:problem:bad-key"


@pytest.mark.parametrize(
    "shown",
    [
        *("", "Bearer", "Bearer x", "Bearer x.y", "Basic b3duOnBhc3M=", "DPoP {}", "{}"),
        *("Bearer {}x", "Bearer {0}.{0}", "Bearer x" + 4_000 * "x", "Bearer " + 2_000 * "."),
    ],
)
async def test_without_a_token_of_ours_nothing_is_asked(rig: Rig, shown: str) -> None:
    own = await register(rig)
    token = await own.token()
    answer = await own.check(question(rig, KARI), Authorization=shown.format(token))
    assert answer.status == 401
    assert answer.headers["WWW-Authenticate"] == 'Bearer error="invalid_token"'
    assert await rig.rows(LookUpRow) == []


async def test_a_token_is_over_after_five_minutes(rig: Rig) -> None:
    own = await register(rig)
    token = await own.token()
    rig.clock.tick(minutes=5)
    assert (await own.check(question(rig, KARI), token=token)).status == 401


async def test_numbers_guessed_in_sequence_soon_stop(rig: Rig) -> None:
    own = await register(rig)
    heard = []
    with capture_logs() as lines:
        for n in range(10_000, 10_020):
            answer = await own.check({**KYP, "number": f"FJP-{n}"})
            heard.append(answer.status)
    assert heard == [200] * WALK + [429] * (20 - WALK)
    assert answer.headers["Retry-After"] == "3600"
    [told] = [line for line in lines if line["event"] == "insurer_client_shut_out"]
    assert told["client"] == "own-web"
    assert (await own.check(question(rig, KARI))).status == 429  # own ones, too, until then
    other = await register(rig, client="other", insurer=OTHER, key=STRANGER)
    assert (await other.check(question(rig, PER))).status == 200  # but nobody else
    rig.clock.tick(hours=1)
    assert (await own.check(question(rig, KARI))).status == 200


async def test_guessing_scattered_numbers_finds_nobody_and_is_stopped(rig: Rig) -> None:
    own = await register(rig)
    token, heard = await own.token(), set()
    for n in range(200):  # scattered, each with a birth date that it could be
        number = f"FJP-{100_000 + 7_919 * n % 900_000}"
        answer = await own.check({**KYP, "number": number}, token=token)
        heard.add((answer.status, await answer.text() if answer.status == 200 else ""))
    assert {text for status, text in heard if status == 200} == {
        json.dumps(UNKNOWN, separators=(",", ":"))
    }
    assert 429 in {status for status, _ in heard}
    assert len(await rig.rows(LookUpRow)) <= 20


async def test_guesses_that_are_made_at_once_are_counted_one_by_one(rig: Rig) -> None:
    own = await register(rig)
    token = await own.token()
    scattered = [f"FJP-{100_000 + 7_919 * n % 900_000}" for n in range(60)]
    heard = await asyncio.gather(
        *(own.check({**KYP, "number": number}, token=token) for number in scattered)
    )
    assert sorted(answer.status for answer in heard) == [200] * 20 + [429] * 40
    assert len(await rig.rows(LookUpRow)) == 20


async def test_one_that_fails_keeps_no_other_from_being_answered(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = await register(rig)
    token, fails = await own.token(), rig.policy(INGRID)
    check = coverage.check

    async def sometimes(*arguments: Any, **more: Any) -> Any:
        if more["number"] == fails:
            raise RuntimeError
        return await check(*arguments, **more)

    monkeypatch.setattr(coverage, "check", sometimes)
    names = [KARI, INGRID, KARI, INGRID, KARI]
    heard = await asyncio.gather(*(own.check(question(rig, name), token=token) for name in names))
    assert [answer.status for answer in heard] == [200, 500, 200, 500, 200]
    assert len(await rig.rows(LookUpRow)) == 3


async def test_a_repeated_question_is_one_miss(rig: Rig) -> None:
    own = await register(rig)
    for _ in range(2 * WALK):
        assert (await own.check(KYP, Idempotency_Key="a")).status == 200


async def test_a_rush_of_one_client_is_told_to_wait_and_is_alone_with_it(rig: Rig) -> None:
    own = await register(rig)
    token, asked = await own.token(), question(rig, KARI)
    heard = [(await own.check(asked, token=token)).status for _ in range(BURST + 1)]
    assert heard == [200] * BURST + [429]
    other = await register(rig, client="other", insurer=OTHER, key=STRANGER)
    assert (await other.check(question(rig, PER))).status == 200
    rig.clock.tick(seconds=1)
    assert (await own.check(asked, token=token)).status == 200


async def test_a_body_that_is_too_large_is_not_read(rig: Rig) -> None:
    own = await register(rig)
    for body in (b" " * 20_000, b'{"number":"' + b"x" * 1_000_000 + b'"}'):
        answer = await own.check(body)
        assert answer.status == 413 and answer.content_type == "application/problem+json"


async def test_a_browser_is_no_program(rig: Rig) -> None:
    """No cookie opens anything here, no foreign page gets leave to ask, and a page is no answer."""
    clerk = await rig.sign_in("Berit Kundeprøve", "/insurer")
    answer = await clerk.raw("POST", "/insurer/v1/eligibility", json=question(rig, KARI))
    assert answer.status == 401
    turned = await clerk.raw("GET", "/insurer/v1/openapi.json?lang=nn")
    assert turned.status == 303  # what is no fault is passed on
    asked = await clerk.raw("OPTIONS", "/insurer/v1/eligibility")
    assert asked.status == 405 and "Access-Control-Allow-Origin" not in asked.headers
    for method, path in (("GET", "nothing"), ("GET", "eligibility"), ("DELETE", "policies")):
        answer = await clerk.raw(method, f"/insurer/v1/{path}")
        assert answer.content_type == "application/problem+json"
        assert re.search("<|html", await answer.text()) is None
    assert (await clerk.raw("POST", "/insurer/v1/../sign-out")).status in (403, 404)


async def test_a_fault_is_no_page_and_says_nothing(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = await register(rig)

    async def away(*_a: object, **_k: object) -> None:
        await asyncio.sleep(0)
        raise RuntimeError(rig.policy(KARI))

    monkeypatch.setattr("venterom.web.insurer_api.lookups.ask", away)
    with capture_logs() as lines:
        answer = await own.check(question(rig, KARI))
    assert answer.status == 500 and rig.policy(KARI) not in await answer.text()
    [failed] = [line for line in lines if line["event"] == "failed"]
    assert (failed["code"], failed["route"]) == ("RuntimeError", "/insurer/v1/eligibility")


async def test_a_token_without_the_right_does_not_ask(rig: Rig) -> None:
    own = await register(rig, may=frozenset({Scope.POLICIES}))
    assert (await own.check(question(rig, KARI))).status == 403
