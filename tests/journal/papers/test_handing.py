"""Papers in the hands of others: read, checked, withdrawn."""

from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from tests.journal.make import DOCTOR, KARI, KEYS, NOON, OLA, OTHER_DOCTOR, after
from tests.journal.papers.make import CERTIFICATE, PRESCRIPTION
from tests.journal.papers.signing import code_of, signed_with
from venterom.journal import chart
from venterom.journal.access import CARE_LASTS, Actor, Role
from venterom.journal.errors import MayNotRead, NotTheAuthor
from venterom.journal.papers import handing
from venterom.journal.papers.handing import Why
from venterom.journal.papers.tables import ErrandRow, WithdrawalRow

pytestmark = pytest.mark.adapter


async def test_the_patient_has_it_at_once_and_each_reading_is_logged(db: AsyncSession) -> None:
    visit, (paper,) = await signed_with(db, PRESCRIPTION)
    for reader in (KARI, DOCTOR.actor):
        pdf = await handing.read_paper(db, KEYS, NOON, reader=reader, visit=visit, paper=paper)
        assert pdf.startswith(b"%PDF")
    log = [line for line in await chart.access_log(db, visit) if line.action == "paper.read"]
    assert [(line.actor, line.purpose) for line in log] == [
        ("kari", "PATRQT/own"),
        ("dr-berg", "TREAT/care"),
    ]


async def test_a_doctor_who_looks_at_what_was_issued_is_logged_as_treating(
    db: AsyncSession,
) -> None:
    visit, papers = await signed_with(db, PRESCRIPTION, CERTIFICATE)
    issued = await handing.issued_papers(db, KEYS, NOON, doctor=DOCTOR.actor, visit=visit)
    assert issued is not None and [each.id for each in issued] == papers
    log = [line for line in await chart.access_log(db, visit) if line.action == "paper.read"]
    assert [(line.actor, line.purpose) for line in log] == [("dr-berg", "TREAT/care")] * 2
    with pytest.raises(MayNotRead):
        await handing.issued_papers(db, KEYS, NOON, doctor=OTHER_DOCTOR.actor, visit=visit)


@pytest.mark.parametrize(
    "reader",
    [
        OLA,
        OTHER_DOCTOR.actor,
        *(Actor("kari", role, "") for role in (Role.INSURER, Role.DIRECTOR, Role.SYSTEM)),
    ],
)
async def test_nobody_else_has_it(db: AsyncSession, reader: Actor) -> None:
    visit, (paper,) = await signed_with(db, PRESCRIPTION)
    with pytest.raises(MayNotRead):
        await handing.read_paper(db, KEYS, NOON, reader=reader, visit=visit, paper=paper)
    assert not [line for line in await chart.access_log(db, visit) if line.action == "paper.read"]


async def test_a_paper_is_not_read_through_another_visit(db: AsyncSession) -> None:
    visit, _ = await signed_with(db, PRESCRIPTION)
    await chart.close(db, NOON, visit=visit)
    other, (paper,) = await signed_with(db, CERTIFICATE)
    assert visit != other
    with pytest.raises(MayNotRead):
        await handing.read_paper(db, KEYS, NOON, reader=KARI, visit=visit, paper=paper)


async def test_whoever_holds_it_may_check_it_and_learns_when_it_was_withdrawn(
    db: AsyncSession,
) -> None:
    visit, (paper,) = await signed_with(db, CERTIFICATE)
    code = code_of(paper)
    checked = await handing.check(db, code)
    assert checked is not None
    assert (dict(checked.said), checked.withdrawn_at) == ({"Papir": "Resept"}, None)
    assert await handing.check(db, bytes(15) + b"\xff") is None
    gone = await withdraw(db, visit, paper)
    assert gone is not None and gone.paper == paper
    checked = await handing.check(db, code)
    assert checked is not None and checked.withdrawn_at == NOON
    assert await handing.withdrawn(db, visit) == {paper: NOON}


async def withdraw(db: AsyncSession, visit: str, paper: str, **more: Any) -> Any:
    said: dict[str, Any] = {"doctor": DOCTOR.actor, "why": Why.WRONG} | more
    return await handing.withdraw_paper(db, NOON, visit=visit, paper=paper, **said)


async def test_it_is_withdrawn_once_by_who_signed_it(db: AsyncSession) -> None:
    visit, (paper,) = await signed_with(db, CERTIFICATE)
    for who in (OTHER_DOCTOR.actor, KARI):
        with pytest.raises((MayNotRead, NotTheAuthor)):
            await withdraw(db, visit, paper, doctor=who)
    with pytest.raises(MayNotRead):
        await withdraw(db, visit, "no such paper")
    assert await withdraw(db, visit, paper) is not None
    assert await withdraw(db, visit, paper, why=Why.CHANGED) is None
    assert await db.scalar(select(func.count()).select_from(WithdrawalRow)) == 1
    assert (await chart.verify(db, KEYS)).ok


async def test_a_prescription_that_nobody_has_begun_to_send_is_called_off(
    db: AsyncSession,
) -> None:
    visit, (paper,) = await signed_with(db, PRESCRIPTION)
    await withdraw(db, visit, paper)
    (row,) = (await db.scalars(select(ErrandRow))).all()
    assert (row.errand, row.state, row.last_error) == ("send", "failed", "CalledOff")


async def test_after_the_care_has_ended_the_doctor_reads_it_no_more(db: AsyncSession) -> None:
    visit, (paper,) = await signed_with(db, CERTIFICATE)
    await chart.close(db, NOON, visit=visit)
    late = after(seconds=1) + CARE_LASTS
    with pytest.raises(MayNotRead):
        await handing.read_paper(db, KEYS, late, reader=DOCTOR.actor, visit=visit, paper=paper)
