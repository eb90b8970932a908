"""Prescriptions on their way: against a stand-in for the national module, over real HTTP."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass, replace
from datetime import date, timedelta

import aiohttp
import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from tests.conftest import FakeClock
from tests.journal.make import DOCTOR, KEYS, NOON
from tests.journal.papers.make import BY_HOSPITAL, MEDICINE, PRESCRIPTION, TODAY, H
from tests.journal.papers.signing import signed_with
from tests.journal.papers.stand_in import SECRET, StandIn, running
from venterom.journal import chart
from venterom.journal.errors import NationalRefused
from venterom.journal.events import PaperNotSent, PaperSent
from venterom.journal.papers import handing, prescribing, receipts, sending, sfm
from venterom.journal.papers.errand import Errand, Result, State, Subject
from venterom.journal.papers.handing import Why
from venterom.journal.papers.national import HttpNational
from venterom.journal.papers.paper import Kind
from venterom.journal.papers.prescription import Paragraph, Prescription, Scheme
from venterom.journal.papers.tables import ErrandRow, ReceiptRow
from venterom.journal.retry import TRIES, Failure

pytestmark = pytest.mark.adapter

KARI = Subject("Kari Prøvdal", date(1980, 5, 17), "17858012345")
LOCKED = replace(PRESCRIPTION, locked=True)


@dataclass
class House:
    """The database, the way out, and who answers there."""

    db: AsyncSession
    clock: FakeClock
    module: StandIn
    national: HttpNational

    async def go(self) -> object:
        """One errand, whole: claim, send, settle."""
        parcel = await sending.claim(self.db, KEYS, self.clock(), Kind.PRESCRIPTION)
        if parcel is None:
            return None
        answer = await prescribing.send(self.national, parcel, KARI, "8140000", self.clock)
        return await sending.settle(self.db, KEYS, self.clock(), parcel, answer)

    async def until_done(self) -> object:
        """As often as it takes, with the clock moved on."""
        for _ in range(20):
            if (event := await self.go()) is not None:
                return event
            self.clock.tick(minutes=16)
        raise AssertionError("never done")


@pytest.fixture
async def house(db: AsyncSession) -> AsyncGenerator[House]:
    """Everything that a prescription meets on its way."""
    clock = FakeClock(NOON)
    module = StandIn(clock)
    async with running(module) as url, aiohttp.ClientSession() as http:
        yield House(db, clock, module, HttpNational(http, url, SECRET))


@pytest.mark.parametrize(
    "body",
    [
        PRESCRIPTION,
        LOCKED,
        replace(
            PRESCRIPTION, scheme=Scheme.BLUE, paragraph=Paragraph.P2, refund_code="K86", reit=3
        ),
        replace(PRESCRIPTION, substitution=False, packages=3),
    ],
)
async def test_a_prescription_arrives_once_with_what_it_says(
    house: House, body: Prescription
) -> None:
    visit, (paper,) = await signed_with(house.db, body)
    assert await house.go() == PaperSent(visit, NOON, paper, Errand.SEND)
    assert await house.go() is None and list(house.module.held) == [paper]
    said = house.module.held[paper]["said"]
    assert (said["reseptdate"], said["expirationdate"]) == ("2026-11-24", "2027-11-23")
    assert (said["numberofpackages"], said["reit"]) == (body.packages, str(body.reit))
    if body.paragraph:
        assert said["reimbursementparagraph"]["coding"][0]["code"] == "200"
        (code,) = said["reimbursementcode"]["coding"]
        assert (code["system"].rpartition(".")[2], code["code"]) == ("7434", "K86")
    (sending,) = await receipts.sendings(house.db, KEYS, visit)
    assert sending.state is State.DONE
    assert sending.reference == ("REF000000" if body.locked else "")


async def test_an_h_prescription_of_a_doctor_whom_the_trust_has_let_in_arrives(
    house: House,
) -> None:
    house.module.hospital_doctors, house.module.hospital_medicines = LET_IN
    _, (paper,) = await signed_with(house.db, H)
    assert isinstance(await house.go(), PaperSent)
    said = house.module.held[paper]["said"]
    (rule,), (code,) = (
        said[name]["coding"] for name in ("reimbursementparagraph", "reimbursementcode")
    )
    assert (rule["system"], rule["code"]) == ("urn:oid:2.16.578.1.12.4.1.1.7427", "950")
    assert code == {"system": "urn:oid:2.16.578.1.12.4.1.1.7110", "code": "M05.3"}


LET_IN = {DOCTOR.hpr}, {BY_HOSPITAL.fest_id}


@pytest.mark.parametrize(
    ("let_in", "body"),
    [
        ((set(), {BY_HOSPITAL.fest_id}), H),  # a doctor of no trust's
        (({DOCTOR.hpr}, set()), H),  # a medicine that no trust pays for
        (LET_IN, replace(H, refund_code="")),
        (LET_IN, replace(H, scheme=Scheme.BLUE, paragraph=Paragraph.P2)),
        (LET_IN, replace(PRESCRIPTION, scheme=Scheme.BLUE, paragraph=Paragraph.P2)),  # no code
    ],
)
async def test_what_nobody_pays_for_is_refused_over_there(
    house: House, let_in: tuple[set[str], set[str]], body: Prescription
) -> None:
    house.module.hospital_doctors, house.module.hospital_medicines = let_in
    by, list_id = sfm.Prescriber(DOCTOR.name, DOCTOR.hpr, "8140000"), "list"
    house.module.asked[list_id] = house.clock()
    sent = sfm.send(order(body), KARI, by, sfm.Known(list_id, {}), NOON)
    with pytest.raises(NationalRefused, match="422"):
        await house.national.send_medication(by, sent)
    assert house.module.held == {}


async def test_the_reference_number_stands_nowhere_in_clear(house: House) -> None:
    await signed_with(house.db, LOCKED)
    await house.go()
    (row,) = (await house.db.scalars(select(ReceiptRow))).all()
    held = repr([getattr(row, column.key) for column in row.__table__.columns])
    assert "REF000000" not in held
    with pytest.raises(DBAPIError, match="insert-only"):
        await house.db.execute(text("DELETE FROM paper_receipt"))


@pytest.mark.parametrize("fault", ["500", "503", "429", "lost"])
@pytest.mark.parametrize("at", ["get", "send"])
async def test_an_outage_loses_nothing_and_sends_nothing_twice(
    house: House, fault: str, at: str
) -> None:
    visit, (paper,) = await signed_with(house.db, LOCKED)
    house.module.wants = ["", fault, "", fault] if at == "send" else [fault, fault]
    event = await house.until_done()
    assert isinstance(event, PaperSent) and list(house.module.held) == [paper]
    (sending,) = await receipts.sendings(house.db, KEYS, visit)
    assert (sending.state, sending.reference) == (State.DONE, "REF000000")


@pytest.mark.parametrize(
    "faults",
    [
        ["nonsense"],
        ["empty"],
        ["401"],
        ["302"],
        ["", "nonsense"],
        ["", "empty"],
        ["", "half"],
        ["", "400"],
        ["", "422"],
    ],
)
async def test_nonsense_is_never_taken_for_a_yes(house: House, faults: list[str]) -> None:
    visit, _ = await signed_with(house.db, PRESCRIPTION)
    house.module.wants = list(faults)
    assert await house.go() is None  # to be tried again
    (row,) = (await house.db.scalars(select(ErrandRow))).all()
    assert (row.state, row.attempts) == ("on_its_way", 1) and row.last_error
    (sending,) = await receipts.sendings(house.db, KEYS, visit)
    assert sending.reference == ""


async def test_a_refusal_of_this_one_prescription_is_read(house: House) -> None:
    await signed_with(house.db, PRESCRIPTION)
    house.module.wants = ["", "other"]
    assert await house.go() is None
    (row,) = (await house.db.scalars(select(ErrandRow))).all()
    assert row.last_error == "code 17"


async def test_after_enough_refusals_a_person_is_told_and_may_try_again(house: House) -> None:
    visit, (paper,) = await signed_with(house.db, PRESCRIPTION)
    house.module.wants = ["422"] * TRIES[Failure.REFUSED]
    event = await house.until_done()
    assert event == PaperNotSent(visit, paper, "422")
    assert await house.go() is None
    now = house.clock()
    assert not await sending.try_again(house.db, now, visit="another", paper=paper)
    assert await sending.try_again(house.db, now, visit=visit, paper=paper)
    assert isinstance(await house.go(), PaperSent)


@pytest.mark.parametrize(("waited", "sent"), [(4 * 3600, True), (4 * 3600 + 1, False)])
async def test_what_was_asked_more_than_four_hours_ago_is_not_answered_to(
    house: House, monkeypatch: pytest.MonkeyPatch, waited: int, sent: bool
) -> None:
    await signed_with(house.db, PRESCRIPTION)
    ask = house.national.get_medication

    async def slow(*args: object) -> object:
        answer = await ask(*args)  # type: ignore[arg-type]  # handed on as they are
        house.clock.tick(seconds=waited)
        return answer

    monkeypatch.setattr(house.national, "get_medication", slow)
    event = await house.go()
    assert isinstance(event, PaperSent) is sent
    assert house.module.heard == ["get", "send"][: 1 + sent]


@pytest.mark.parametrize(
    ("later", "fresh"),
    [
        (timedelta(0), True),
        (sfm.FRESH, True),
        (sfm.FRESH + timedelta(seconds=1), False),
        (timedelta(seconds=-1), False),  # the clock was set back
    ],
)
def test_an_answer_is_fresh_for_four_hours(later: timedelta, fresh: bool) -> None:
    assert sfm.fresh(NOON, NOON + later) is fresh


async def test_a_prescription_that_was_sent_is_recalled(house: House) -> None:
    visit, (paper,) = await signed_with(house.db, PRESCRIPTION)
    await house.go()
    await withdraw(house, visit, paper)
    event = await house.go()
    assert isinstance(event, PaperSent) and event.errand == Errand.RECALL
    assert house.module.held[paper]["recalled"]
    assert [each.errand for each in await receipts.sendings(house.db, KEYS, visit)] == [
        Errand.SEND,
        Errand.RECALL,
    ]


async def withdraw(house: House, visit: str, paper: str) -> None:
    await handing.withdraw_paper(
        house.db, house.clock(), visit=visit, paper=paper, doctor=DOCTOR.actor, why=Why.WRONG
    )


async def test_a_recall_waits_until_it_is_known_whether_the_prescription_arrived(
    house: House,
) -> None:
    visit, (paper,) = await signed_with(house.db, PRESCRIPTION)
    house.module.wants = ["", "lost"]
    assert await house.go() is None  # it arrived, and nobody knows
    await withdraw(house, visit, paper)
    assert await house.go() is None and house.module.heard == ["get", "send"]
    house.clock.tick(minutes=1)
    first, second = await house.go(), await house.go()
    assert isinstance(first, PaperSent) and first.errand == Errand.SEND
    assert isinstance(second, PaperSent) and second.errand == Errand.RECALL
    assert house.module.held[paper]["recalled"]


async def test_what_nobody_has_begun_to_send_is_neither_sent_nor_recalled(house: House) -> None:
    visit, (paper,) = await signed_with(house.db, PRESCRIPTION)
    await withdraw(house, visit, paper)
    assert await house.go() is None and house.module.heard == []
    assert not await sending.try_again(house.db, NOON, visit=visit, paper=paper)


async def test_what_was_begun_in_a_round_before_is_recalled_and_not_called_off(
    house: House,
) -> None:
    visit, (paper,) = await signed_with(house.db, PRESCRIPTION)
    refused = ["422"] * (TRIES[Failure.REFUSED] - 1)
    house.module.wants = ["", "half", *refused]  # it has arrived, and nobody knows
    await house.until_done()
    assert await sending.try_again(house.db, house.clock(), visit=visit, paper=paper)
    await withdraw(house, visit, paper)
    events = [await house.go() for _ in range(2)]
    assert [event.errand for event in events if isinstance(event, PaperSent)] == ["send", "recall"]


async def test_a_claim_is_for_one_and_a_late_answer_counts_no_more(house: House) -> None:
    await signed_with(house.db, PRESCRIPTION)
    first = await sending.claim(house.db, KEYS, house.clock(), Kind.PRESCRIPTION)
    assert first is not None
    assert await sending.claim(house.db, KEYS, house.clock(), Kind.PRESCRIPTION) is None
    house.clock.tick(seconds=sending.LEASE.total_seconds())
    second = await sending.claim(house.db, KEYS, house.clock(), Kind.PRESCRIPTION)
    assert second is not None and second.attempts == 2
    late = Result(first.paper, "")
    assert await sending.settle(house.db, KEYS, house.clock(), first, late) is None
    assert await sending.settle(house.db, KEYS, house.clock(), second, late) is not None


async def test_each_sending_is_a_line_of_the_log(house: House) -> None:
    visit, _ = await signed_with(house.db, PRESCRIPTION)
    await house.go()
    lines = [line for line in await chart.access_log(house.db, visit) if "prescr" in line.action]
    assert [(line.actor, line.purpose) for line in lines] == [("system", "TREAT/send")]
    assert (await chart.verify(house.db, KEYS)).ok


def order(body: Prescription = PRESCRIPTION, errand: Errand = Errand.SEND) -> sfm.Order:
    """An order of that day."""
    number = "11111111-2222-4333-8444-555555555555"
    return sfm.Order(number, errand, body, TODAY, hidden_from_parents=True)


def result(**changes: object) -> dict[str, object]:
    """An answer to it."""
    said = {"id": order().id, "code": "0", "count": 1, "refnum": "R1"} | changes
    parts = [
        {"name": "reseptID", "valueString": said["id"]},
        {"name": "resultCode", "valueCoding": {"code": said["code"]}},
    ]
    parts += [{"name": "refnum", "valueString": said["refnum"]}] if said["refnum"] else []
    return {
        "resourceType": said.get("kind", "Parameters"),
        "parameter": [
            {"name": "prescriptionCount", "valueInteger": said["count"]},
            {"name": "prescriptionOperationResult", "part": parts},
        ],
    }


@pytest.mark.parametrize(
    "answer",
    [
        None,
        [],
        "ok",
        {},
        result(id="another"),
        result(code="1"),
        result(code=0),
        result(code=""),
        result(count=0),
        result(count=2),
        result(refnum=""),
        result(refnum=7),
        result(kind="Bundle"),
    ],
)
def test_an_answer_that_does_not_fit_is_no_yes(answer: object) -> None:
    with pytest.raises(NationalRefused):
        sfm.read_result(answer, order(LOCKED))


def test_a_yes_is_a_yes() -> None:
    assert sfm.read_result(result(), order(LOCKED)).reference == "R1"
    assert sfm.read_result(result(refnum=""), order()).reference == ""


def test_what_is_sent_again_is_the_same_document() -> None:
    by, known = sfm.Prescriber("Berit Prøveberg", "9999001", "8140000"), sfm.Known("list", {})
    made = [sfm.send(order(), KARI, by, known, NOON) for _ in range(2)]
    assert made[0] == made[1]
    said = str(made[0])
    assert "guardiantransparencyreservation', 'valueBoolean': True" in said
    assert MEDICINE.fest_id in said and KARI.number in said
