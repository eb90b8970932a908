"""What a product covers, as a patient meets it; and an insurer who keeps the register."""

from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import date, timedelta

import pytest

from tests.web.rig import KARI, NOTE, Rig
from venterom.queue.coverage.errors import RegisterUnreachable
from venterom.queue.coverage.outside import OutsideRegister
from venterom.queue.coverage.policies import Cover, Policy
from venterom.queue.coverage.products import put_product
from venterom.queue.coverage.tables import CheckRow, PolicyRow, UseRow
from venterom.server import outward
from venterom.web.intake import ORDER, Step
from venterom.web.keys import OUTWARD
from venterom.web.text import today
from venterom.web.work import work

pytestmark = pytest.mark.slow


async def cover(rig: Rig, limits: Cover) -> None:
    """Agree with the insurer on what Kari's product covers."""
    [row] = await rig.rows(PolicyRow, number=rig.policy(KARI))
    async with work(rig.app) as unit:
        await put_product(unit.db, insurer=row.insurer, product=row.product, cover=limits)


async def told(rig: Rig) -> str:
    """What Kari's page says to her number."""
    patient = await rig.arrive(KARI, Step.POLICY)
    page = await patient.press("Neste", {"Polisenummer": rig.policy(KARI)}, careless=True)
    return page.main


REASONS = [
    (Cover(youngest=90), "Den som er forsikret, er yngre enn denne forsikringen gjelder for."),
    (Cover(oldest=18), "Den som er forsikret, er eldre enn denne forsikringen gjelder for."),
    (Cover(countries=frozenset({"SE"})), "Denne forsikringen gjelder ikke i landet du er i."),
]


@pytest.mark.parametrize(("limits", "says"), REASONS)
async def test_a_patient_is_told_what_her_insurance_does_not_cover(
    rig: Rig, limits: Cover, says: str
) -> None:
    await cover(rig, limits)
    assert says in await told(rig)


async def test_uses_are_counted_when_a_note_is_signed_and_told_when_they_are_used_up(
    rig: Rig,
) -> None:
    await cover(rig, Cover(uses_per_year=1))
    patient, doctor, visit = await rig.consult(KARI)
    await rig.hang_up(doctor, visit)
    await doctor.press("Signer og send", NOTE)
    assert len(await rig.rows(UseRow)) == 1
    await patient.open("/")
    said = await told(rig)
    assert "Alle gangene som denne forsikringen dekker i år, er brukt." in said


# ---- an insurer who keeps the register


class Theirs(OutsideRegister):
    """Stands in for a register over HTTP (tests/queue/coverage/test_outside.py asks a real one)."""

    def __init__(self, policy: Policy) -> None:
        self.insurer, self.prefix, self.policy = policy.insurer, policy.number[:4], policy
        self.away = False
        self.asked: list[date] = []

    async def find(self, number: str, born: date) -> Policy | None:
        """One policy, for one person; or nothing."""
        self.asked.append(born)
        if self.away:
            raise RegisterUnreachable
        known = (number, born) == (self.policy.number, self.policy.holder_birth_date)
        return self.policy if known else None


@pytest.fixture
async def theirs(rig: Rig) -> AsyncGenerator[Theirs]:
    """Who keeps Kari's policy; our own register says that it is over."""
    [row] = await rig.rows(PolicyRow, number=rig.policy(KARI))
    policy = Policy(**row._mapping)
    register = Theirs(replace(policy, product="Deres"))
    rig.app[OUTWARD]._registers.append(register)
    yield register
    rig.app[OUTWARD]._registers.remove(register)


async def to_the_waiting_room(rig: Rig) -> str:
    """Kari goes on although her policy could not be checked; the visit."""
    patient = await rig.arrive(KARI, Step.POLICY)
    page = await patient.press("Neste", {"Polisenummer": rig.policy(KARI)})
    assert "Vi får ikke sjekket nummeret akkurat nå." in page.main
    await patient.press("Gå videre")
    for step in ORDER[1:]:
        await rig.answer(patient, step)
    return patient.page.path.removeprefix("/visit/")


async def signed(rig: Rig, visit: str) -> None:
    doctor = await rig.doctor()
    await doctor.press("Ta neste")
    await rig.meet(visit)
    await rig.hang_up(doctor, visit)
    await doctor.press("Signer og send", NOTE)


async def test_an_insurer_who_keeps_the_register_is_asked_about_this_person(
    rig: Rig, theirs: Theirs
) -> None:
    patient = await rig.arrive(KARI, Step.POLICY)
    page = await patient.press("Neste", {"Polisenummer": rig.policy(KARI)})
    assert page.path == "/start/who"
    assert set(theirs.asked) == {theirs.policy.holder_birth_date}
    [check] = await rig.rows(CheckRow)
    assert (check.answer, check.insurer) == ("covered", theirs.insurer)


async def test_what_an_insurer_could_not_answer_is_settled_later_and_counted_once(
    rig: Rig, theirs: Theirs
) -> None:
    theirs.away = True
    visit = await to_the_waiting_room(rig)
    await outward.settle(rig.app)  # the visit is not over: there is nothing to settle
    asked = len(theirs.asked)
    await signed(rig, visit)
    assert len(theirs.asked) == asked  # nobody waits for an insurer with a transaction open
    day = today(rig.clock.now)
    [check] = await rig.rows(CheckRow)
    assert (check.answer, check.used_on) == ("unchecked", day)
    rig.clock.now += timedelta(days=2)
    await outward.settle(rig.app)
    assert await rig.rows(UseRow) == []
    theirs.away = False
    for _ in range(2):
        await outward.settle(rig.app)
    [check] = await rig.rows(CheckRow)
    assert (check.answer, check.used_on) == ("covered", None)
    [use] = await rig.rows(UseRow)
    assert (use.visit, use.number, use.day) == (visit, rig.policy(KARI), day)  # the day it was


async def test_what_turns_out_not_to_be_covered_is_settled_too_and_not_counted(
    rig: Rig, theirs: Theirs
) -> None:
    theirs.away = True
    await signed(rig, await to_the_waiting_room(rig))
    theirs.away = False
    theirs.policy = replace(theirs.policy, number="FJP-000000")
    await outward.settle(rig.app)
    asked = len(theirs.asked)
    await outward.settle(rig.app)
    assert len(theirs.asked) == asked and await rig.rows(UseRow) == []
    [check] = await rig.rows(CheckRow)
    assert (check.answer, check.used_on) == ("not_covered", None)
