"""How often the database is asked when a note is signed and delivered: it must not creep back.

On a busy machine each statement costs about as much as the write that all of it is about.
"""

import pytest
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from tests.conftest import FakeClock
from tests.journal.make import DOCTOR, KEYS, NOON, person, written
from tests.journal.statements import statements
from tests.journal.test_delivery import note, taking
from tests.server.make import engine_of, parts
from venterom.journal import chart
from venterom.server import jobs

pytestmark = pytest.mark.adapter
Sessions = async_sessionmaker[AsyncSession]

LOCKING = {"sqlite": [], "postgresql": ["FROM visit"]}  # whoever writes to SQLite is alone
SIGNING = [
    "FROM record_audit",  # the visit, with all that lies beside it
    "FROM diagnosis_code",
    "FROM chain_head",  # locked, as late as can be
    "INSERT INTO record_entry",  # and the draft ends
    "INSERT INTO record_audit",  # and the chain's end moves
    "INSERT INTO delivery",
    "COMMIT",
]
NOTHING_DUE = ["FROM delivery_line", "UPDATE delivery", "COMMIT"]
CLAIMING = [
    "FROM delivery_line",
    "UPDATE delivery",
    "FROM chain_head",
    "INSERT INTO record_audit",
    "COMMIT",
]
PACKING = [
    "FROM record_entry",
    "FROM patient_key",
    "FROM record_attachment",
    "FROM record_paper",
    "FROM record_consent",
    "COMMIT",  # of a transaction that only read
]


def settling(notes: int) -> list[str]:
    """So many together."""
    return ["UPDATE delivery_line", *["UPDATE delivery"] * notes, "INSERT INTO outbox", "COMMIT"]


async def test_a_signature_asks_six_times_and_commits_once(session_factory: Sessions) -> None:
    async with session_factory() as db, db.begin():
        first, second = [await written(db, by=person(f"p{n}")) for n in range(2)]
        await chart.sign(db, KEYS, NOON, visit=first, author=DOCTOR)  # the chain has an end now
    with statements(session_factory) as said:
        async with session_factory() as db, db.begin():
            await chart.sign(db, KEYS, NOON, visit=second, author=DOCTOR)
    assert said == LOCKING[engine_of(session_factory).dialect.name] + SIGNING


async def test_several_notes_are_delivered_with_two_writing_commits(
    session_factory: Sessions, clock: FakeClock
) -> None:
    for n in range(1 + jobs.ROUND):
        await note(session_factory, by=person(f"p{n}"))
    clock.tick(minutes=1)
    app = parts(session_factory, clock, taking())
    with statements(session_factory) as said:
        await jobs.deliver(app)
    rounds = [CLAIMING + PACKING + settling(n) for n in (1, jobs.ROUND)]
    assert said == [*rounds[0], *rounds[1], *NOTHING_DUE]


async def test_two_notes_of_one_patient_are_not_on_their_way_at_once(
    session_factory: Sessions, clock: FakeClock
) -> None:
    signed = [await note(session_factory, by=person(f"p{n % 2}")) for n in range(6)]
    clock.tick(minutes=1)
    epj = taking()
    with statements(session_factory) as said:
        await jobs.deliver(parts(session_factory, clock, epj))
    assert [visit for visit in epj.sent if visit in signed[::2]] == signed[::2]
    assert [visit for visit in epj.sent if visit in signed[1::2]] == signed[1::2]
    # one to see, then two patients at once
    assert said.count("INSERT INTO outbox") == 4
