"""The register of health personnel decides who is let in as a doctor, prescribes, and stays."""

from datetime import timedelta

import pytest
from yarl import URL

from tests.web.rig import JONAS, NOTE, RAGNA, SOLVEIG, Rig
from tests.web.test_papers import prescribe
from venterom.journal.papers.tables import PaperRow
from venterom.journal.tables import AuditRow
from venterom.server import registers
from venterom.server.demo.registers import approval
from venterom.web.identity.hpr import AGAIN, STANDS
from venterom.web.identity.tables import GrantRow, HprAnswer, SessionRow

pytestmark = pytest.mark.slow

HPR = {SOLVEIG: "9990001", JONAS: "9990002"}
SILENT = ["503"] * 20
LICENCE = approval(authorization="3")
NURSE = approval("SP")


async def occasions(rig: Rig) -> list[tuple[str, str, str]]:
    """What was asked and what was said, oldest first."""
    rows = sorted(await rig.rows(HprAnswer), key=lambda row: row.at)
    return [(row.hpr_number, row.status, row.occasion) for row in rows]


async def test_a_doctor_is_let_in_by_an_answer_that_is_kept(rig: Rig) -> None:
    doctor = await rig.doctor()
    assert (doctor.page.status, doctor.page.path) == (200, "/doctor")
    assert await occasions(rig) == [("9990001", "full", "sign_in")]


@pytest.mark.parametrize(
    "approvals", [[], [LICENCE], [NURSE], [approval(suspended=True)], [approval(conditions=True)]]
)
async def test_who_is_not_authorised_without_limits_is_not_let_in(
    rig: Rig, approvals: list[dict[str, object]]
) -> None:
    rig.registers.doctors[HPR[SOLVEIG]] = approvals
    doctor = await rig.doctor()
    assert doctor.page.status == 403
    assert doctor.page.title == "Helsepersonellregisteret viser ikke at du er lege"
    assert await rig.rows(SessionRow) == []


async def test_a_doctor_without_the_right_to_prescribe_may_treat(rig: Rig) -> None:
    rig.registers.doctors[HPR[SOLVEIG]] = [approval(rights=())]
    doctor = await rig.doctor()
    assert doctor.page.path == "/doctor"


async def test_nobody_else_is_asked_about(rig: Rig) -> None:
    await rig.sign_in(RAGNA, "/director")
    await rig.sign_in("Kari Prøvdal")
    assert rig.registers.asked == []


async def test_an_earlier_answer_stands_for_three_days_when_nobody_answers(rig: Rig) -> None:
    await rig.doctor()
    rig.registers.faults = [*SILENT]
    rig.clock.now += STANDS
    doctor = await rig.doctor()
    assert doctor.page.path == "/doctor"
    rig.clock.now += timedelta(seconds=1)
    doctor = await rig.doctor()
    assert doctor.page.status == 503
    assert doctor.page.title == "Vi får ikke svar fra helsepersonellregisteret"


async def test_whoever_was_never_answered_for_is_not_let_in(rig: Rig) -> None:
    rig.registers.faults = [*SILENT]
    doctor = await rig.doctor()
    assert doctor.page.status == 503


async def test_a_prescription_is_issued_by_who_may_prescribe_at_that_moment(rig: Rig) -> None:
    _patient, doctor, visit = await rig.consult()
    await prescribe(doctor, visit)
    rig.registers.doctors[HPR[SOLVEIG]] = [approval(rights=("2",))]
    await rig.hang_up(doctor, visit)
    rig.clock.tick(minutes=1)
    page = await doctor.press("Signer og send", NOTE)
    assert page.status == 422
    assert "viser ikke at du kan skrive resepter" in page.main
    assert page.value("findings") == NOTE["Funn"], "what was written is kept"
    assert await rig.rows(PaperRow) == []
    rig.registers.doctors[HPR[SOLVEIG]] = [approval()]
    rig.clock.tick(minutes=1)
    await doctor.press("Signer og send")
    assert len(await rig.rows(PaperRow)) == 1
    assert [each[1:] for each in await occasions(rig)] == [
        ("full", "sign_in"),
        ("no_prescribing", "prescription"),
        ("full", "prescription"),
    ]


async def test_a_note_without_a_prescription_asks_nobody(rig: Rig) -> None:
    _patient, doctor, visit = await rig.consult()
    await rig.hang_up(doctor, visit)
    await doctor.press("Signer og send", NOTE)
    assert [each[2] for each in await occasions(rig)] == ["sign_in"]


async def test_whoever_lost_the_authorisation_in_the_meeting_issues_no_prescription(
    rig: Rig,
) -> None:
    _patient, doctor, visit = await rig.consult()
    await prescribe(doctor, visit)
    await rig.hang_up(doctor, visit)
    rig.registers.doctors[HPR[SOLVEIG]] = []
    page = await doctor.press("Signer og send", NOTE)
    assert "viser ikke lenger at du er lege" in page.main


async def test_at_night_whoever_is_no_longer_authorised_loses_role_and_sign_in(rig: Rig) -> None:
    doctor = await rig.doctor()
    await rig.doctor(JONAS)
    rig.clock.now += timedelta(hours=7)  # a workday has eight
    rig.registers.doctors[HPR[SOLVEIG]] = []
    await registers.look_again(rig.app)  # Solveig and Jonas were asked about seven hours ago
    assert (await doctor.reload()).path == "/doctor"
    rig.clock.now += AGAIN
    await registers.look_again(rig.app)
    [lost] = await rig.rows(GrantRow, why="not_in_hpr")
    assert lost.hpr_number == HPR[SOLVEIG]
    assert (await doctor.reload()).url.origin() != URL(rig.url), "sent to sign in"
    assert [line.purpose for line in await rig.rows(AuditRow, action="grant.ended")] == [
        "HOPERAT/role"
    ]
    page = (await rig.sign_in(RAGNA, "/director/staff")).page
    assert "De er logget ut og har mistet tilgangen." in page.main
    assert SOLVEIG in page.main
    page = (await rig.sign_in(RAGNA, "/director")).page
    assert "har mistet tilgangen" in page.main


async def test_at_night_nobody_loses_a_role_because_the_register_is_silent(rig: Rig) -> None:
    doctor = await rig.doctor()
    roles = len(await rig.rows(GrantRow, withdrawn=None))
    rig.registers.faults = [*SILENT]
    rig.clock.now += AGAIN
    await registers.look_again(rig.app)
    assert (await rig.rows(SessionRow))[0].revoked is None
    rig.clock.now += STANDS
    await registers.look_again(rig.app)
    assert len(await rig.rows(GrantRow, withdrawn=None)) == roles
    assert (await rig.rows(SessionRow))[0].revoked is not None, "but nobody works unchecked"
    assert (await doctor.reload()).url.origin() != URL(rig.url)


async def test_each_doctor_is_asked_about_once_a_night(rig: Rig) -> None:
    await registers.look_again(rig.app)
    asked = len(rig.registers.asked)
    assert asked == len(rig.world.doctors)
    await registers.look_again(rig.app)
    assert len(rig.registers.asked) == asked
    rig.clock.now += AGAIN
    await registers.look_again(rig.app)
    assert len(rig.registers.asked) == 2 * asked
