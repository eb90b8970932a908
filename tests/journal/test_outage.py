"""Three days and nights without an EPJ: nothing is lost, nothing repeated, and the order is kept.

The days are virtual: the clock is set from one thing that happens to the next.
"""

import os
from collections import Counter, defaultdict
from datetime import datetime, timedelta

import pytest
from sqlalchemy import event, func, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from tests.conftest import FakeClock
from tests.journal import many
from tests.journal.make import KEYS, NOON
from tests.journal.many import Signed
from tests.server.make import engine_of, parts
from venterom.journal import epj_line
from venterom.journal.epj_answer import Receipt, Said, content_hash
from venterom.journal.errors import EpjSaid
from venterom.journal.fhir import Resource
from venterom.journal.states import Delivery
from venterom.journal.tables import DeliveryRow
from venterom.journal.verifying import verify
from venterom.server import jobs

pytestmark = [pytest.mark.adapter, pytest.mark.slow, pytest.mark.timeout(3600)]
Sessions = async_sessionmaker[AsyncSession]

NOTES = int(os.environ.get("OUTAGE_NOTES", "100"))
PATIENTS = max(NOTES // 20, 1)  # each has twenty notes, so that there is an order to keep
OUTAGE = timedelta(hours=72)
BACK = NOON + OUTAGE
STEP = timedelta(
    seconds=30
)  # the service looks every second: a coarser clock saves hours of looking
LOST_EVERY = 50  # when it is back, every fiftieth note is taken and the answer is lost


class Epj:
    """Away for three days; then there, but now and then its answer is lost."""

    def __init__(self, clock: FakeClock) -> None:
        self._clock = clock
        self.effects: Counter[str] = Counter()
        self.order: defaultdict[str, list[str]] = defaultdict(list)
        self.asked = 0
        self._receipts: dict[str, Receipt] = {}

    async def deliver(self, encounter: str, bundle: Resource) -> Receipt:
        """As docs/epj.md says."""
        self.asked += 1
        if self._clock() < BACK:
            raise EpjSaid(Said.SILENT)
        if encounter in self._receipts:
            return self._receipts[encounter]
        encounter_of, document = bundle["entry"][0]["resource"], bundle["entry"][3]["resource"]
        self.effects[encounter] += 1
        self.order[encounter_of["subject"]["identifier"]["value"]].append(encounter)
        receipt = Receipt(encounter, content_hash(document), "DocumentReference/1", self._clock())
        self._receipts[encounter] = receipt
        if len(self._receipts) % LOST_EVERY == 0:
            raise EpjSaid(Said.SILENT)
        return receipt


async def next_moment(sessions: Sessions, now: datetime) -> datetime | None:
    """When the EPJ may be asked again, and a note is due; None: all is done."""
    async with sessions() as db:
        line = await epj_line.load(db)
        due = await db.scalar(
            select(func.min(DeliveryRow.due_at)).where(
                DeliveryRow.state.in_((Delivery.SIGNED, Delivery.ON_ITS_WAY))
            )
        )
    return due and max(line.rests_until or now, due, now + STEP)


async def test_three_days_without_an_epj_lose_nothing_repeat_nothing_and_keep_the_order(
    session_factory: Sessions, clock: FakeClock
) -> None:
    without_syncing(session_factory)
    signed = many.notes(NOTES, PATIENTS, NOON, OUTAGE / NOTES)
    epj = Epj(clock)
    app = parts(session_factory, clock, epj)
    await many.written(session_factory, signed)  # none is due before it was signed
    while (moment := await next_moment(session_factory, clock.now)) is not None:
        clock.now = moment
        await jobs.deliver(app)
        if clock.now < BACK:
            assert epj.asked < 400 and not epj.effects  # whoever is away is left alone
    assert clock.now - BACK < timedelta(hours=1)
    await _nothing_is_lost(session_factory, epj, signed)


def without_syncing(sessions: Sessions) -> None:
    """Nobody pulls the plug in these days, and twenty thousand commits would wait for the disk."""
    engine = engine_of(sessions).sync_engine
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", lambda it, _: it.execute("PRAGMA synchronous = OFF"))


async def _nothing_is_lost(sessions: Sessions, epj: Epj, signed: list[Signed]) -> None:
    assert epj.effects == Counter(note.visit for note in signed)
    for patient in {note.patient for note in signed}:
        assert epj.order[KEYS.pseudonym(patient)] == many.of(signed, patient)
    async with sessions() as db:
        verdict = await verify(db, KEYS)
    assert verdict.ok, verdict.first_bad
