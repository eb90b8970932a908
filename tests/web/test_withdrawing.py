"""A note that is to be deleted, and papers of it that are still valid: which, and how they go."""

import pytest

from tests.web.browser import Browser
from tests.web.rig import JONAS, RAGNA, SOLVEIG, Rig
from tests.web.test_papers import SICK, prescribe, sign
from venterom.journal.papers.tables import PaperRow, WithdrawalRow
from venterom.journal.tables import AuditRow
from venterom.web.identity import grants
from venterom.web.identity.tables import GrantRow, PersonRow
from venterom.web.work import work

pytestmark = pytest.mark.slow

WISH = "Sletting, {}"
STAND = "Disse papirene gjelder fortsatt"


async def granted(rig: Rig, day: str = "24. nov. 2026") -> tuple[Browser, Browser, str]:
    """A doctor whose note with two papers goes, by her own decision, and the director."""
    _, doctor, visit = await rig.consult()
    await prescribe(doctor, visit)
    await doctor.open(f"/doctor/visit/{visit}/papers/sick_note")
    await doctor.press("Legg ved notatet", {**SICK, "Smittsom sykdom": True})
    await sign(rig, doctor, visit)
    await doctor.open(f"/doctor/visit/{visit}/wrong-patient")
    await doctor.press("Be om sletting", {"wish": "Jeg hadde feil journal åpen"})
    await doctor.press("Send svaret", {"Ja": True, "reason": "Notatet gjelder en annen."})
    await doctor.click(WISH.format(day))
    director = await rig.sign_in(RAGNA, "/director/cases")
    await director.click(WISH.format(day))
    return doctor, director, visit


async def test_the_doctor_sees_which_papers_stand_in_the_way_and_withdraws_them_there(
    rig: Rig,
) -> None:
    doctor, director, _ = await granted(rig)
    page = doctor.page
    assert STAND in page.main and "Notatet kan ikke slettes før de er trukket tilbake." in page.main
    assert "Resept, utstedt 24. nov. 2026" in page.main
    assert "Sykmelding, utstedt 24. nov. 2026" in page.main
    refused = await director.press("Slett for godt", {"Det gjelder en annen pasient": True})
    assert refused.status == 422 and "må trekkes tilbake først" in refused.main
    page = await doctor.press("Trekk tilbake Resept")
    assert page.path.startswith("/doctor/cases/") and "Resept, utstedt" not in page.main
    page = await doctor.press("Trekk tilbake Sykmelding")
    assert STAND not in page.main
    page = await director.press("Slett for godt", {"Det gjelder en annen pasient": True})
    assert "Notatet ble slettet 24. nov. 2026." in page.main


async def test_the_director_is_told_how_many_and_who_withdraws_them_and_not_what_they_are(
    rig: Rig,
) -> None:
    _, director, _ = await granted(rig)
    page = director.page
    assert STAND in page.main and page.main.count("Papir, utstedt 24. nov. 2026") == 2
    assert f"Det gjør legen, {SOLVEIG}, under «Ønsker fra pasienter»." in page.main
    assert "Resept" not in page.main and "Trekk tilbake" not in page.main
    readers = {row.actor for row in await rig.rows(AuditRow, action="paper.read")}
    assert readers == {await rig.person(SOLVEIG)}


async def test_it_can_be_done_however_long_ago_the_patient_was_met(rig: Rig) -> None:
    _, _, visit = await granted(rig)
    rig.clock.tick(days=60)
    doctor = await rig.sign_in(SOLVEIG, "/doctor/cases")
    assert (await doctor.open(f"/doctor/visit/{visit}/papers")).status == 404
    await doctor.open("/doctor/cases")
    page = await doctor.click(WISH.format("24. nov. 2026"))
    assert "Resept, utstedt 24. nov. 2026" in page.main
    page = await doctor.press("Trekk tilbake Resept")
    assert page.status == 200 and "Resept, utstedt" not in page.main


async def test_a_decision_lets_no_other_doctor_withdraw(rig: Rig) -> None:
    _, _, visit = await granted(rig)
    (paper, _) = await rig.rows(PaperRow)
    other = await rig.doctor(JONAS)
    path = f"/doctor/visit/{visit}/paper/{paper.paper}/withdraw"
    assert (await other.post(path, {"why": "wrong"})).status == 404
    assert not await rig.rows(WithdrawalRow)


async def test_what_a_doctor_who_has_left_issued_a_director_withdraws(rig: Rig) -> None:
    _, director, visit = await granted(rig)
    home = director.page.path
    papers = [row.paper for row in await rig.rows(PaperRow)]
    assert (await director.post(f"{home}/paper/{papers[0]}/withdraw", {})).status == 404
    [solveig] = await rig.rows(PersonRow, id=await rig.person(SOLVEIG))
    [grant] = await rig.rows(GrantRow, number_index=solveig.number_index, withdrawn=None)
    async with work(rig.app) as unit:
        await grants.withdraw(unit.db, unit.now, grant.id)
    page = await director.open(home)
    assert f"Legen, {SOLVEIG}, arbeider ikke her lenger" in page.main
    assert "Resept" not in page.main  # which ones they are is not hers to read
    assert (await director.post(f"{home}/paper/nothing/withdraw", {})).status == 404
    await director.open(home)
    await director.press("Trekk tilbake Papir 1")
    page = await director.press("Trekk tilbake Papir 1")
    assert page.path == home and STAND not in page.main
    assert {row.paper for row in await rig.rows(WithdrawalRow)} == set(papers)
    lines = await rig.rows(AuditRow, action="paper.withdrawn", visit=visit)
    assert [row.purpose for row in lines] == ["PATRQT/left"] * 2
