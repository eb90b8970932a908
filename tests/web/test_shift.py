"""A doctor goes on shift and off, and sees first whom that leaves behind."""

from datetime import timedelta

import pytest

from tests.web.rig import JONAS, KARI, NOON, NOTE, PER, RAGNA, REASON, SOLVEIG, Rig
from venterom.queue.tables import EntryRow, OutcomeRow, PromiseRow, ShiftRow

pytestmark = pytest.mark.slow

OFF_SHIFT = "Yusuf Brevikstest"


async def test_a_doctor_goes_on_shift_changes_its_end_and_goes_off(rig: Rig) -> None:
    doctor = await rig.doctor(OFF_SHIFT, "/doctor/shift")
    page = await doctor.press("Gå på vakt", {"Vakten varer til": "18:00"})
    assert "Din vakt til kl. 18:00" in page.main
    page = await doctor.click("Endre vakt")
    assert page.title == "Du er på vakt til kl. 18:00"
    page = await doctor.press("Endre")  # nothing was touched
    assert "Din vakt til kl. 18:00" in page.main
    await doctor.click("Endre vakt")
    page = await doctor.press("Endre", {"Vakten varer til": "20:30"})
    assert "Din vakt til kl. 20:30" in page.main
    await doctor.click("Endre vakt")
    page = await doctor.press("Gå av vakt")
    assert "Du er ikke på vakt." in page.main


async def test_the_shift_that_is_planned_is_the_one_that_is_offered(rig: Rig) -> None:
    director = await rig.sign_in(RAGNA, "/director/plan")
    doctor = await rig.doctor(OFF_SHIFT, "/doctor/shift")
    assert "Du er satt opp" not in doctor.page.main
    typed = {"Lege": OFF_SHIFT, "Dag": "2026-11-24", "Fra kl.": "12:15", "Til kl.": "17:20"}
    await director.press("Lagre", typed)
    page = await doctor.open("/doctor/shift")
    assert "Du er satt opp 12:15–17:20" in page.main
    page = await doctor.press("Gå på vakt")  # nothing was touched
    assert "Din vakt til kl. 17:20" in page.main


async def test_an_end_that_is_not_on_the_hour_is_not_moved_by_looking_at_it(rig: Rig) -> None:
    doctor = await rig.doctor(OFF_SHIFT, "/doctor/shift")
    odd = NOON + timedelta(hours=2, minutes=7)
    await doctor.post("/doctor/shift", {"act": "on", "until": odd.isoformat()})
    await doctor.open("/doctor/shift")
    page = await doctor.press("Endre")
    assert "Din vakt til kl. 14:07" in page.main


NO_ENDS = [
    ("2026-11-24T11:00:00+00:00", "Vakten må slutte senere enn nå."),  # now
    ("2026-11-24T10:59:00+00:00", "Vakten må slutte senere enn nå."),
    ("0001-01-01T00:00:00+23:59", "Vakten må slutte senere enn nå."),
    ("2026-11-24T18:00:00", "Vakten må slutte senere enn nå."),  # of which clock?
    ("", "Vakten må slutte senere enn nå."),
    ("i morgen <b>", "Vakten må slutte senere enn nå."),
    ("2026-11-25T11:00:00+00:00", "En vakt kan vare i tolv timer."),
    ("9999-12-31T23:59:59-23:59", "En vakt kan vare i tolv timer."),
]


async def test_an_end_that_cannot_be_is_said_beside_the_field(rig: Rig) -> None:
    doctor = await rig.doctor(OFF_SHIFT, "/doctor/shift")
    before = await rig.rows(ShiftRow)
    for until, trouble in NO_ENDS:
        page = await doctor.post("/doctor/shift", {"act": "on", "until": until})
        assert (page.status, page.path) == (422, "/doctor/shift"), until
        assert page.trouble("Vakten varer til") == trouble, until
    assert await rig.rows(ShiftRow) == before


async def test_nobody_goes_home_with_a_patient_in_the_room(rig: Rig) -> None:
    _patient, doctor, visit = await rig.consult()
    await doctor.open("/doctor/shift")
    page = await doctor.press("Gå av vakt")
    assert (page.status, page.path) == (422, "/doctor/shift")
    assert page.trouble("Vakten varer til") == "Du har en pasient i rommet. Legg på først."
    await rig.hang_up(doctor, visit)
    await doctor.press("Signer og send", NOTE)
    await doctor.open("/doctor/shift")
    page = await doctor.press("Gå av vakt")
    assert "Du er ikke på vakt." in page.main


# ---- what is not signed


async def test_a_doctor_who_goes_is_told_by_name_what_is_not_signed(rig: Rig) -> None:
    _patient, doctor, visit = await rig.consult(KARI)
    await rig.hang_up(doctor, visit)
    rig.clock.tick(minutes=25)
    await doctor.open("/doctor/shift")
    page = await doctor.press("Gå av vakt")
    assert (page.status, page.path) == (409, "/doctor/shift")
    assert f"1 notat er ikke signert. {KARI}, 25 min siden" in page.main
    assert page.title.startswith("Du er på vakt")  # and nothing is changed
    page = await doctor.press("Gå av vakt likevel")
    assert "Du er ikke på vakt." in page.main
    assert KARI in page.tree.by_id("mine").text  # it follows the doctor
    assert (await doctor.open(page.link(f"Åpne {KARI}"))).path == f"/doctor/visit/{visit}"


async def test_a_shift_that_only_ends_earlier_says_nothing_of_notes(rig: Rig) -> None:
    _patient, doctor, visit = await rig.consult(KARI)
    await rig.hang_up(doctor, visit)
    await doctor.open("/doctor/shift")
    page = await doctor.press("Endre", {"Vakten varer til": "19:30"})
    assert "Din vakt til kl. 19:30" in page.main


async def test_the_director_sees_whose_notes_are_late_and_nothing_of_them(rig: Rig) -> None:
    _patient, doctor, visit = await rig.consult(KARI)
    await rig.hang_up(doctor, visit)
    director = await rig.sign_in(RAGNA, "/director/unsigned")
    assert "Ingen er over fristen." in director.page.main
    assert "1 notat er ikke signert ennå" in director.page.main
    rig.clock.tick(hours=24, minutes=1)
    doctor = await rig.doctor()
    assert "24 timer siden" in doctor.page.tree.by_id("mine").text
    assert "Over fristen" in doctor.page.tree.by_id("mine").text
    director = await rig.sign_in(RAGNA, "/director/unsigned")
    assert f"{SOLVEIG} 1 tirsdag 24. november kl. 12:00, 24 timer siden" in director.page.main
    for secret in (KARI, KARI.split()[0], visit, REASON):
        assert secret not in director.page.body


# ---- who is left behind


async def test_a_doctor_who_goes_is_told_first_who_is_promised_and_nothing_promised_is_changed(
    rig: Rig,
) -> None:
    await rig.waiting(KARI)
    await rig.waiting(PER)
    entries, lines = await rig.rows(EntryRow), await rig.rows(PromiseRow)
    doctor = await rig.doctor(SOLVEIG, "/doctor/shift")
    page = await doctor.press("Gå av vakt")
    assert (page.status, page.path) == (409, "/doctor/shift")
    assert "2 pasienter som venter, er lovet en lege. 2 andre leger blir igjen." in page.main
    assert "Løftene gjelder selv om du går." in page.main
    assert page.title.startswith("Du er på vakt")
    page = await doctor.press("Gå av vakt likevel")
    assert "Du er ikke på vakt." in page.main
    assert await rig.rows(EntryRow) == entries and await rig.rows(PromiseRow) == lines
    assert await rig.rows(OutcomeRow) == []


async def test_who_leaves_nobody_behind_is_asked_nothing(rig: Rig) -> None:
    doctor = await rig.doctor(SOLVEIG, "/doctor/shift")
    page = await doctor.press("Gå av vakt")
    assert (page.status, "Du er ikke på vakt." in page.main) == (200, True)


async def test_a_shift_is_shortened_from_under_booked_times_only_when_they_were_seen(
    rig: Rig,
) -> None:
    for name in (JONAS, "Amina Viddeprøve"):
        other = await rig.doctor(name, "/doctor/shift")
        await other.press("Gå av vakt")
    patient = await rig.arrive(KARI)
    await patient.press("13:00")
    doctor = await rig.doctor(SOLVEIG, "/doctor/shift")
    page = await doctor.press("Endre", {"Vakten varer til": "13:00"})
    assert page.status == 409
    assert "Disse timene får for få leger: tirsdag 24. november kl. 13:00" in page.main
    assert page.value("Vakten varer til") == (NOON + timedelta(hours=1)).isoformat()
    assert "vakt til kl. 20:00" in page.title  # and nothing is changed
    page = await doctor.press("Endre likevel")
    assert "Din vakt til kl. 13:00" in page.main
    assert "Du har time tirsdag 24. november kl. 13:00" in (await patient.reload()).main


async def test_a_longer_shift_leaves_nobody_behind(rig: Rig) -> None:
    await rig.waiting(KARI)
    doctor = await rig.doctor(SOLVEIG, "/doctor/shift")
    page = await doctor.press("Endre", {"Vakten varer til": "21:00"})
    assert "Din vakt til kl. 21:00" in page.main
