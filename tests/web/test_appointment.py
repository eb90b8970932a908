"""A booked time in the patient's hands: moved, cancelled, in a calendar; and who is not there."""

import asyncio
from datetime import UTC, datetime, time, timedelta

import pytest

from tests.web.beginnings import beginning
from tests.web.browser import Browser
from tests.web.rig import JONAS, KARI, NOON, PER, SOLVEIG, Rig
from tests.web.test_booking import everybody_goes_home, plan, press_at_once, slots, still_on_shift
from tests.web.test_ics import read
from tests.web.test_waiting import SECRETS, state
from venterom.queue.states import State
from venterom.queue.tables import EntryRow, OutcomeRow, SeatRow
from venterom.server import jobs
from venterom.server.config import Hours
from venterom.server.notify import feed
from venterom.web.text import OSLO
from venterom.web.work import look

pytestmark = pytest.mark.slow


@pytest.fixture
def more_settings() -> dict[str, object]:
    """The opening hours of the real service."""
    return {"hours": Hours(opens=time(7), closes=time(22))}


def oslo(hour: int, minute: int = 0) -> datetime:
    """A time on the Tuesday of the tests, as clocks in Norway show it."""
    return datetime(2026, 11, 24, hour, minute, tzinfo=OSLO).astimezone(UTC)


@beginning
async def booked(rig: Rig, at: str = "12:30", name: str = KARI) -> tuple[Browser, str]:
    """A patient who has booked a time today, and the visit."""
    patient = await rig.arrive(name)
    await patient.press(at)
    return patient, patient.page.path.removeprefix("/visit/")


async def messages(rig: Rig) -> list[str]:
    """What was sent, the newest first."""
    await jobs.tell(rig.app)
    async with look(rig.app) as unit:
        return [sent.text for sent in await feed.inbox(unit.db, rig.app[jobs.POST])]


# ---- moved


async def test_a_time_is_moved_from_the_page_of_the_visit(rig: Rig) -> None:
    patient, visit = await booked(rig)
    page = await patient.click("Flytt timen")
    assert "Nå har du time tirsdag 24. november kl. 12:30" in page.main
    assert oslo(12, 30).isoformat() not in slots(page)
    page = await patient.press("14:15")
    assert (page.path, page.promised) == (f"/visit/{visit}", oslo(14, 15).isoformat())
    assert "Du har time tirsdag 24. november kl. 14:15" in page.main
    [seat] = await rig.rows(SeatRow)
    assert seat.starts_at == oslo(14, 15)
    newest, first = await messages(rig)
    assert "kl. 14:15" in newest and "kl. 12:30" in first


async def test_the_other_open_page_sees_the_new_time(rig: Rig) -> None:
    patient, visit = await booked(rig)
    phone = await rig.sign_in(KARI, f"/visit/{visit}")
    await patient.click("Flytt timen")
    await patient.press("14:15")
    assert "kl. 14:15" in await state(phone, visit)


async def test_who_is_too_late_for_the_new_time_keeps_the_old_one(rig: Rig) -> None:
    await everybody_goes_home(rig)
    await plan(rig, NOON + timedelta(minutes=30))  # one doctor: one seat each quarter
    one, visit = await booked(rig, "12:30")
    two, _ = await booked(rig, "12:45", PER)
    await one.open(f"/visit/{visit}/move")
    await two.click("Flytt timen")
    await two.press("13:00")
    page = await one.press("13:00")
    assert page.status == 409
    assert "Den timen ble nettopp tatt." in page.main
    assert "Du har fortsatt timen din." in page.main
    assert "13:00" not in [node.text for node in page.tree.every("button")]
    assert (await one.open(f"/visit/{visit}")).promised == oslo(12, 30).isoformat()
    page = await one.open(f"/visit/{visit}/move")
    assert page.button("12:45")  # which the other has left


@pytest.mark.parametrize(
    ("now", "slot", "words"),
    [
        (oslo(12), oslo(11, 30), "Den tiden er for nær, eller utenfor åpningstiden."),  # passed
        (oslo(12), oslo(12, 15), "Den tiden er for nær"),
        (oslo(12), oslo(12, 37), "Den tiden er for nær"),  # between two
        (oslo(21, 59), oslo(22), "Den tiden er for nær, eller utenfor åpningstiden."),
        (oslo(21, 59), oslo(21, 59), "Den tiden er for nær"),
        (oslo(12), None, "Den tiden er for nær"),
    ],
)
async def test_a_time_that_cannot_be_had_gets_a_clear_answer(
    rig: Rig, now: datetime, slot: datetime | None, words: str
) -> None:
    rig.clock.now = now
    await still_on_shift(rig)
    await plan(rig, oslo(8) + timedelta(days=1))
    text = slot.isoformat() if slot else "snart"
    patient = await rig.arrive()
    page = await patient.post("/start/offer", {"slot": text})
    assert (page.status, words in page.main) == (409, True)
    assert await rig.rows(EntryRow) == []
    await patient.press("08:00" if now > oslo(21) else "13:00")
    page = await patient.post(f"{patient.page.path}/move", {"slot": text})
    assert (page.status, words in page.main) == (409, True)
    assert len(await rig.rows(SeatRow)) == 1


async def test_when_the_time_has_come_it_stays_where_it_is(rig: Rig) -> None:
    patient, visit = await booked(rig)
    form = await patient.click("Flytt timen")
    rig.clock.now = oslo(12, 30)
    for ask in (patient.open(f"/visit/{visit}/move"), patient.open(f"/visit/{visit}/time.ics")):
        page = await ask
        assert (page.status, page.title) == (409, "Timen kan ikke flyttes nå")
    patient.page = form
    page = await patient.press("14:15")
    assert (page.status, page.title) == (409, "Timen kan ikke flyttes nå")
    page = await patient.click("Vis timen min")
    assert page.path == f"/visit/{visit}" and "Flytt timen" not in page.main


async def test_nobody_moves_or_reads_anothers_time(rig: Rig) -> None:
    _patient, visit = await booked(rig)
    before = await rig.rows(EntryRow)
    other = await rig.sign_in(PER, "/")
    path, token = f"/visit/{visit}/move", rig.token(other, "/")
    form = {"csrf": token, "slot": oslo(14, 15).isoformat()}
    assert (await other.raw("POST", path, data=form)).status == 404
    assert (await other.raw("GET", f"/visit/{visit}/time.ics")).status == 404
    assert await rig.rows(EntryRow) == before


async def test_who_dropped_in_has_no_time_yet_and_may_take_one(rig: Rig) -> None:
    patient, visit = await rig.waiting()
    assert "Flytt timen" not in patient.page.main and "kalenderen" not in patient.page.main
    assert (await patient.open(f"/visit/{visit}/time.ics")).status == 409
    page = await patient.open(f"/visit/{visit}/move")
    assert page.status == 200
    assert "Nå venter du i køen, og vi lovte en lege innen kl. 12:20" in page.main
    page = await patient.press("14:15")
    assert (page.path, page.promised) == (f"/visit/{visit}", oslo(14, 15).isoformat())
    [entry] = await rig.rows(EntryRow)
    assert (entry.slot, entry.state) == (oslo(14, 15), State.WAITING)


# ---- cancelled


async def test_a_cancelled_time_is_free_for_others_at_once(rig: Rig) -> None:
    await everybody_goes_home(rig)
    await plan(rig, NOON + timedelta(minutes=30))
    patient, _ = await booked(rig)
    other = await rig.arrive(PER)
    assert oslo(12, 30).isoformat() not in slots(other.page)
    assert "Da blir timen ledig for en annen." in patient.page.main
    page = await patient.press("Ja, avbryt timen")
    assert page.title == "Timen er avbrutt"
    assert await rig.rows(SeatRow) == []
    rig.clock.tick(seconds=16)
    assert oslo(12, 30).isoformat() in slots(await other.reload())


async def test_moved_in_one_browser_and_cancelled_in_the_other_it_is_cancelled(rig: Rig) -> None:
    patient, visit = await booked(rig)
    phone = await rig.sign_in(KARI, f"/visit/{visit}")
    form = await phone.click("Flytt timen")
    await patient.press("Ja, avbryt timen")
    phone.page = form
    page = await phone.press("14:15")
    assert (page.status, page.title) == (409, "Timen kan ikke flyttes nå")
    [entry] = await rig.rows(EntryRow)
    assert entry.state == State.CANCELLED and await rig.rows(SeatRow) == []


async def test_moved_in_two_browsers_at_once_there_is_one_time(rig: Rig) -> None:
    patient, visit = await booked(rig)
    phone = await rig.sign_in(KARI, f"/visit/{visit}")
    tabs = [(patient, oslo(14, 15)), (phone, oslo(15)), (patient, oslo(14, 15))]
    answers = await asyncio.gather(
        *(
            browser.raw(
                "POST",
                f"/visit/{visit}/move",
                data={"csrf": browser.page.token, "slot": slot.isoformat()},
            )
            for browser, slot in tabs
        )
    )
    assert {answer.status for answer in answers} == {303}
    [seat], [entry] = await rig.rows(SeatRow), await rig.rows(EntryRow)
    assert seat.starts_at == entry.slot in (oslo(14, 15), oslo(15))


async def test_two_browsers_of_one_patient_book_one_time(rig: Rig) -> None:
    patient = await rig.arrive()
    phone = await rig.sign_in(KARI, "/start/offer")
    first, second = slots(patient.page)[:2]
    answers = await press_at_once([(patient, {"slot": first}), (phone, {"slot": second})])
    assert {answer.status for answer in answers} == {303}
    assert len({answer.headers["Location"] for answer in answers}) == 1
    assert len(await rig.rows(SeatRow)) == len(await rig.rows(EntryRow)) == 1


# ---- in the calendar


async def test_the_calendar_file_says_when_and_where_and_nothing_about_health(rig: Rig) -> None:
    patient, visit = await booked(rig)
    page = await patient.click("Legg timen i kalenderen")
    assert page.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert page.headers["Content-Disposition"] == 'attachment; filename="time.ics"'
    answer = await patient.raw("GET", f"/visit/{visit}/time.ics")
    properties = dict(read(await answer.read()))
    assert properties["DTSTART"] == "20261124T113000Z" and properties["DTEND"] == "20261124T114500Z"
    assert properties["UID"] == f"{visit}@venterom"
    said = (await answer.read()).replace(b"\r\n ", b"").decode()
    assert f"Her kommer du inn: {rig.url}/visit/{visit}" in said
    for secret in (*SECRETS, KARI, "lege", "helse", "sykdom", "journal"):
        assert secret.lower() not in said.lower().replace("venterom", ""), secret


async def test_a_moved_time_replaces_the_one_in_the_calendar(rig: Rig) -> None:
    patient, visit = await booked(rig)
    files = []
    for _ in range(2):
        answer = await patient.raw("GET", f"/visit/{visit}/time.ics")
        files.append(dict(read(await answer.read())))
        rig.clock.tick(minutes=2)
        await patient.open(f"/visit/{visit}/move")
        await patient.press("14:15" if len(files) == 1 else "15:00")
    first, second = files
    assert first["UID"] == second["UID"] and int(first["SEQUENCE"]) < int(second["SEQUENCE"])
    assert (first["DTSTART"], second["DTSTART"]) == ("20261124T113000Z", "20261124T131500Z")


async def test_the_calendar_file_is_in_the_readers_language(rig: Rig) -> None:
    patient, visit = await booked(rig)
    answer = await patient.raw("GET", f"/visit/{visit}/time.ics", {"Accept-Language": "en"})
    properties = dict(read(await answer.read()))
    assert properties["SUMMARY"] == "Video call"


# ---- nobody answers


async def test_who_does_not_answer_is_told_when_it_is_tried_again_and_so_is_the_doctor(
    rig: Rig,
) -> None:
    patient, visit = await booked(rig)
    rig.clock.now = oslo(12, 30)
    doctor = await rig.doctor(SOLVEIG)
    for tries, again in ((1, "12:32"), (2, "12:37")):
        await doctor.open("/doctor")
        page = await doctor.press("Ta neste")
        minutes = "2" if tries == 1 else "5"
        assert f"pasienten ringes igjen om {minutes} minutter" in page.main
        page = await doctor.press("Pasienten svarer ikke")
        assert f"Svarte ikke ({tries})" in page.main and f"Ringes igjen kl. {again}" in page.main
        assert f"Den som venter, ringes igjen kl. {again}." in page.main  # nobody to take now
        page = await patient.reload()
        assert "Legen var klar, men fikk ikke tak i deg." in page.main
        assert f"Vi prøver igjen kl. {again}." in page.main
        assert ("Det er det siste forsøket." in page.main) is (tries == 2)
        assert page.promised == oslo(12, int(again[3:])).isoformat()
        rig.clock.now = oslo(12, int(again[3:]))
        assert "Vi prøver igjen når neste lege er ledig." in (await patient.reload()).main
    await doctor.open("/doctor")
    page = await doctor.press("Ta neste")
    assert "Dette er tredje forsøk." in page.main
    page = await doctor.press("Pasienten svarer ikke")
    assert "Ingen venter nå." in page.main
    page = await patient.reload()
    assert page.title == "Vi fikk ikke tak i deg"
    assert "Legen prøvde tre ganger" in page.main
    [entry], [ended] = await rig.rows(EntryRow, visit=visit), await rig.rows(OutcomeRow)
    assert (entry.state, ended.outcome) == (State.NO_ANSWER, "kept")
    assert len([text for text in await messages(rig) if "Legen er klar" in text]) == 3


async def test_a_doctor_takes_another_while_who_did_not_answer_is_left_in_peace(rig: Rig) -> None:
    await booked(rig)
    rig.clock.now = oslo(12, 30)
    doctor = await rig.doctor(SOLVEIG)
    await doctor.press("Ta neste")
    await doctor.press("Pasienten svarer ikke")
    other, visit = await rig.waiting(PER)
    page = await doctor.open("/doctor")
    assert PER in page.tree.by_id("main").text
    page = await doctor.press("Ta neste")
    assert page.path == f"/doctor/visit/{visit}"
    assert "Legen er klar" in (await other.reload()).main


# ---- the door closes


async def test_who_waits_when_the_door_closes_is_told_honestly_and_whom_to_call(rig: Rig) -> None:
    rig.clock.now = oslo(21, 20)
    await still_on_shift(rig)
    patient, visit = await rig.waiting()
    rig.clock.now = oslo(22)
    await rig.jobs()
    assert "Vi rakk det ikke til kl. 21:40." in (await patient.reload()).main  # doctors are there
    await everybody_goes_home(rig)
    await rig.jobs()
    page = await patient.reload()
    assert page.title == "Det ble ingen time"
    assert "Vi holdt ikke det vi lovte, og det beklager vi." in page.main
    assert page.link("21 49 24 01") == "tel:21492401"
    assert "Vi åpner onsdag 25. november kl. 07:00." in page.main
    assert "Vi har stengt, og det ble ingen lege." in await state(patient, visit)
    [entry] = await rig.rows(EntryRow, visit=visit)
    [ended] = await rig.rows(OutcomeRow, promise=entry.promise)
    assert (entry.state, ended.outcome) == (State.UNSERVED, "broken")
    assert "21 49 24 01" in (await messages(rig))[0]


async def test_the_doctor_who_stays_on_takes_whoever_is_left(rig: Rig) -> None:
    rig.clock.now = oslo(21, 20)
    await still_on_shift(rig)
    _patient, visit = await rig.waiting()
    doctor = await rig.doctor(JONAS)
    rig.clock.now = oslo(22, 5)
    await rig.jobs()
    page = await doctor.press("Ta neste")
    assert page.path == f"/doctor/visit/{visit}"
