"""Somebody else's EPJ over HTTP: who we are is shown, and every answer is read strictly."""

import asyncio
import copy
from collections.abc import AsyncGenerator, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import ClientSession, ClientTimeout, web
from cryptography.hazmat.primitives.asymmetric import ec

from tests.conftest import FakeClock
from tests.house import free_port
from tests.journal.make import NOON
from tests.journal.stand_in import TOKEN_LIFE, StandIn, as_fhir, beside, refusal, side_of
from tests.journal.test_fhir import MANIFEST, SIGNED
from tests.journal.test_fhir_amended import ADDED, ANEW
from venterom.journal import fhir
from venterom.journal.epj_answer import Receipt, Said
from venterom.journal.errors import EpjSaid
from venterom.journal.fhir import SignedNote
from venterom.journal.fhir_parts import name_of
from venterom.journal.outside_epj import AROUND, OutsideEpj

pytestmark = pytest.mark.adapter
BUNDLE = fhir.bundle(SIGNED)
Both = tuple[StandIn, OutsideEpj]


@pytest.fixture
async def both(clock: FakeClock) -> AsyncGenerator[Both]:
    """The stand-in and the adapter."""
    async with beside(clock) as pair:
        yield pair


async def deliver(epj: OutsideEpj) -> Receipt:
    return await epj.deliver(MANIFEST.visit, BUNDLE)


async def refused(epj: OutsideEpj) -> EpjSaid:
    with pytest.raises(EpjSaid) as fault:
        await deliver(epj)
    return fault.value


async def test_a_note_is_taken_and_a_repeat_changes_nothing(both: Both, clock: FakeClock) -> None:
    other, epj = both
    receipt = await deliver(epj)
    assert (receipt.note, receipt.content_hash) == (MANIFEST.visit, MANIFEST.content_hash)
    assert receipt.reference.startswith("DocumentReference/") and receipt.received_at == NOON
    held = copy.deepcopy(other.held)
    clock.tick(days=3)
    assert await deliver(epj) == receipt
    assert other.held == held and other.encounters() == [MANIFEST.visit]


@pytest.mark.parametrize("later", [ANEW, ADDED])
async def test_a_later_version_is_taken_beside_the_note_of_the_same_encounter(
    both: Both, later: SignedNote
) -> None:
    other, epj = both
    await deliver(epj)
    held = len(other.held)
    name, bundle = name_of(MANIFEST.visit, later.manifest.version), fhir.bundle(later)
    receipt = await epj.deliver(name, bundle)
    assert (receipt.note, receipt.content_hash) == (name, later.manifest.content_hash)
    assert await epj.deliver(name, bundle) == receipt
    assert len(other.held) == held + len(bundle["entry"])
    assert other.encounters() == [MANIFEST.visit]


async def test_a_token_is_used_until_shortly_before_its_end(both: Both, clock: FakeClock) -> None:
    other, epj = both
    await deliver(epj)
    clock.tick(seconds=TOKEN_LIFE.total_seconds() - 31)
    await deliver(epj)
    assert len(other.jtis) == 1
    clock.tick(seconds=2)
    await deliver(epj)
    assert len(other.jtis) == 2  # each assertion has an id of its own


async def test_a_token_that_was_taken_back_is_asked_for_anew_once(both: Both) -> None:
    other, epj = both
    await deliver(epj)
    other.tokens.clear()
    await deliver(epj)
    assert len(other.jtis) == 2
    other.before.extend([lambda: refusal(401)] * 2)
    assert (await refused(epj)).said == Said.NOT_LET_IN
    assert other.asked == 5 and not other.before


async def test_a_key_that_they_do_not_know_opens_nothing(both: Both) -> None:
    other, _ = both
    stranger = replace(side_of(other), key=ec.derive_private_key(8, ec.SECP256R1()))
    async with ClientSession() as http:
        fault = await refused(OutsideEpj(stranger, http, other.clock))
    assert fault.said == Said.NOT_LET_IN and other.asked == 0


@pytest.mark.parametrize(
    ("answer", "said", "rest"),
    [
        (lambda: refusal(401), Said.NOT_LET_IN, 0),
        (lambda: refusal(400), Said.NOT_LET_IN, 0),
        (lambda: refusal(302, Location="/other"), Said.NOT_LET_IN, 0),
        (lambda: web.Response(text="<html>"), Said.NOT_LET_IN, 0),
        (lambda: web.Response(body=b"x" * (AROUND + 1)), Said.NONSENSE, 0),
        (lambda: refusal(429, Retry_After="30"), Said.BUSY, 30),
        (lambda: refusal(503), Said.BUSY, 0),
        (lambda: refusal(500), Said.BROKEN, 0),
    ],
)
async def test_without_a_token_no_note_leaves_the_house(
    both: Both, answer: Callable[[], web.Response], said: Said, rest: int
) -> None:
    other, epj = both
    other.token_answers.append(answer)
    fault = await refused(epj)
    assert (fault.said, fault.rest, other.asked) == (said, timedelta(seconds=rest), 0)
    assert await deliver(epj)


@pytest.mark.parametrize(
    ("answer", "said", "rest"),
    [
        (lambda: refusal(302, Location="/elsewhere"), Said.MOVED, 0),
        (lambda: refusal(307, Location="/fhir"), Said.MOVED, 0),
        (lambda: refusal(400), Said.REFUSED, 0),
        (lambda: refusal(409), Said.CONFLICT, 0),
        (lambda: refusal(412), Said.SEVERAL, 0),
        (lambda: refusal(429, Retry_After="120"), Said.BUSY, 120),
        (lambda: refusal(500), Said.BROKEN, 0),
        (lambda: refusal(503, Retry_After="9999999"), Said.BUSY, 3600),
        (lambda: refusal(200), Said.ERROR_INSIDE, 0),
        (lambda: web.Response(text="<html>Logg inn</html>"), Said.NONSENSE, 0),
        (lambda: web.Response(status=204), Said.NONSENSE, 0),
        (lambda: web.Response(body=b"[" * 90_000), Said.NONSENSE, 0),
    ],
)
async def test_what_nobody_took_is_held_nowhere_and_goes_the_next_time(
    both: Both, answer: Callable[[], web.Response], said: Said, rest: int
) -> None:
    other, epj = both
    other.before.append(answer)
    fault = await refused(epj)
    assert (fault.said, fault.rest) == (said, timedelta(seconds=rest))
    assert other.held == {} and other.asked == 1  # nothing was followed anywhere
    assert await deliver(epj)


def cut(answer: dict[str, Any]) -> web.Response:
    return web.Response(body=as_fhir(answer).body[:-200], content_type="application/fhir+json")  # type: ignore[index]


def half(answer: dict[str, Any]) -> web.Response:
    return as_fhir(answer | {"entry": answer["entry"][:2]})


def of_another_patient(answer: dict[str, Any]) -> web.Response:
    changed = copy.deepcopy(answer)
    changed["entry"][0]["resource"]["subject"]["identifier"]["value"] = "0" * 64
    return as_fhir(changed)


def too_large(answer: dict[str, Any]) -> web.Response:
    return as_fhir(answer | {"note": "x" * 10_000_000})


def an_error(answer: dict[str, Any]) -> web.Response:
    return refusal(200)


@pytest.mark.parametrize(
    ("instead", "said"),
    [
        (cut, Said.NONSENSE),
        (half, Said.HALF),
        (of_another_patient, Said.OTHER_PATIENT),
        (too_large, Said.NONSENSE),
        (an_error, Said.ERROR_INSIDE),
    ],
)
async def test_what_was_taken_without_a_good_answer_is_taken_once_all_the_same(
    both: Both, instead: Callable[[dict[str, Any]], web.Response], said: Said
) -> None:
    other, epj = both
    other.instead.append(instead)
    assert (await refused(epj)).said == said
    held = copy.deepcopy(other.held)
    assert await deliver(epj)
    assert other.held == held and other.order == [MANIFEST.visit]


async def test_an_answer_that_never_comes_is_silence_and_the_note_is_there_once(
    both: Both,
) -> None:
    other, epj = both

    def lost(answer: dict[str, Any]) -> web.Response:
        raise asyncio.CancelledError  # the connection ends without a word

    other.instead.append(lost)
    assert (await refused(epj)).said == Said.SILENT
    assert await deliver(epj) and other.order == [MANIFEST.visit]


async def test_a_slow_answer_is_silence_and_the_note_is_there_once(both: Both) -> None:
    other, patient = both
    other.slow = asyncio.Event()
    async with ClientSession(timeout=ClientTimeout(total=0.3)) as http:
        epj = OutsideEpj(side_of(other), http, other.clock)
        assert (await refused(epj)).said == Said.SILENT
        other.slow.set()
        assert await deliver(patient) and other.order == [MANIFEST.visit]


async def test_nobody_at_the_address_is_silence(clock: FakeClock) -> None:
    nobody = StandIn(clock, f"http://127.0.0.1:{free_port()}")
    async with ClientSession() as http:
        assert (await refused(OutsideEpj(side_of(nobody), http, clock))).said == Said.SILENT


async def test_other_content_under_the_same_visit_is_never_taken_for_ours(both: Both) -> None:
    other, epj = both
    await deliver(epj)
    changed = fhir.bundle(replace(SIGNED, manifest=replace(MANIFEST, content_hash="d" * 64)))
    with pytest.raises(EpjSaid) as fault:
        await epj.deliver(MANIFEST.visit, changed)
    assert fault.value.said == Said.OTHER_CONTENT
    assert other.encounters() == [MANIFEST.visit]


async def test_the_stand_in_takes_no_code_that_may_not_stand_there(both: Both) -> None:
    other, epj = both
    wrong = copy.deepcopy(BUNDLE)
    wrong["entry"][0]["resource"]["status"] = "over"
    with pytest.raises(EpjSaid) as fault:
        await epj.deliver(MANIFEST.visit, wrong)
    assert fault.value.said == Said.REFUSED and other.held == {}


async def test_neither_key_nor_token_is_shown(both: Both) -> None:
    other, epj = both
    await deliver(epj)
    assert "PrivateKey" not in repr(side_of(other)) and next(iter(other.tokens)) not in repr(epj)
