"""Keys are wrapped anew while notes are written and read; a wrong or lost key harms nothing."""

from collections import Counter
from dataclasses import replace

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from tests.journal.make import DOCTOR, GROWN, KEYS, NOTE, after, person, signed, written
from venterom.journal import chart, rotating
from venterom.journal.epj import EmbeddedEpj
from venterom.journal.errors import Unreadable
from venterom.journal.fhir import CONTENT, Resource
from venterom.journal.keys import Keys
from venterom.journal.rotating import Step
from venterom.journal.seal import KekRing
from venterom.journal.tables import EpjRow, PatientKeyRow, epj_metadata

pytestmark = pytest.mark.adapter
Sessions = async_sessionmaker[AsyncSession]

OLD = KEYS.keks
BOTH = KekRing("kek-2", {**OLD.keys, "kek-2": b"2" * 32})
NEW = KekRing("kek-2", {"kek-2": b"2" * 32})
WRONG = KekRing("kek-2", {"kek-1": b"x" * 32, "kek-2": b"2" * 32})


def with_keys(keks: KekRing) -> Keys:
    """The same service with other keys."""
    return replace(KEYS, keks=keks)


@pytest.fixture(autouse=True)
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a few patients are several steps."""
    monkeypatch.setattr(rotating, "AT_ONCE", 2)


async def patients(sessions: Sessions, *names: str) -> None:
    """Patients with a signed note each."""
    async with sessions() as db, db.begin():
        for name in names:
            await signed(db, by=person(name))


async def step(sessions: Sessions, keks: KekRing, seen: str = "") -> Step:
    """One transaction of it."""
    async with sessions() as db, db.begin():
        return await rotating.rotate_patients(db, keks=keks, after=seen)


async def all_of_it(sessions: Sessions, keks: KekRing) -> tuple[int, Counter[str]]:
    """Step by step to the end."""
    seen: str | None = ""
    done, unreadable = 0, Counter[str]()
    while seen is not None:
        taken = await step(sessions, keks, seen)
        seen, done, unreadable = taken.last, done + taken.done, unreadable + taken.unreadable
    return done, unreadable


async def in_use(sessions: Sessions) -> Counter[str]:
    """What each key opens."""
    async with sessions() as db:
        return await rotating.in_use(db, PatientKeyRow)


async def holds(sessions: Sessions, keks: KekRing) -> bool:
    """Whether everything can be read with these keys, and is as it was written."""
    async with sessions() as db:
        return (await chart.verify(db, with_keys(keks))).ok


async def test_after_it_the_old_key_is_needed_no_more(session_factory: Sessions) -> None:
    await patients(session_factory, "p1", "p2", "p3", "p4", "p5")
    assert await all_of_it(session_factory, BOTH) == (5, Counter())
    assert await in_use(session_factory) == Counter({"kek-2": 5})
    assert await holds(session_factory, NEW)
    assert not await holds(session_factory, OLD)
    assert await all_of_it(session_factory, BOTH) == (0, Counter())  # again: nothing to do


async def test_broken_off_half_way_it_goes_on_where_it_was(session_factory: Sessions) -> None:
    await patients(session_factory, "p1", "p2", "p3", "p4", "p5")
    taken = await step(session_factory, BOTH)
    assert (taken.last, taken.done) == ("p2", 2)
    assert await in_use(session_factory) == Counter({"kek-1": 3, "kek-2": 2})
    assert await holds(session_factory, BOTH)
    assert await all_of_it(session_factory, BOTH) == (3, Counter())


async def test_a_step_that_is_not_committed_changes_nothing(session_factory: Sessions) -> None:
    await patients(session_factory, "p1", "p2")
    async with session_factory() as db:
        await rotating.rotate_patients(db, keks=BOTH, after="")
        await db.rollback()
    assert await holds(session_factory, OLD)


async def test_a_note_begun_before_it_is_saved_and_signed_after_it(
    session_factory: Sessions,
) -> None:
    async with session_factory() as db, db.begin():
        visit = await written(db, by=person("p1"))
    service = with_keys(BOTH)
    await all_of_it(session_factory, BOTH)
    async with session_factory() as db, db.begin():
        more = replace(NOTE, plan="Ny plan")
        await chart.save_draft(
            db, service, after(minutes=1), visit=visit, author=DOCTOR, fields=more, version=1
        )
        await chart.sign(db, service, after(minutes=2), visit=visit, author=DOCTOR)
    assert await holds(session_factory, NEW)


async def test_a_patient_whose_key_was_made_by_a_service_that_lags_behind_is_found_next_time(
    session_factory: Sessions,
) -> None:
    await all_of_it(session_factory, BOTH)
    await patients(session_factory, "late")  # still under kek-1
    assert await in_use(session_factory) == Counter({"kek-1": 1})
    assert await all_of_it(session_factory, BOTH) == (1, Counter())


@pytest.mark.parametrize("keks", [NEW, WRONG], ids=["lost", "wrong"])
async def test_what_a_lost_or_wrong_key_cannot_open_is_counted_and_left_as_it_was(
    session_factory: Sessions, keks: KekRing
) -> None:
    await patients(session_factory, "p1", "p2", "p3")
    assert await all_of_it(session_factory, keks) == (0, Counter({"kek-1": 3}))
    assert await holds(session_factory, OLD)  # and with the right key again it can be read


async def test_one_that_cannot_be_opened_does_not_keep_the_others_waiting(
    session_factory: Sessions,
) -> None:
    await patients(session_factory, "p1", "p2", "p3")
    async with session_factory() as db, db.begin():
        row = await db.get_one(PatientKeyRow, "p1")
        row.wrapped = row.wrapped[:-1] + bytes([row.wrapped[-1] ^ 1])
    assert await all_of_it(session_factory, BOTH) == (2, Counter({"kek-1": 1}))


async def test_a_running_service_takes_up_a_new_key(session_factory: Sessions) -> None:
    service = with_keys(KekRing(OLD.current, OLD.keys))
    other = replace(with_keys(BOTH), retired={KEYS.kid: KEYS.signing.public_key()})
    service.renew(other)
    async with session_factory() as db, db.begin():
        visit = await written(db)
        await chart.save_draft(
            db, service, after(minutes=1), visit=visit, author=DOCTOR, fields=NOTE, version=1
        )
        await chart.sign(db, service, after(minutes=2), visit=visit, author=DOCTOR)
        kek_ids = set(await db.scalars(select(PatientKeyRow.kek_id)))
    assert kek_ids == {"kek-1"}  # the patient's key is older than the new one
    await patients_under(session_factory, service, "p9")
    assert await in_use(session_factory) == Counter({"kek-1": 1, "kek-2": 1})


async def patients_under(sessions: Sessions, keys: Keys, name: str) -> None:
    """A patient whose key these keys wrap."""
    async with sessions() as db, db.begin():
        visit = (await chart.open_visit(db, after(), by=person(name))).id
        await chart.set_patient(
            db,
            after(),
            visit=visit,
            patient=name,
            relation=chart.Relation.SELF,
            birth_date=GROWN,
        )
        await chart.set_reason(db, keys, after(), visit=visit, text="Vondt i halsen")


def bundle(content: str) -> Resource:
    """What the embedded EPJ takes for a note."""
    document = {
        "resourceType": "DocumentReference",
        "identifier": [{"system": CONTENT, "value": content}],
    }
    return {"resourceType": "Bundle", "entry": [{"resource": document}]}


async def test_the_embedded_epj_is_sealed_anew(session_factory: Sessions) -> None:
    async with session_factory() as db, db.begin():
        await (await db.connection()).run_sync(epj_metadata.create_all)
    epj = EmbeddedEpj(session_factory, OLD, after)
    for each in ("v1", "v2", "v3"):
        await epj.deliver(each, bundle(each))
    seen, done = "", 0
    for _ in range(2):
        async with session_factory() as db, db.begin():
            taken = await rotating.rotate_epj(db, keks=BOTH, after=seen)
        seen, done = taken.last or "", done + taken.done
    async with session_factory() as db:
        assert (done, await rotating.in_use(db, EpjRow)) == (3, Counter({"kek-2": 3}))
    newer = EmbeddedEpj(session_factory, NEW, after)
    assert await newer.read("v2") == bundle("v2")
    with pytest.raises(Unreadable):
        await epj.read("v2")


@pytest.mark.parametrize(
    ("keks", "named"),
    [(OLD, []), (BOTH, []), (NEW, ["kek-1"]), (WRONG, ["kek-1"])],
    ids=["as it was", "one more", "lost", "wrong"],
)
async def test_a_key_that_does_not_open_what_it_sealed_is_named(
    session_factory: Sessions, keks: KekRing, named: list[str]
) -> None:
    await patients(session_factory, "p1", "p2")
    async with session_factory() as db:
        assert await rotating.not_opened(db, keks) == named
