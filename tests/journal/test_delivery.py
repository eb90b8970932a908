"""Notes reach the EPJ once, in order, whatever happens on the way."""

import asyncio
import json
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import delete, select, text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from tests.journal.make import DOCTOR, KARI, KEYS, NOON, NOTE, OLA, after, handed_out, signed
from venterom.journal import chart, delivery, epj_answer, retry
from venterom.journal.delivery import Refusal
from venterom.journal.epj import EmbeddedEpj
from venterom.journal.epj_answer import Receipt
from venterom.journal.errors import EpjConflict, EpjRefused, EpjUnreachable, Unreadable
from venterom.journal.events import Delivered, DeliveryDelayed, DeliveryFailed
from venterom.journal.fhir import Resource
from venterom.journal.packing import Parcel
from venterom.journal.retry import Failure
from venterom.journal.seal import KekRing
from venterom.journal.states import Delivery
from venterom.journal.tables import DeliveryRow, EpjRow, PatientKeyRow, epj_metadata

pytestmark = [pytest.mark.adapter, pytest.mark.slow]
Sessions = async_sessionmaker[AsyncSession]
EPJ_KEKS = KekRing("epj-1", {"epj-1": b"e" * 32})


@pytest.fixture
async def epj(session_factory: Sessions) -> EmbeddedEpj:
    async with session_factory() as db, db.begin():
        await (await db.connection()).run_sync(epj_metadata.create_all)
    return EmbeddedEpj(session_factory, EPJ_KEKS, lambda: after(seconds=3))


class FakeEpj:
    """An EPJ that answers as the test says, and remembers what it was sent."""

    def __init__(self, answer: Callable[[str, Resource], Receipt]) -> None:
        self.answer = answer
        self.sent: list[str] = []

    async def deliver(self, encounter: str, bundle: Resource) -> Receipt:
        self.sent.append(encounter)
        return self.answer(encounter, bundle)


def failing(error: Exception) -> FakeEpj:
    def fail(encounter: str, bundle: Resource) -> Receipt:
        raise error

    return FakeEpj(fail)


def content_hash(bundle: Resource) -> str:
    found = (epj_answer.content_hash(item["resource"]) for item in bundle["entry"])
    return next(filter(None, found))


def taking() -> FakeEpj:
    return FakeEpj(lambda e, b: Receipt(e, content_hash(b), "DocumentReference/1", NOON))


async def note(sessions: Sessions, **how: object) -> str:
    async with sessions() as db, db.begin():
        return (await signed(db, **how)).visit  # type: ignore[arg-type]  # passed on


async def claim(sessions: Sessions, now: datetime) -> Parcel | None:
    async with sessions() as db, db.begin():
        return await handed_out(db, now)


async def one_round(
    sessions: Sessions, epj: EmbeddedEpj | FakeEpj, now: datetime
) -> Delivered | DeliveryDelayed | DeliveryFailed | None:
    """What the server's job does with one note."""
    parcel = await claim(sessions, now)
    if parcel is None:
        return None
    answer = await delivery.send(epj, parcel)
    async with sessions() as db, db.begin():
        events = await delivery.settle(db, now, [(parcel, answer)])
        return events[0] if events else None


async def state(sessions: Sessions, visit: str) -> Delivery | None:
    async with sessions() as db:
        return await delivery.state_of(db, visit)


async def test_a_signed_note_comes_into_the_journal(
    session_factory: Sessions, epj: EmbeddedEpj
) -> None:
    visit = await note(session_factory)
    assert await state(session_factory, visit) is Delivery.SIGNED
    event = await one_round(session_factory, epj, after(minutes=1))
    assert isinstance(event, Delivered) and event.visit == visit
    assert await state(session_factory, visit) is Delivery.IN_THE_JOURNAL
    bundle = await epj.read(visit)
    assert bundle is not None and NOTE.plan in json.dumps(bundle, ensure_ascii=False)
    assert await one_round(session_factory, epj, after(days=1)) is None  # nothing more is due
    async with session_factory() as db:
        row = (await db.scalars(select(DeliveryRow))).one()
        assert json.loads(row.receipt or "")["received_at"] == after(seconds=3).isoformat()
        log = await chart.access_log(db, visit)
        assert (log[-1].action, log[-1].actor) == ("note.sent", "system")
        assert (await chart.verify(db, KEYS)).ok
        assert await delivery.pending(db) == []


@pytest.mark.parametrize("days", [-365, 365])
async def test_an_epj_whose_clock_is_wrong_is_believed_about_its_own_time_only(
    session_factory: Sessions, epj: EmbeddedEpj, days: int
) -> None:
    visit = await note(session_factory)
    theirs = after(days=days)
    wrong = EmbeddedEpj(session_factory, EPJ_KEKS, lambda: theirs)
    assert isinstance(await one_round(session_factory, wrong, after(minutes=1)), Delivered)
    async with session_factory() as db:
        row = (await db.scalars(select(DeliveryRow))).one()
        assert (row.signed_at, row.due_at) == (NOON, after(minutes=1))  # ours
        assert json.loads(row.receipt or "")["received_at"] == theirs.isoformat()
        found = await delivery.status(db, visit)
        assert found is not None and found.delivered_at == theirs
        [sent] = [each for each in await chart.access_log(db, visit) if each.action == "note.sent"]
        assert sent.at == after(minutes=1)


async def test_killed_between_send_and_mark_it_is_sent_again_with_one_effect(
    session_factory: Sessions, epj: EmbeddedEpj
) -> None:
    visit = await note(session_factory)
    parcel = await claim(session_factory, NOON)
    assert parcel is not None
    first = await delivery.send(epj, parcel)  # … and here the process dies
    async with session_factory() as db, db.begin():
        await chart.close(db, after(seconds=5), visit=visit)  # meanwhile the visit ends
    assert await claim(session_factory, NOON + delivery.LEASE - timedelta(seconds=1)) is None
    again = await claim(session_factory, NOON + delivery.LEASE)
    assert again is not None and again.bundle == parcel.bundle
    assert await delivery.send(epj, again) == first  # the same receipt, from the same one row
    async with session_factory() as db, db.begin():
        late = await delivery.settle(db, after(minutes=2), [(parcel, first)])
        assert late == []  # whoever was thought dead cannot mark any more
        (done,) = await delivery.settle(db, after(minutes=2), [(again, first)])
        assert isinstance(done, Delivered)
        assert len((await db.scalars(select(EpjRow))).all()) == 1


async def test_eight_jobs_at_once_hand_out_one_parcel(session_factory: Sessions) -> None:
    await note(session_factory)
    for now in (NOON, NOON + delivery.LEASE):  # the first time, and when the claim has run out
        parcels = await asyncio.gather(*(claim(session_factory, now) for _ in range(8)))
        assert len([parcel for parcel in parcels if parcel is not None]) == 1


@pytest.mark.parametrize(
    ("fake", "why", "error"),
    [
        (failing(EpjUnreachable()), Failure.UNREACHABLE, "EpjUnreachable"),
        (failing(ConnectionResetError()), Failure.UNREACHABLE, "ConnectionResetError"),
        (failing(TimeoutError()), Failure.UNREACHABLE, "TimeoutError"),
        (failing(KeyError("x")), Failure.UNREACHABLE, "KeyError"),
        (failing(EpjRefused()), Failure.REFUSED, "EpjRefused"),
        (failing(EpjConflict()), Failure.REFUSED, "EpjConflict"),
        # «yes», but to another note
        (
            FakeEpj(lambda e, b: Receipt("other", content_hash(b), "r", NOON)),
            Failure.REFUSED,
            "ReceiptMismatch",
        ),
        (FakeEpj(lambda e, b: Receipt(e, "0" * 64, "r", NOON)), Failure.REFUSED, "ReceiptMismatch"),
    ],
)
async def test_what_is_no_receipt_is_a_failure(
    session_factory: Sessions, fake: FakeEpj, why: Failure, error: str
) -> None:
    visit = await note(session_factory)
    parcel = await claim(session_factory, NOON)
    assert parcel is not None
    assert await delivery.send(fake, parcel) == Refusal(why, error)
    event = await one_round(session_factory, fake, NOON + delivery.LEASE)
    assert isinstance(event, DeliveryDelayed)
    assert event.again_at == retry.next_try(2, NOON + delivery.LEASE)
    assert await state(session_factory, visit) is Delivery.ON_ITS_WAY
    async with session_factory() as db:
        (waiting,) = await delivery.pending(db, DOCTOR.person)
        assert (waiting.visit, waiting.last_error, waiting.attempts) == (visit, error, 2)
        assert await delivery.pending(db, "somebody else") == []


async def test_a_refused_note_is_parked_and_goes_when_a_person_asks(
    session_factory: Sessions,
) -> None:
    visit = await note(session_factory)
    now, refusing = NOON, failing(EpjRefused())
    event = await one_round(session_factory, refusing, now)
    while isinstance(event, DeliveryDelayed):
        now = event.again_at
        event = await one_round(session_factory, refusing, now)
    assert event == DeliveryFailed(visit, retry.TRIES[Failure.REFUSED], "EpjRefused")
    assert len(refusing.sent) == retry.TRIES[Failure.REFUSED]
    assert await one_round(session_factory, refusing, after(days=30)) is None
    async with session_factory() as db, db.begin():
        assert await delivery.try_again(db, now, visit=visit)
        assert not await delivery.try_again(db, now, visit=visit)  # it waits already
    assert isinstance(await one_round(session_factory, taking(), now), Delivered)


async def test_an_outage_of_three_days_loses_nothing(
    session_factory: Sessions, epj: EmbeddedEpj
) -> None:
    visit = await note(session_factory)
    now, dead = NOON, failing(EpjUnreachable())
    while now < after(hours=72):
        event = await one_round(session_factory, dead, now)
        assert isinstance(event, DeliveryDelayed)
        now = event.again_at
    event = await one_round(session_factory, epj, now)
    assert isinstance(event, Delivered) and await epj.read(visit) is not None


async def test_notes_about_one_patient_keep_their_order(session_factory: Sessions) -> None:
    first = await note(session_factory)
    second = await note(session_factory, now=after(minutes=1))
    other = await note(session_factory, by=OLA, now=after(minutes=2))
    refusing, taker = failing(EpjRefused()), taking()
    now = after(minutes=3)
    event = await one_round(session_factory, refusing, now)
    assert isinstance(event, DeliveryDelayed) and refusing.sent == [first]
    event = await one_round(session_factory, taker, now)
    assert taker.sent == [other]  # others pass, the same patient's second note waits
    assert await one_round(session_factory, taker, now) is None
    for _ in range(2):
        await one_round(session_factory, taker, after(minutes=10))
    assert taker.sent == [other, first, second]


async def test_a_note_that_cannot_be_opened_does_not_stop_the_others(
    session_factory: Sessions,
) -> None:
    bad = await note(session_factory)
    good = await note(session_factory, by=OLA, now=after(minutes=1))
    async with session_factory() as db, db.begin():
        await db.execute(delete(PatientKeyRow).where(PatientKeyRow.patient == KARI.person))
    taker = taking()
    event = await one_round(session_factory, taker, after(minutes=2))
    assert isinstance(event, DeliveryDelayed) and event.visit == bad
    assert isinstance(await one_round(session_factory, taker, after(minutes=2)), Delivered)
    assert taker.sent == [good]
    async with session_factory() as db:
        assert (await delivery.pending(db))[0].last_error == Unreadable.__name__


async def test_the_embedded_epj_refuses_other_content_loudly(
    session_factory: Sessions, epj: EmbeddedEpj
) -> None:
    visit = await note(session_factory)
    parcel = await claim(session_factory, NOON)
    assert parcel is not None and parcel.bundle is not None
    receipt = await epj.deliver(visit, parcel.bundle)
    assert await epj.deliver(visit, parcel.bundle) == receipt
    with pytest.raises(EpjConflict):
        await epj.deliver(visit, parcel.bundle | {"timestamp": "2020-01-01T00:00:00Z"})
    with pytest.raises(EpjRefused):
        await epj.deliver("v2", {"entry": []})
    assert await epj.read("v2") is None and await epj.read(visit) == parcel.bundle


async def test_the_embedded_epj_takes_the_same_note_from_many_at_once(
    session_factory: Sessions, epj: EmbeddedEpj
) -> None:
    visit = await note(session_factory)
    parcel = await claim(session_factory, NOON)
    assert parcel is not None and parcel.bundle is not None
    bundle = parcel.bundle
    receipts = await asyncio.gather(*(epj.deliver(visit, bundle) for _ in range(8)))
    assert len(set(receipts)) == 1


async def test_no_plain_text_lies_in_any_column(
    session_factory: Sessions, epj: EmbeddedEpj
) -> None:
    await note(session_factory)
    await one_round(session_factory, epj, NOON)
    secrets = ["halsen", "Feber", "tonsiller", "halsbetennelse", "Hurtigtest"]
    async with session_factory() as db:
        for table in await tables(db):
            for row in (await db.execute(text(f'SELECT * FROM "{table}"'))).all():
                for value in row:
                    found = value if isinstance(value, bytes) else str(value).encode()
                    assert not any(secret.encode() in found for secret in secrets), table


async def tables(db: AsyncSession) -> list[str]:
    if db.get_bind().dialect.name == "sqlite":
        query = "SELECT name FROM sqlite_master WHERE type = 'table'"
    else:
        query = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
    return list((await db.execute(text(query))).scalars())
