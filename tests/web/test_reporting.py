"""A sick note in the whole service: written in a visit, sent to NAV over HTTP, and read."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.journal.papers.nav_stand_in import SECRET, NavStandIn, running
from tests.web.beginnings import beginning
from tests.web.browser import Browser
from tests.web.page import Page
from tests.web.rig import Rig
from tests.web.test_papers import SICK, sign
from venterom.journal.papers import reporting
from venterom.journal.papers.tables import ErrandRow
from venterom.server.config import Enterprise, Nav

pytestmark = pytest.mark.slow

BY_HAND = "Lever den selv. Arbeidsgiveren skal bare ha den siste siden."
ON_ITS_WAY = (  # what the patient reads of it, on each of her pages
    "På vei til NAV",
    "NAV har den",
    "Bekreftet 24. nov. 2026 kl.",
    "send den til arbeidsgiveren derfra",
    "Vi har ikke sendt den til NAV. Lever den selv.",
    "Vi vet ikke om NAV har den. Lever den selv.",
    "Trukket tilbake av legen",
)


@pytest.fixture
async def nav() -> AsyncGenerator[tuple[NavStandIn, str]]:
    """Who answers for NAV, and where."""
    stand_in = NavStandIn()
    async with running(stand_in) as url:
        yield stand_in, url


@pytest.fixture
def address(nav: tuple[NavStandIn, str]) -> str:
    """Where the service is told that NAV is."""
    return nav[1]


@pytest.fixture
def more_settings(address: str, tmp_path: Path) -> dict[str, object]:
    """The service knows the gateway, if there is one."""
    secret = tmp_path / "nav"
    secret.write_text(SECRET + "\n")
    return {
        "nav": Nav(url=address, secret_file=secret),
        "enterprise": Enterprise(her_id="8140000", number="999999999", phone="23 01 48 00"),
    }


@dataclass
class Desk:
    """A visit whose note is signed, with a sick note in it."""

    rig: Rig
    nav: NavStandIn
    patient: Browser
    doctor: Browser
    visit: str

    async def at_the_patient(self) -> str:
        """What she reads after the call; her record says the same of what became of it."""
        here = (await self.patient.open(f"/visit/{self.visit}")).text
        home = (await self.patient.open("/mine")).path
        there = (await self.patient.open(f"{home}/note/{self.visit}")).text
        for words in ON_ITS_WAY:
            assert (words in here) == (words in there), words
        return here

    async def at_the_doctor(self) -> Page:
        """What the doctor reads."""
        return await self.doctor.open(f"/doctor/visit/{self.visit}/papers")


@beginning
async def sick(rig: Rig) -> tuple[Browser, Browser, str]:
    """Patient, doctor and visit, hung up and signed."""
    patient, doctor, visit = await rig.consult()
    await doctor.open(f"/doctor/visit/{visit}/papers/sick_note")
    await doctor.press("Legg ved notatet", {**SICK, "Smittsom sykdom": True})
    await sign(rig, doctor, visit)
    return patient, doctor, visit


@pytest.fixture
async def desk(rig: Rig, nav: tuple[NavStandIn, str]) -> Desk:
    """Signed, and nothing sent yet."""
    return Desk(rig, nav[0], *await sick(rig))


async def test_nav_has_it_when_nav_has_said_so(desk: Desk) -> None:
    assert "På vei til NAV" in await desk.at_the_patient()
    assert "Venter på å bli sendt til NAV" in (await desk.at_the_doctor()).text
    desk.nav.keeps_waiting = True
    await desk.rig.jobs()
    assert len(desk.nav.taken) == 1 and not desk.nav.receipts
    for said in (await desk.at_the_patient(), (await desk.at_the_doctor()).text):
        assert "På vei til NAV. Ikke bekreftet ennå." in said and "NAV har den" not in said
    desk.nav.keeps_waiting = False
    desk.rig.clock.tick(seconds=10)
    await desk.rig.jobs()
    said = await desk.at_the_patient()
    assert "NAV har den" in said and "send den til arbeidsgiveren derfra" in said
    assert "NAV har den" in (await desk.at_the_doctor()).text
    assert len(desk.nav.taken) == 1 and desk.nav.heard.count("PUT") == 1


async def test_nav_is_told_whom_it_is_about_and_the_diagnosis_of_the_note(desk: Desk) -> None:
    await desk.rig.jobs()
    (message,) = desk.nav.taken.values()
    said = message.decode()
    number = next(each.who.number for each in desk.rig.world.patients if "Kari" in each.who.name)
    assert number in said and 'V="R74"' in said and "Prøvdal" in said
    assert "Rød svelg" not in said  # the rest of the note is nobody's but the record's


@pytest.mark.parametrize(
    "faults", [["503"], ["", "503"], ["", "nonsense"], ["", "cut"]], ids="-".join
)
async def test_what_did_not_go_well_goes_later_and_is_not_called_sent_before(
    desk: Desk, faults: list[str]
) -> None:
    desk.nav.wants = list(faults)
    await desk.rig.jobs()
    assert "NAV har den" not in await desk.at_the_patient()
    desk.rig.clock.tick(seconds=10)
    await desk.rig.jobs()
    assert "NAV har den" in await desk.at_the_patient() and len(desk.nav.taken) == 1


async def test_an_answer_that_never_came_makes_no_second_sick_note(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reporting, "SEND_TIMEOUT", 2)  # seconds; the stand-in never answers
    desk.nav.wants = ["", "silent"]
    await desk.rig.jobs()
    assert len(desk.nav.taken) == 1 and "NAV har den" not in await desk.at_the_patient()
    desk.rig.clock.tick(seconds=10)
    await desk.rig.jobs()
    assert "NAV har den" in await desk.at_the_patient()
    assert desk.nav.heard == ["GET", "PUT", "GET"]


async def test_what_nav_rejects_the_patient_hands_in_herself(desk: Desk) -> None:
    (row,) = await desk.rig.rows(ErrandRow)
    desk.nav.wants = ["", "reject"]
    await desk.rig.jobs()
    said = await desk.at_the_patient()
    assert "Ikke bekreftet av NAV" in said and f"Vi vet ikke om NAV har den. {BY_HAND}" in said
    page = await desk.at_the_doctor()
    assert "Ikke bekreftet av NAV. Pasienten leverer den selv." in page.text
    assert (row.kind, row.errand) == ("sick_note", "send")


async def test_what_nav_has_is_withdrawn_here_and_the_doctor_tells_nav(desk: Desk) -> None:
    await desk.rig.jobs()
    await desk.at_the_doctor()
    page = await desk.doctor.press("Noe er galt")
    assert "NAV har den fremdeles, og den kan ikke kalles tilbake herfra." in page.text
    said = await desk.at_the_patient()
    assert "Trukket tilbake av legen" in said and "NAV har den" not in said


class TestWithoutNav:
    """Nobody answers for NAV: the setting is empty."""

    @pytest.fixture
    def address(self) -> str:
        """None."""
        return ""

    async def test_nothing_is_sent_and_the_pages_say_who_hands_it_in(self, desk: Desk) -> None:
        await desk.rig.jobs()
        assert desk.nav.heard == [] and not await desk.rig.rows(ErrandRow)
        assert f"Vi har ikke sendt den til NAV. {BY_HAND}" in await desk.at_the_patient()
        page = await desk.at_the_doctor()
        assert "Sendes ikke til NAV. Pasienten leverer den selv." in page.text
        assert "NAV har den" not in page.text

    async def test_the_doctor_is_told_before_it_is_written(self, rig: Rig) -> None:
        _, doctor, visit = await rig.consult()
        page = await doctor.open(f"/doctor/visit/{visit}/papers/sick_note")
        assert "Sykmeldingen sendes ikke til NAV herfra. Pasienten leverer den selv." in page.text
