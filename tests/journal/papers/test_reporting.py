"""Sick notes on their way: against a stand-in for NAV, over real HTTP."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass, replace
from datetime import date, timedelta

import aiohttp
import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from tests.conftest import FakeClock
from tests.journal.make import DOCTOR, KEYS, NOON
from tests.journal.papers.make import PRESCRIPTION, SICK_NOTE, TODAY
from tests.journal.papers.nav_stand_in import SECRET, NavStandIn, running
from tests.journal.papers.signing import signed_with
from venterom.journal import chart
from venterom.journal.access import CARE_LASTS
from venterom.journal.events import PaperNotSent, PaperSent
from venterom.journal.papers import handing, receipts, reporting, sending
from venterom.journal.papers.errand import CALLED_OFF, Errand, State, Subject
from venterom.journal.papers.handing import Why
from venterom.journal.papers.nav import HttpNav
from venterom.journal.papers.paper import Kind
from venterom.journal.papers.sheet import Sender
from venterom.journal.papers.sick_note import SickNote
from venterom.journal.papers.tables import ErrandRow
from venterom.journal.retry import CAP, TRIES, Failure

pytestmark = pytest.mark.adapter

KARI = Subject("Kari Prøvdal", date(1980, 5, 17), "17858012345")
US = Sender("Prøvelegene AS", "999999999", "Prøveveien 1", "23 01 48 00")


@dataclass
class House:
    """The database, the way out, and who answers there."""

    db: AsyncSession
    clock: FakeClock
    nav: NavStandIn
    http: HttpNav
    subject: Subject = KARI

    async def go(self) -> object:
        """One errand, whole: claim, send, settle."""
        parcel = await sending.claim(self.db, KEYS, self.clock(), Kind.SICK_NOTE)
        if parcel is None:
            return None
        answer = await reporting.send(self.http, parcel, self.subject, US, "8140000")
        return await sending.settle(self.db, KEYS, self.clock(), parcel, answer)

    async def row(self) -> ErrandRow:
        """The only errand."""
        (row,) = (await self.db.scalars(select(ErrandRow))).all()
        return row

    async def withdraw(self, visit: str, paper: str) -> None:
        """The doctor thinks again."""
        await handing.withdraw_paper(
            self.db, self.clock(), visit=visit, paper=paper, doctor=DOCTOR.actor, why=Why.WRONG
        )


@pytest.fixture
async def house(db: AsyncSession) -> AsyncGenerator[House]:
    """Everything that a sick note meets on its way."""
    nav = NavStandIn()
    async with running(nav) as url, aiohttp.ClientSession() as http:
        yield House(db, FakeClock(NOON), nav, HttpNav(http, url, SECRET))


@pytest.mark.parametrize("degree", [100, 20, 50])
async def test_a_sick_note_arrives_once_and_is_done_by_navs_own_receipt(
    house: House, degree: int
) -> None:
    visit, (paper,) = await signed_with(house.db, replace(SICK_NOTE, degree=degree))
    assert await house.go() == PaperSent(visit, NOON, paper, Errand.SEND)
    assert list(house.nav.taken) == [paper] and house.nav.heard == ["GET", "PUT"]
    (sending_,) = await receipts.sendings(house.db, KEYS, visit)
    assert (sending_.state, sending_.reference) == (State.DONE, f"receipt-of-{paper}")
    assert await house.go() is None and house.nav.heard == ["GET", "PUT"]


async def test_what_was_taken_is_not_done_before_the_receipt_comes(house: House) -> None:
    visit, _ = await signed_with(house.db, SICK_NOTE)
    house.nav.keeps_waiting = True
    for _ in range(5):
        assert await house.go() is None
        assert (await house.row()).last_error == "NoReceiptYet"
        (sending_,) = await receipts.sendings(house.db, KEYS, visit)
        assert (sending_.state, sending_.reference) == (State.ON_ITS_WAY, "")
        house.clock.tick(seconds=CAP.total_seconds())
    assert house.nav.heard.count("PUT") == 1
    house.nav.keeps_waiting = False
    assert isinstance(await house.go(), PaperSent)


async def test_after_three_days_without_a_receipt_a_person_is_told(house: House) -> None:
    visit, (paper,) = await signed_with(house.db, SICK_NOTE)
    house.nav.keeps_waiting = True
    await house.go()
    row = await house.row()
    row.attempts = TRIES[Failure.UNREACHABLE] - 1
    await house.db.flush()
    house.clock.tick(days=3)
    assert await house.go() == PaperNotSent(visit, paper, "NoReceiptYet")
    now = house.clock()
    assert await sending.stopped(house.db, now, DOCTOR.person) == {visit: "kari"}
    assert await sending.stopped(house.db, now, "another") == {}
    late = now + CARE_LASTS + timedelta(hours=1)
    assert await sending.stopped(house.db, late, DOCTOR.person) == {}
    await house.withdraw(visit, paper)
    assert await sending.stopped(house.db, now, DOCTOR.person) == {}


@pytest.mark.parametrize("fault", ["500", "503", "429", "lost"])
@pytest.mark.parametrize("at", ["GET", "PUT"])
async def test_an_outage_loses_nothing_and_sends_nothing_twice(
    house: House, fault: str, at: str
) -> None:
    _, (paper,) = await signed_with(house.db, SICK_NOTE)
    house.nav.wants = ["", fault, fault] if at == "PUT" else [fault, fault]
    event = None
    for _ in range(3):  # a lost answer may be asked for again by the client itself
        event = event or await house.go()
        house.clock.tick(minutes=1)
    assert isinstance(event, PaperSent)
    assert list(house.nav.taken) == [paper] and len(house.nav.receipts) == 1


@pytest.mark.parametrize(
    "faults",
    [
        ["nonsense", ""],
        ["", "nonsense"],
        ["", "cut"],
        ["", "other"],
        ["", "endless"],
        ["401"],
        ["302"],
        ["", "400"],
    ],
    ids=lambda faults: "-".join(faults),
)
async def test_nonsense_is_never_taken_for_a_receipt(house: House, faults: list[str]) -> None:
    visit, _ = await signed_with(house.db, SICK_NOTE)
    house.nav.wants = list(faults)
    if faults[0] == "nonsense":  # of a message that is there already
        house.nav.keeps_waiting = True
        await house.go()
        house.clock.tick(minutes=1)
        house.nav.keeps_waiting, house.nav.wants = False, ["nonsense"]
    assert await house.go() is None
    row = await house.row()
    assert row.state == State.ON_ITS_WAY and row.last_error
    (sending_,) = await receipts.sendings(house.db, KEYS, visit)
    assert sending_.reference == ""


@pytest.mark.parametrize(
    ("body", "subject"),
    [
        (replace(SICK_NOTE, degree=10), KARI),
        (replace(SICK_NOTE, first=TODAY - timedelta(days=1)), KARI),
        (replace(SICK_NOTE, last=TODAY + timedelta(days=400)), KARI),
        (SICK_NOTE, replace(KARI, number="")),
    ],
)
async def test_a_no_of_navs_is_final_and_says_nothing_of_anybody(
    house: House, monkeypatch: pytest.MonkeyPatch, body: SickNote, subject: Subject
) -> None:
    monkeypatch.setattr("venterom.journal.papers.paper.problems", lambda *_: {})
    visit, (paper,) = await signed_with(house.db, body)
    house.subject = subject
    assert await house.go() == PaperNotSent(visit, paper, "NavRejected X99")
    assert await house.go() is None and house.nav.heard == ["GET", "PUT"]


async def test_the_same_note_by_another_name_is_navs_to_refuse(house: House) -> None:
    await signed_with(house.db, SICK_NOTE, SICK_NOTE)
    events = [await house.go() for _ in range(2)]
    assert [type(event) for event in events] == [PaperSent, PaperNotSent]


async def test_what_is_withdrawn_before_anybody_has_it_is_never_sent(house: House) -> None:
    visit, (paper,) = await signed_with(house.db, SICK_NOTE)
    await house.withdraw(visit, paper)
    assert await house.go() is None and house.nav.heard == []
    assert (await house.row()).last_error == CALLED_OFF


@pytest.mark.parametrize(("faults", "has_it"), [(["503"], False), (["", "lost", "lost"], True)])
async def test_what_is_withdrawn_on_its_way_is_looked_for_and_not_sent_again(
    house: House, faults: list[str], has_it: bool
) -> None:
    visit, (paper,) = await signed_with(house.db, SICK_NOTE)
    house.nav.wants = list(faults)
    assert await house.go() is None
    await house.withdraw(visit, paper)
    house.clock.tick(minutes=1)
    event = await house.go()
    assert (paper in house.nav.taken, isinstance(event, PaperSent)) == (has_it, has_it)
    row = await house.row()  # nothing is recalled: NAV takes no recalls
    assert (row.errand, row.state) == ("send", "done" if has_it else "failed")
    assert await sending.try_again(house.db, NOON, visit=visit, paper=paper) is False
    assert await sending.stopped(house.db, house.clock(), DOCTOR.person) == {}


async def test_nobody_waits_for_an_outage_of_the_others(house: House) -> None:
    _, (_, note) = await signed_with(house.db, PRESCRIPTION, SICK_NOTE)
    parcel = await sending.claim(house.db, KEYS, NOON, Kind.SICK_NOTE)
    assert parcel is not None and parcel.paper == note
    assert await sending.claim(house.db, KEYS, NOON, Kind.SICK_NOTE) is None
    other = await sending.claim(house.db, KEYS, NOON, Kind.PRESCRIPTION)
    assert other is not None and other.kind is Kind.PRESCRIPTION


async def test_each_sending_is_a_line_of_the_log(house: House) -> None:
    visit, _ = await signed_with(house.db, SICK_NOTE)
    await house.go()
    lines = [line for line in await chart.access_log(house.db, visit) if "sick" in line.action]
    assert [(line.actor, line.purpose) for line in lines] == [("system", "TREAT/send")]
    assert (await chart.verify(house.db, KEYS)).ok
