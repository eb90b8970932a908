"""What the population registry says of a parent: who may bring the child, and who reads what."""

from datetime import timedelta

import pytest

from tests.web.beginnings import beginning
from tests.web.page import Page
from tests.web.rig import JONAS, KARI, NOTE, PER, Rig
from tests.web.test_whom import BORN, EMIL, IDA, add, child, offered, registered
from venterom.journal.tables import AuditRow, VisitRow
from venterom.web.identity.kinship import AGAIN, STANDS
from venterom.web.identity.numbers import make
from venterom.web.identity.tables import PersonRow, RelationRow
from venterom.web.intake import Step

pytestmark = pytest.mark.slow

DENIED = "Folkeregisteret viser ikke lenger at du har foreldreansvar"
UNCHECKED = "Vi fikk ikke spurt Folkeregisteret om foreldreansvaret."
UNCONFIRMED = "Til da ser du bare timene du selv har bedt om."


async def id_of(rig: Rig, name: str) -> str:
    """A child's id."""
    patient = await rig.arrive(KARI, Step.WHO)
    return next(value for title, value in offered(patient.page).items() if name in title)


async def relation(rig: Rig, child_id: str) -> list[str]:
    """How we know of the child's parents."""
    return [row.basis for row in await rig.rows(RelationRow, child=child_id)]


async def test_a_parent_whom_the_registry_confirms_goes_on_without_a_word(rig: Rig) -> None:
    patient = await rig.arrive(KARI, Step.REASON, who=IDA)
    assert UNCHECKED not in patient.page.main
    [visit] = await rig.rows(VisitRow)
    assert await relation(rig, visit.patient) == ["register"]
    [line] = await rig.rows(AuditRow, action="relation.checked", patient=visit.patient)
    assert line.purpose == "HOPERAT/related"


async def test_the_registry_is_asked_once_a_day_about_a_child(rig: Rig) -> None:
    patient = await rig.arrive(KARI, Step.REASON, who=IDA)
    await patient.open("/start/who")
    await patient.press("Neste", {IDA: True})
    assert rig.registers.asked == ["population"]
    rig.clock.now += AGAIN
    patient = await rig.sign_in(KARI, "/start/who")
    await patient.press("Neste", {IDA: True})
    assert rig.registers.asked == ["population"] * 2


async def test_for_oneself_nobody_is_asked_about(rig: Rig) -> None:
    await rig.arrive(KARI, Step.REASON)
    assert rig.registers.asked == []


async def test_who_has_no_responsibility_cannot_bring_the_child(rig: Rig) -> None:
    ida = child(rig, IDA)
    ida_id = await id_of(rig, IDA)
    rig.registers.born(ida.number, ida.birth_date)  # child welfare has taken over
    patient = await rig.arrive(KARI, Step.WHO)
    page = await patient.press("Neste", {IDA: True})
    assert (page.status, page.path) == (422, "/start/who")
    assert DENIED in page.main
    assert IDA not in " ".join(offered(page)), "and she is no longer hers to choose"
    assert await relation(rig, ida_id) == []
    assert {row.patient for row in await rig.rows(VisitRow)} == {None}
    [line] = await rig.rows(AuditRow, action="relation.checked")
    assert (line.patient, line.purpose) == (ida_id, "HOPERAT/not_related")


async def test_a_stranger_leaves_nothing_behind(rig: Rig) -> None:
    registered(rig, KARI)
    patient = await rig.arrive(PER, Step.WHO)
    people, relations = await rig.rows(PersonRow), await rig.rows(RelationRow)
    page = await add(patient)
    assert page.status == 422
    assert await rig.rows(PersonRow) == people
    assert await rig.rows(RelationRow) == relations


async def test_a_child_who_has_died_is_nobodys_to_bring(rig: Rig) -> None:
    registered(rig)
    status = [{"erGjeldende": True, "status": "doed"}]
    rig.registers.persons[make(BORN, 400)]["status"] = status
    page = await add(await rig.arrive(KARI, Step.WHO))
    assert page.trouble("national_number").startswith("Folkeregisteret viser ikke")


async def test_when_nobody_answers_the_child_is_helped_and_the_doctor_is_told(rig: Rig) -> None:
    rig.registers.faults = ["503"]
    patient = await rig.arrive(KARI, Step.WHO)
    page = await add(patient)
    assert page.title == "Hva trenger Ny hjelp med?"
    assert UNCHECKED in page.main
    await rig.answer(patient, Step.REASON)
    await rig.answer(patient, Step.CONSENT)
    await rig.answer(patient, Step.OFFER)
    doctor = await rig.doctor()
    page = await doctor.press("Ta neste")
    assert "Foreldreansvar ikke sjekket" in page.main


async def test_a_confirmed_parent_is_shown_as_one_to_the_doctor(rig: Rig) -> None:
    patient = await rig.arrive(KARI, who=IDA)
    await rig.answer(patient, Step.OFFER)
    page = await (await rig.doctor()).press("Ta neste")
    assert "Foreldreansvar bekreftet" in page.main


@beginning
async def written_with_the_other_parent(rig: Rig) -> str:
    """A note about Ida, who came with her other parent; her id."""
    ida = child(rig, IDA)
    kari, per = rig.world.patients[0].who, rig.world.patients[1].who
    rig.registers.born(ida.number, ida.birth_date, kari.number, per.number)
    other = await rig.arrive(PER, Step.WHO)
    await add(other, name=IDA, born=f"{ida.birth_date:%d.%m.%Y}", number=ida.number)
    for step in (Step.REASON, Step.CONSENT, Step.OFFER):
        await rig.answer(other, step)
    doctor = await rig.doctor(JONAS)
    await doctor.press("Ta neste")
    visit = doctor.page.path.removeprefix("/doctor/visit/")
    await rig.meet(visit)
    await doctor.reload()
    await rig.hang_up(doctor, visit)
    await doctor.press("Signer og send", NOTE)
    [row] = await rig.rows(VisitRow, id=visit)
    return str(row.patient)


async def reads(rig: Rig, patient: str) -> Page:
    """Kari at the record of her child."""
    return await (await rig.sign_in(KARI)).open(f"/mine/{patient}")


async def test_what_others_wrote_of_a_child_opens_by_the_registry_alone(rig: Rig) -> None:
    ida = await written_with_the_other_parent(rig)
    rig.registers.faults = ["503"]
    page = await reads(rig, ida)
    assert UNCONFIRMED in page.main and f"Signert av {JONAS}" not in page.main
    page = await reads(rig, ida)
    assert UNCONFIRMED not in page.main and f"Signert av {JONAS}" in page.main


async def test_what_the_registry_said_counts_for_a_week_and_is_then_the_parents_word(
    rig: Rig,
) -> None:
    ida = await written_with_the_other_parent(rig)
    await reads(rig, ida)
    rig.registers.faults = ["503"] * 9
    rig.clock.now += STANDS
    assert f"Signert av {JONAS}" in (await reads(rig, ida)).main
    rig.clock.now += timedelta(seconds=1)
    page = await reads(rig, ida)
    assert f"Signert av {JONAS}" not in page.main and UNCONFIRMED in page.main


async def test_a_parent_who_lost_the_responsibility_reads_nothing_any_more(rig: Rig) -> None:
    ida = await written_with_the_other_parent(rig)
    await reads(rig, ida)
    known = child(rig, IDA)
    rig.registers.born(known.number, known.birth_date, rig.world.patients[1].who.number)
    rig.clock.now += AGAIN
    page = await reads(rig, ida)
    assert page.status == 404


async def test_of_a_stranger_nobody_is_asked_and_nothing_is_told(rig: Rig) -> None:
    emil = await id_of(rig, EMIL)
    other = await rig.sign_in(PER)
    page = await other.open(f"/mine/{emil}")
    assert page.status == 404
    assert rig.registers.asked == []
