"""A prescription in the whole service: written in a visit, sent over HTTP, shown on the pages."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import FakeClock
from tests.journal.papers.stand_in import SECRET, StandIn, running
from tests.web.beginnings import beginning
from tests.web.browser import Browser
from tests.web.page import Page, Typed
from tests.web.rig import KARI, Rig
from tests.web.test_papers import prescribe, sign
from venterom.journal.papers import prescribing
from venterom.journal.papers.tables import ErrandRow
from venterom.journal.retry import TRIES, Failure
from venterom.server.config import Enterprise, Prescribing

pytestmark = pytest.mark.slow

LOCKED: Typed = {"Lås resepten": True}
UNDER_WAY, ARRIVED, STOPPED = (
    "På vei til apotekene",
    "Klar på alle apotek",
    "Ikke sendt ennå. Legen får beskjed.",
)
ON_ITS_WAY = (  # what the patient reads of it, on each of her pages
    UNDER_WAY,
    ARRIVED,
    "Bekreftet 24. nov. 2026 kl.",
    "Vis dette nummeret på apoteket",
    "Ikke sendt ennå. Legen får beskjed.",
    "Trenger du medisinen i dag, ring oss på",
    "Trukket tilbake av legen",
)


@pytest.fixture
async def national(clock: FakeClock) -> AsyncGenerator[tuple[StandIn, str]]:
    """Who answers for the national module, and where."""
    module = StandIn(clock)
    async with running(module) as url:
        yield module, url


@pytest.fixture
def more_settings(national: tuple[StandIn, str], tmp_path: Path) -> dict[str, object]:
    """The service knows where the module is."""
    secret = tmp_path / "prescribing"
    secret.write_text(SECRET + "\n")
    return {
        "prescribing": Prescribing(url=national[1], secret_file=secret),
        "enterprise": Enterprise(her_id="8140000"),
    }


@dataclass
class Desk:
    """A visit whose note is signed, with one prescription in it."""

    rig: Rig
    module: StandIn
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

    async def until_it_stops(self) -> None:
        """As many rounds as it is tried when it is refused each time."""
        for n in range(TRIES[Failure.REFUSED]):
            await self.rig.jobs()
            self.rig.clock.tick(seconds=5 * 2**n)


@beginning
async def prescribed(rig: Rig, more: Typed) -> tuple[Browser, Browser, str]:
    """Patient, doctor and visit, hung up and signed."""
    patient, doctor, visit = await rig.consult()
    await prescribe(doctor, visit, more=more)
    await sign(rig, doctor, visit)
    return patient, doctor, visit


async def signed(rig: Rig, module: StandIn, more: Typed | None = None) -> Desk:
    """Hung up, and signed."""
    return Desk(rig, module, *await prescribed(rig, more or {}))


@pytest.fixture
async def desk(rig: Rig, national: tuple[StandIn, str]) -> Desk:
    """A locked prescription, and nothing sent yet."""
    return await signed(rig, national[0], LOCKED)


async def test_a_prescription_goes_out_and_the_patient_reads_its_number(desk: Desk) -> None:
    said = await desk.at_the_patient()
    assert UNDER_WAY in said and ARRIVED not in said and desk.module.heard == []
    assert "Venter på å bli sendt" in (await desk.at_the_doctor()).text
    await desk.rig.jobs()
    assert desk.module.heard == ["get", "send"] and len(desk.module.held) == 1
    said = await desk.at_the_patient()
    assert ARRIVED in said and "Vis dette nummeret på apoteket: REF000000" in said
    page = await desk.at_the_doctor()
    assert "Sendt. Apoteket har den." in page.text and "REF000000" in page.text
    await desk.rig.jobs()
    assert desk.module.heard == ["get", "send"]


@pytest.mark.parametrize(
    "faults",
    [["503"], ["", "503"], ["429"], ["nonsense"], ["empty"], ["", "nonsense"], ["", "half"]],
    ids="-".join,
)
async def test_what_did_not_go_well_goes_later_and_is_not_called_sent_before(
    desk: Desk, faults: list[str]
) -> None:
    desk.module.wants = list(faults)
    await desk.rig.jobs()
    assert UNDER_WAY in await desk.at_the_patient()
    assert "Sendt." not in (await desk.at_the_doctor()).text
    desk.rig.clock.tick(seconds=10)
    await desk.rig.jobs()
    assert ARRIVED in await desk.at_the_patient() and len(desk.module.held) == 1


@pytest.mark.parametrize("fault", ["lost", "silent"])
async def test_an_answer_that_never_came_makes_no_second_prescription(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    monkeypatch.setattr(prescribing, "SEND_TIMEOUT", 2)  # seconds; the stand-in never answers
    desk.module.wants = ["", fault]
    await desk.rig.jobs()
    assert len(desk.module.held) == 1 and UNDER_WAY in await desk.at_the_patient()
    desk.rig.clock.tick(seconds=10)
    await desk.rig.jobs()
    said = await desk.at_the_patient()
    assert ARRIVED in said and "REF000000" in said
    assert desk.module.heard == ["get", "send", "get"] and len(desk.module.held) == 1


async def test_what_is_refused_each_time_is_the_doctors_to_send_again(desk: Desk) -> None:
    desk.module.wants = ["422"] * TRIES[Failure.REFUSED]
    await desk.until_it_stops()
    assert STOPPED in await desk.at_the_patient()
    assert "Ikke sendt" in (await desk.at_the_doctor()).text and desk.module.held == {}
    page = await desk.doctor.open("/doctor")
    assert "Papirer som ikke kom frem" in page.text
    await desk.doctor.open(page.link(KARI))
    heard = len(desk.module.heard)
    await desk.rig.jobs()
    assert len(desk.module.heard) == heard  # it waits for a person
    await desk.doctor.press("Prøv å sende igjen")
    await desk.rig.jobs()
    assert ARRIVED in await desk.at_the_patient()
    assert "Papirer som ikke kom frem" not in (await desk.doctor.open("/doctor")).text


H: Typed = {"Type": "H-resept", "Refusjonskode": "m05.3"}


async def test_an_h_prescription_needs_a_doctor_whom_the_trust_has_let_in(
    rig: Rig, national: tuple[StandIn, str]
) -> None:
    module = national[0]
    module.hospital_doctors = {"9990001"}
    module.hospital_medicines = {"ID_00000006-0000-4000-8000-000000990016"}
    _, doctor, visit = await rig.consult()
    await prescribe(doctor, visit, "prøvesporin", H)
    assert doctor.page.status == 422 and "bare av leger i helseforetaket" in doctor.page.text
    page = await doctor.press("Legg ved som ny", {"Jeg kan skrive H-resept": True})
    assert page.status == 200 and "Prøvesporin kaps 50 mg" in page.text
    await sign(rig, doctor, visit)
    await rig.jobs()
    (held,) = module.held.values()
    assert held["said"]["reimbursementcode"]["coding"][0]["code"] == "M05.3"


async def test_what_was_sent_and_is_withdrawn_is_recalled(desk: Desk) -> None:
    await desk.rig.jobs()
    await desk.at_the_doctor()
    page = await desk.doctor.press("Noe er galt")
    assert "Tilbakekalles" in page.text
    said = await desk.at_the_patient()
    assert "Trukket tilbake av legen" in said and ARRIVED not in said
    await desk.rig.jobs()
    assert [held["recalled"] for held in desk.module.held.values()] == [True]
    assert "Tilbakekalt" in (await desk.at_the_doctor()).text


async def test_what_is_withdrawn_before_it_was_sent_never_leaves(desk: Desk) -> None:
    await desk.at_the_doctor()
    page = await desk.doctor.press("Noe er galt")
    assert "Tilbakekal" not in page.text.replace("kalles tilbake", "")
    await desk.rig.jobs()
    assert desk.module.heard == []
    (row,) = await desk.rig.rows(ErrandRow)
    assert (row.state, row.last_error) == ("failed", "CalledOff")
