"""The outcome of a technical test: who may send one, what is believed, and who sees it."""

import asyncio
import json
from typing import Any

import pytest
from aiohttp import ClientResponse

from tests.rtc.test_tested import ECHOED, SENT, UNTRIED, echoed
from tests.web.browser import Browser
from tests.web.rig import KARI, PER, SOLVEIG, Rig
from venterom.rtc.figures import Kept
from venterom.rtc.ticket import Role
from venterom.server.rooms import Floor
from venterom.web.measured import CallRow, CheckRow

pytestmark = pytest.mark.slow

CALL = [
    Kept("patient", 720, 70, 2, 4, 38, 61, 6, 420, 390, 1),
    Kept("doctor", 731, 0, 0, None, None, None, None, None, None, None),
]


async def put(rig: Rig, browser: Browser, visit: str, sent: object) -> ClientResponse:
    """What technical.js sends, or anything else."""
    path = f"/visit/{visit}/check"
    body = sent if isinstance(sent, str) else json.dumps(sent)
    return await browser.raw("PUT", path, {"X-CSRF-Token": rig.token(browser, path)}, data=body)


async def equipment(rig: Rig) -> str:
    """What stands on the doctor's list about the devices of the first who waits."""
    doctor = await rig.doctor()
    row = [*doctor.page.tree.by_id("waiting").every("tr")][1]
    return [*row.every("td")][5].text


@pytest.mark.parametrize(
    ("sent", "verdict", "told", "listed"),
    [
        (SENT, "good", "bra nok for lyd og bilde", "Bra nett Kamera og mikrofon virker"),
        (
            {**echoed(lost=60, came_back=940), "camera": False},
            "poor",
            "Gå nærmere ruteren",
            "Svakt nett Uten kamera",
        ),
        (
            {**echoed(room_kbit=300), "microphone": "quiet"},
            "poor",
            "Be andre vente",
            "Svakt nett Stille mikrofon",
        ),
        (
            {**echoed(round_trip_ms=900), "microphone": "none"},
            "too_poor",
            "for svakt til video",
            "For svakt til video Uten mikrofon",
        ),
        (
            {**UNTRIED, "way": "blocked"},
            "too_poor",
            "slipper ikke lyd og bilde gjennom",
            "For svakt til video Kamera og mikrofon virker",
        ),
        (
            {**UNTRIED, "speaker": "not_heard"},
            "not_measured",
            "Du hørte ikke tonene",
            "Nett ikke målt Kamera og mikrofon virker Hører ikke lyden",
        ),
    ],
)
async def test_the_patient_is_told_what_to_do_and_the_doctor_what_works(
    rig: Rig, sent: dict[str, Any], verdict: str, told: str, listed: str
) -> None:
    patient, visit = await rig.waiting(KARI)
    assert await equipment(rig) == "Ikke testet"
    answer = await put(rig, patient, visit, sent)
    said = json.loads(await answer.text())
    assert (answer.status, said["verdict"]) == (200, verdict)
    assert told in said["html"]
    assert await equipment(rig) == listed
    assert told in (await patient.reload()).main  # and after a reload


async def test_the_latest_test_counts(rig: Rig) -> None:
    patient, visit = await rig.waiting(KARI)
    for sent in (echoed(room_kbit=60), SENT):
        rig.clock.tick(minutes=1)
        await put(rig, patient, visit, sent)
    (row,) = await rig.rows(CheckRow)
    assert (row.visit, row.verdict, row.room_kbit) == (visit, "good", ECHOED["room_kbit"])
    assert row.at == rig.clock()


async def test_two_at_once_are_one(rig: Rig) -> None:
    patient, visit = await rig.waiting(KARI)
    answers = await asyncio.gather(*(put(rig, patient, visit, SENT) for _ in range(5)))
    assert {answer.status for answer in answers} == {200}
    assert len(await rig.rows(CheckRow)) == 1


@pytest.mark.parametrize(
    "sent",
    [
        "",
        "[",
        "[]",
        "null",
        "{}",
        '{"camera": NaN}',
        {**SENT, "more": 1},
        {**SENT, "camera": "<script>"},
        echoed(round_trip_ms=10**12),
        echoed(lost=-1),
        echoed(jitter_ms=1.5),
        json.dumps(SENT).replace("2400", "NaN"),
        json.dumps(SENT).replace("2400", "1e999"),
        '{"camera":' * 2000,
    ],
    ids=lambda sent: str(sent)[:40],
)
async def test_what_is_no_test_is_refused_and_nothing_is_kept(rig: Rig, sent: object) -> None:
    patient, visit = await rig.waiting(KARI)
    assert (await put(rig, patient, visit, sent)).status == 400
    assert await rig.rows(CheckRow) == []


async def test_nobody_tests_for_another(rig: Rig) -> None:
    _, visit = await rig.waiting(KARI)
    other, _ = await rig.waiting(PER)
    assert (await put(rig, other, visit, SENT)).status == 404
    assert await rig.rows(CheckRow) == []


async def test_there_is_nothing_to_test_for_when_the_visit_is_over(rig: Rig) -> None:
    patient, visit = await rig.waiting(KARI)
    await patient.press("Ja, avbryt timen")
    assert (await put(rig, patient, visit, SENT)).status == 409
    assert await rig.rows(CheckRow) == []


async def test_the_figures_of_a_call_stand_beside_its_note(rig: Rig) -> None:
    _, doctor, visit = await rig.consult(KARI, SOLVEIG)
    assert "Nett i samtalen" not in doctor.page.main
    await Floor(rig.app).measured(visit, CALL)
    page = await doctor.open(f"/doctor/visit/{visit}")
    assert "Nett i samtalen Bra nett" in page.main
    assert "Pasient: tap 0,4 %, forsinkelse 38 ms, 2 gjenkoblinger" in page.main.replace(
        "\xa0", " "
    )
    assert "Lege: ikke målt" in page.main


async def test_each_call_of_a_visit_is_kept_and_the_last_is_shown(rig: Rig) -> None:
    _, doctor, visit = await rig.consult(KARI, SOLVEIG)
    await Floor(rig.app).measured(visit, CALL)
    rig.clock.tick(minutes=1)
    await Floor(rig.app).measured(visit, [Kept("patient", 60, 6, 0, 200, 40, 50, 4, 90, 90, 9)])
    rows = await rig.rows(CallRow, visit=visit)
    assert sorted((row.seat, row.lost) for row in rows if row.lost) == [
        (Role.PATIENT, 4),
        (Role.PATIENT, 200),
    ]
    page = await doctor.open(f"/doctor/visit/{visit}")
    assert "For svakt til video" in page.main and "Lege: ikke målt" not in page.main
