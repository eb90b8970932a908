"""The patient's way to a place: each step in its turn, as often as one likes, and never lost."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from tests.queue.coverage import register
from tests.web.rig import KARI, NOTE, PER, REASON, Rig
from venterom.journal.tables import VisitRow
from venterom.queue.coverage.errors import RegisterUnreachable
from venterom.queue.coverage.insurer import OwnRegister
from venterom.queue.coverage.policies import Policy
from venterom.queue.coverage.tables import CheckRow, PolicyRow, UseRow
from venterom.queue.tables import EntryRow
from venterom.web.intake import ORDER, Step
from venterom.web.text import today
from venterom.web.work import work

pytestmark = pytest.mark.slow

HELP = "23 01 48 00"  # who knows about policies answers here


async def test_the_whole_way_needs_no_javascript(rig: Rig) -> None:
    patient = await rig.browser()
    page = await patient.open("/")
    assert page.title == "Snakk med en lege innen 20 minutter"
    await patient.click("Start her")
    await patient.press(KARI)
    for step in ORDER:
        assert patient.page.path == f"/start/{step}"
        await rig.answer(patient, step)
    assert patient.page.title == "Venterommet"
    page = await patient.open("/")
    await patient.click("Gå tilbake til timen din")
    assert patient.page.title == "Venterommet"


async def test_who_is_not_signed_in_signs_in_and_comes_back_to_the_same_page(rig: Rig) -> None:
    await rig.arrive(KARI, Step.REASON)
    elsewhere = await rig.browser()
    await elsewhere.open("/start/reason")
    page = await elsewhere.press(KARI)
    assert page.path == "/start/reason"  # the same visit, on another device


async def test_a_step_that_is_reached_too_early_leads_to_the_first_that_is_missing(
    rig: Rig,
) -> None:
    patient = await rig.sign_in(KARI, "/start")
    for place, step in enumerate(ORDER):
        for later in ORDER[place:]:
            page = await patient.open(f"/start/{later}")
            assert page.path == f"/start/{step}", later
            page = (
                await patient.post(f"/start/{later}", {"consent": "yes"}) if later != step else page
            )
            assert page.path == f"/start/{step}", later
        await rig.answer(patient, step)
    assert len(await rig.rows(EntryRow)) == 1


async def test_back_and_reload_lose_nothing_that_was_answered(rig: Rig) -> None:
    patient = await rig.sign_in(KARI, "/start")
    for step in ORDER[:-1]:
        await rig.answer(patient, step)
        await patient.reload()
        page = await patient.back()
        assert page.path == f"/start/{step}"
        if step is not Step.CONSENT:  # a yes is given again each time that it is asked for
            await patient.press("Neste")  # with what stands there
        else:
            await rig.answer(patient, step)
    assert patient.page.path == "/start/offer"


async def test_the_answers_are_still_there_when_one_goes_back(rig: Rig) -> None:
    patient = await rig.arrive(KARI, Step.OFFER)
    assert (await patient.open("/start/policy")).value("number") == rig.policy(KARI)
    assert "checked" in (await patient.open("/start/who")).control("Meg selv").attributes
    assert (await patient.open("/start/reason")).value("reason") == REASON


async def test_who_has_a_place_is_shown_it_instead_of_beginning_anew(rig: Rig) -> None:
    patient, visit = await rig.waiting()
    before = await rig.rows(EntryRow), await rig.rows(VisitRow)
    form = {"number": rig.policy(KARI), "who": "me", "reason": "Nytt", "consent": "yes"}
    for step in ORDER:
        page = await patient.open(f"/start/{step}")
        assert page.path == f"/visit/{visit}", step
        page = await patient.post(f"/start/{step}", form)
        assert page.path == f"/visit/{visit}", step
    assert (await rig.rows(EntryRow), await rig.rows(VisitRow)) == before


async def test_another_page_left_open_does_not_begin_a_second_visit(rig: Rig) -> None:
    patient = await rig.arrive(KARI, Step.CONSENT)
    left_open = patient.page
    await rig.answer(patient, Step.CONSENT)
    await rig.answer(patient, Step.OFFER)
    waiting = patient.page.path
    patient.page = left_open
    await rig.answer(patient, Step.CONSENT)
    assert patient.page.path == waiting


# ---- the policy


async def give(rig: Rig, number: str, name: str = KARI) -> str:
    """What the page says to a policy number that is not taken."""
    patient = await rig.arrive(name, Step.POLICY)
    page = await patient.press("Neste", {"Polisenummer": number}, careless=True)
    assert (page.status, page.path) == (422, "/start/policy")
    assert page.value("Polisenummer") == number
    assert HELP in page.main
    return page.main


async def test_a_number_is_taken_as_people_write_it(rig: Rig) -> None:
    patient = await rig.arrive(KARI, Step.POLICY)
    number = rig.policy(KARI)
    for written in (number, f" {number} ", number.lower(), " ".join(number)):
        await patient.open("/start/policy")
        page = await patient.press("Neste", {"Polisenummer": written})
        assert page.path == "/start/who", written


NO_NUMBERS = [
    "",
    "12345",  # too short
    "A" * 21,
    "FJP-١٠٧٩١٩",  # digits of another script
    "ＦＪＰ-107919",  # letters of another width
    "FJP-10<b>",
    "1' OR '1'='1",
]


async def test_what_is_no_policy_number_is_said_beside_the_field(rig: Rig) -> None:
    patient = await rig.arrive(KARI, Step.POLICY)
    for number in NO_NUMBERS:
        page = await patient.press("Neste", {"Polisenummer": number}, careless=True)
        assert page.status == 422, number
        assert page.trouble("Polisenummer").startswith("Et polisenummer har 6–20 tegn")
        assert page.value("Polisenummer") == number
        assert HELP in page.main


async def test_a_strangers_number_looks_like_one_that_does_not_exist(rig: Rig) -> None:
    theirs, nobodys = rig.policy(PER), "FJP-999999"
    assert "Vi finner ikke dette nummeret." in await give(rig, nobodys)
    assert await give(rig, theirs) == await give(rig, nobodys)


async def test_a_policy_that_has_run_out_says_until_when_it_was_valid(rig: Rig) -> None:
    name = "Svein Gammeltest"
    said = await give(rig, rig.policy(name), name)
    assert "Denne forsikringen gjaldt til 30. nov. 2025." in said


async def test_a_policy_that_is_not_valid_yet_says_so(rig: Rig) -> None:
    await take_in(rig, KARI, valid_from=rig.clock.now.date() + timedelta(days=1))
    said = await give(rig, rig.policy(KARI))
    assert "Denne forsikringen har ikke begynt å gjelde ennå." in said


async def take_in(rig: Rig, name: str, **changes: object) -> None:
    """The insurer tells something else of the policy of this patient."""
    [row] = await rig.rows(PolicyRow, number=rig.policy(name))
    told = replace(Policy(**row._mapping), **changes)  # type: ignore[arg-type]  # a test's own
    async with work(rig.app) as unit:
        await register.take_in(unit.db, [told], today(unit.now))


async def test_a_wrong_number_is_remembered_as_wrong_until_it_is_right(rig: Rig) -> None:
    patient = await rig.arrive(KARI, Step.POLICY)
    await patient.press("Neste", {"Polisenummer": "FJP-999999"})
    page = await patient.open("/start/who")
    assert page.path == "/start/policy"
    assert "Vi finner ikke dette nummeret." in page.main
    assert page.value("Polisenummer") == "FJP-999999"
    page = await patient.press("Neste", {"Polisenummer": rig.policy(KARI)})
    assert page.path == "/start/who"


@pytest.fixture
def unreachable(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Stands in for the insurer's register, and is out of reach."""

    async def find(_register: OwnRegister, _number: str, _born: date) -> Policy | None:
        raise RegisterUnreachable

    monkeypatch.setattr(OwnRegister, "find", find)
    return monkeypatch


async def test_a_register_out_of_reach_stops_nobody(
    rig: Rig, unreachable: pytest.MonkeyPatch
) -> None:
    patient = await rig.arrive(KARI, Step.POLICY)
    page = await patient.press("Neste", {"Polisenummer": rig.policy(KARI)})
    assert "Vi får ikke sjekket nummeret akkurat nå." in page.main
    assert "du betaler ikke noe nå" in page.main
    page = await patient.press("Gå videre")
    assert page.path == "/start/who"
    for step in ORDER[1:]:
        await rig.answer(patient, step)
    assert patient.page.title == "Venterommet"
    [check] = await rig.rows(CheckRow)
    assert (check.answer, check.number) == ("unchecked", rig.policy(KARI))


async def test_what_could_not_be_checked_is_settled_when_the_note_is_signed(
    rig: Rig, unreachable: pytest.MonkeyPatch
) -> None:
    patient = await rig.arrive(KARI, Step.POLICY)
    await patient.press("Neste", {"Polisenummer": rig.policy(KARI)})
    await patient.press("Gå videre")
    for step in ORDER[1:]:
        await rig.answer(patient, step)
    visit = patient.page.path.removeprefix("/visit/")
    doctor = await rig.doctor()
    assert "Ikke sjekket" in doctor.page.main
    await doctor.press("Ta neste")
    await rig.meet(visit)
    unreachable.undo()
    await rig.hang_up(doctor, visit)
    await doctor.press("Signer og send", NOTE)
    [check] = await rig.rows(CheckRow)
    assert check.answer == "covered"
    [use] = await rig.rows(UseRow)
    assert (use.visit, use.number) == (visit, rig.policy(KARI))
