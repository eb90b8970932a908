"""The patient's visit: the waiting room, the way into the room, and what is read afterwards."""

import json

import pytest

from tests.web.browser import Browser
from tests.web.rig import INGRID, JONAS, KARI, NOTE, PER, SOLVEIG, Rig
from tests.web.test_consent import alone
from tests.web.test_whom import NORA
from venterom.journal.chain import Action
from venterom.journal.tables import AuditRow, ConsentRow, VisitRow
from venterom.queue.states import State
from venterom.queue.tables import EntryRow, OutcomeRow
from venterom.web.intake import Step

pytestmark = pytest.mark.slow

SECRETS = ("Forkjølelse", "Rød svelg", "Sår hals", "R74", "Vondt i halsen")


async def state(patient: Browser, visit: str) -> str:
    """What the live part of the visit's page is now."""
    async with await patient.listen(f"/live/visit/{visit}") as socket:
        sent = json.loads(await socket.receive_str(timeout=10))
    return f"{sent['view']} {sent['html']}"


async def test_the_waiting_room_shows_the_deadline_and_who_is_in_front(rig: Rig) -> None:
    await rig.waiting(PER)
    rig.clock.tick(minutes=1)
    patient, visit = await rig.waiting(KARI)
    page = patient.page
    assert page.promised == "2026-11-24T11:21:00+00:00"
    assert "senest kl. 12:21" in page.main
    assert "1 foran deg" in page.main and "3 leger på vakt" in page.main
    assert "1 foran deg" in await state(patient, visit)


async def test_the_open_page_learns_that_the_doctor_comes(rig: Rig) -> None:
    patient, visit = await rig.waiting()
    async with await patient.listen(f"/live/visit/{visit}") as socket:
        assert "senest kl." in json.loads(await socket.receive_str(timeout=10))["html"]
        doctor = await rig.doctor()
        await doctor.press("Ta neste")
        sent = json.loads(await socket.receive_str(timeout=10))
        assert sent["view"] == "waiting" and "Legen er klar" in sent["html"]
    page = await patient.reload()
    assert page.link("Bli med") == f"/visit/{visit}/room"


async def test_when_the_time_has_passed_the_page_says_so_and_the_place_is_kept(rig: Rig) -> None:
    patient, visit = await rig.waiting()
    rig.clock.tick(minutes=21)
    await rig.jobs()
    page = await patient.reload()
    assert "Vi rakk det ikke til kl. 12:20. Det beklager vi." in page.main
    assert "Du er fortsatt i køen" in page.main and "21 49 24 01" in page.main
    assert [row.outcome for row in await rig.rows(OutcomeRow)] == ["broken"]
    [entry] = await rig.rows(EntryRow)
    assert (entry.visit, entry.state) == (visit, State.WAITING)


# ---- leaving


async def test_who_leaves_gives_the_place_up_and_may_begin_anew(rig: Rig) -> None:
    patient, visit = await rig.waiting()
    left_open = patient.page
    page = await patient.press("Ja, avbryt timen")
    assert (page.path, page.title) == (f"/visit/{visit}", "Timen er avbrutt")
    [entry] = await rig.rows(EntryRow)
    assert entry.state == State.CANCELLED
    [row] = await rig.rows(VisitRow, id=visit)
    assert row.stage == "closed"
    assert [consent.kind for consent in await rig.rows(ConsentRow)][-1] == "withdrawal"
    patient.page = left_open
    page = await patient.press("Ja, avbryt timen")  # pressed twice
    assert page.title == "Timen er avbrutt"
    page = await patient.click("Finn en ny tid")
    assert page.path == "/start/policy"
    assert len(await rig.rows(VisitRow)) == 2


async def test_one_may_still_leave_while_the_doctor_comes_but_not_in_the_call(rig: Rig) -> None:
    patient, visit = await rig.waiting(KARI)
    doctor = await rig.doctor()
    await doctor.press("Ta neste")
    await rig.meet(visit)
    page = await patient.press("Ja, avbryt timen")
    assert (page.status, page.title) == (409, "Dette er allerede gjort")
    page = await patient.click("Vis timen min")
    assert "Samtalen er i gang" in page.main
    other, called = await rig.waiting(PER)
    form = other.page
    colleague = await rig.doctor(JONAS)
    await colleague.press("Ta neste")
    other.page = form
    page = await other.press("Ja, avbryt timen")
    assert page.title == "Timen er avbrutt"
    [entry] = await rig.rows(EntryRow, visit=called)
    assert entry.state == State.CANCELLED


# ---- the room


async def test_the_room_is_open_from_the_place_on_until_the_doctor_hangs_up(rig: Rig) -> None:
    patient, visit = await rig.waiting()
    page = await patient.open(f"/visit/{visit}/room")
    assert page.title == "Kan legen se og høre deg?"
    assert SOLVEIG not in page.body
    doctor = await rig.doctor()
    await doctor.press("Ta neste")
    page = await patient.open(f"/visit/{visit}/room")
    assert SOLVEIG in page.body
    room = json.loads(page.tree.by_id("room").raw)
    assert (room["socket"], room["leave"]) == (f"/visit/{visit}/signal", f"/visit/{visit}")
    assert room["ticket"].count(".") == 1
    await rig.meet(visit)
    assert (await patient.reload()).path == f"/visit/{visit}/room"  # back into the call
    await rig.hang_up(doctor, visit)
    page = await patient.reload()
    assert (page.path, page.title) == (f"/visit/{visit}", "Takk for samtalen")
    hrefs = [node.attributes["href"] for node in page.tree.every("a")]
    assert not any(href.endswith("/room") for href in hrefs)  # nothing that leads nowhere


# ---- afterwards


async def test_after_the_call_one_reads_the_plan_and_nothing_else_of_the_note(rig: Rig) -> None:
    patient, doctor, visit = await rig.consult()
    await rig.hang_up(doctor, visit)
    page = await patient.open(f"/visit/{visit}")
    assert "Legen skriver i journalen din nå." in page.main
    await doctor.press("Signer og send", {**NOTE, "Sykehistorie": "Røyker"})
    page = await patient.reload()
    assert "Hvile og drikke" in page.main
    assert f"{SOLVEIG}, tirsdag 24. november kl. 12:00" in page.main
    for secret in (*SECRETS, "Røyker"):
        assert secret not in page.body
    assert "Signert av legen" in page.main
    await rig.jobs()
    assert "I journalen din" in (await patient.reload()).main
    live = await state(patient, visit)
    assert live.startswith("after ") and "I journalen din" in live


async def test_reading_the_outcome_is_a_line_in_the_log_once_a_page(rig: Rig) -> None:
    patient, _doctor, visit = await rig.signed()

    async def lines() -> int:
        return len(await rig.rows(AuditRow, visit=visit, action=Action.OUTCOME_READ))

    await patient.open(f"/visit/{visit}")
    assert await lines() == 1
    async with await patient.listen(f"/live/visit/{visit}") as socket:
        await socket.receive_str(timeout=10)
        assert await lines() == 2
        await rig.jobs()  # the note is delivered, and the open page is told
        assert "I journalen din" in json.loads(await socket.receive_str(timeout=10))["html"]
    assert await lines() == 2


async def test_a_parent_does_not_read_about_somebody_over_sixteen(rig: Rig) -> None:
    parent = await rig.arrive(PER, Step.CONSENT, who=NORA)
    await parent.press(
        "Samtykk og gå videre", {"consent": True, "Nora er her og sier også ja": True}
    )
    await rig.answer(parent, Step.OFFER)
    visit = parent.page.path.removeprefix("/visit/")
    doctor = await rig.doctor()
    page = await doctor.press("Ta neste")
    assert "Med Per Testesen" in page.main
    await rig.meet(visit)
    await rig.hang_up(doctor, visit)
    await doctor.press("Signer og send", NOTE)
    page = await parent.open(f"/visit/{visit}")
    assert page.title == "Takk for samtalen"
    assert "Hvile og drikke" not in page.body
    young = await rig.sign_in(NORA, f"/visit/{visit}")
    assert "Hvile og drikke" in young.page.main


async def test_a_young_person_who_came_alone_is_alone_about_it(rig: Rig) -> None:
    young = await alone(rig, NORA, PER)
    await young.press("Samtykk og gå videre", {"consent": True})
    await rig.answer(young, Step.OFFER)
    parent = await rig.sign_in(PER, "/")
    page = await parent.open(young.page.path)
    assert (page.status, page.title) == (404, "Vi finner ikke denne siden")


async def test_when_all_is_over_one_may_begin_anew(rig: Rig) -> None:
    patient, _doctor, visit = await rig.signed()
    assert (await patient.open("/start")).path == "/start/policy"
    page = await patient.open("/")
    with pytest.raises(LookupError):
        page.link("Gå tilbake til timen din")
    assert (await patient.open(f"/visit/{visit}")).title == "Takk for samtalen"  # still there


# ---- the doctor's browser dies in the call


async def test_a_doctor_who_is_lost_in_the_call_costs_the_patient_nothing(rig: Rig) -> None:
    patient, lost, visit = await rig.consult(KARI, SOLVEIG)
    promised = (await rig.rows(EntryRow))[0].deadline
    rig.clock.tick(seconds=5)
    await rig.waiting(INGRID)  # came later, with a later time
    colleague = await rig.doctor(JONAS)
    rig.clock.tick(seconds=31)
    async with await colleague.listen("/live/doctor") as socket:  # is heard from
        await socket.receive_str(timeout=10)
    await rig.jobs()
    page = await patient.open(f"/visit/{visit}")
    assert "Legen falt ut av samtalen." in page.main
    assert "Du beholder tiden din" in page.main
    assert page.promised == promised.isoformat()
    assert "Du er den neste" in page.main
    page = await colleague.press("Ta neste")
    assert page.path == f"/doctor/visit/{visit}"
    assert KARI in page.title
    assert "Legen er klar" in (await patient.reload()).main
    # the first doctor's page comes back to life
    async with await lost.listen(f"/live/doctor/visit/{visit}") as socket:
        assert json.loads(await socket.receive_str(timeout=10))["view"] == "reload"
    for page in (await rig.hang_up(lost, visit), await lost.open(f"/doctor/visit/{visit}")):
        assert "Pasienten er ikke hos deg lenger. En annen lege har tatt over." in page.main
    [entry] = await rig.rows(EntryRow, visit=visit)
    assert (entry.state, entry.returns) == (State.CLAIMED, 1)
    await rig.meet(visit)
    await rig.hang_up(colleague, visit)
    page = await colleague.press("Signer og send", NOTE)
    assert page.path == f"/doctor/visit/{visit}"
    assert "Hvile og drikke" in (await patient.open(f"/visit/{visit}")).main
