"""Blocks and broken glass on both databases: what is kept back, logged, and forbidden."""

import pytest
from sqlalchemy import insert, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from tests.journal.make import (
    DOCTOR,
    KARI,
    KEYS,
    NOON,
    NOTE,
    OTHER_DOCTOR,
    REASON,
    after,
    consented,
    signed,
)
from venterom.journal import blocks, chart
from venterom.journal.access import Actor, Purpose, Role
from venterom.journal.blocking import ALL, Blocked, Glass
from venterom.journal.errors import BadBlock, BadReason, MayNotRead, NothingBlocked
from venterom.journal.rights_tables import BlockRow, GlassRow

pytestmark = pytest.mark.adapter
DIRECTOR = Actor("boss", Role.DIRECTOR, "Ragna")
WHY = "Pasienten er bevisstløs, vi må vite om medisiner"


async def past_and_now(db: AsyncSession) -> tuple[str, str]:
    """A note of Berit's that is signed and over, and a meeting of the same patient with Dag."""
    old = (await signed(db)).visit
    await chart.close(db, NOON, visit=old)
    new = await consented(db, now=after(days=40))
    await chart.begin_care(db, after(days=40), visit=new, doctor=OTHER_DOCTOR.actor)
    return old, new


async def read(
    db: AsyncSession, visit: str, doctor: Actor = OTHER_DOCTOR.actor, **by: float
) -> chart.Note:
    return await chart.read_note(
        db,
        KEYS,
        after(days=40, **by),
        reader=doctor,
        visit=visit,
        purpose=Purpose.TREATMENT,
    )


async def block(db: AsyncSession, against: str = ALL, **by: float) -> None:
    await blocks.block(db, after(**by), patient="kari", against=against, by=KARI)


async def broken(db: AsyncSession, visit: str, why: str = WHY, **by: float) -> Glass:
    doctor = OTHER_DOCTOR.actor
    return await blocks.break_glass(
        db, KEYS, after(days=40, **by), visit=visit, doctor=doctor, reason=why
    )


async def test_a_doctor_who_has_the_patient_reads_earlier_notes(db: AsyncSession) -> None:
    old, new = await past_and_now(db)
    assert (await read(db, old)).fields == NOTE
    assert (await chart.access_log(db, old))[-1].purpose == "TREAT/treats"
    await chart.close(db, after(days=40), visit=new)
    with pytest.raises(MayNotRead, match="no_relation|care_ended"):
        await read(db, old)


@pytest.mark.parametrize("against", [ALL, OTHER_DOCTOR.person])
async def test_what_is_blocked_is_read_behind_broken_glass_only(
    db: AsyncSession, against: str
) -> None:
    old, new = await past_and_now(db)
    await block(db, against)
    with pytest.raises(MayNotRead, match="blocked"):
        await read(db, old)
    glass = await broken(db, new)
    assert (glass.until - glass.at).total_seconds() == 4 * 3600
    assert (await read(db, old, hours=3)).fields == NOTE
    assert (await chart.access_log(db, old))[-1].purpose == "ETREAT/glass"
    with pytest.raises(MayNotRead, match="blocked"):
        await read(db, old, hours=4)


async def test_a_lifted_block_keeps_nothing(db: AsyncSession) -> None:
    old, _ = await past_and_now(db)
    await block(db)
    await block(db)  # pressed twice
    [standing] = await blocks.standing(db, "kari")
    await blocks.lift(db, after(hours=1), patient="ola", block_id=standing.id, by=KARI)
    assert await blocks.standing(db, "kari")  # not somebody else's to lift
    for _ in range(2):
        await blocks.lift(db, after(hours=1), patient="kari", block_id=standing.id, by=KARI)
    assert await blocks.standing(db, "kari") == ()
    assert (await read(db, old)).fields == NOTE
    await block(db)  # to block again is a new one
    assert await blocks.how_blocked(db, "kari", "anybody") is Blocked.WITH_ALL


async def test_the_meeting_under_way_is_not_blocked(db: AsyncSession) -> None:
    _, new = await past_and_now(db)
    await block(db)
    await block(db, OTHER_DOCTOR.person)
    story = await chart.read_story(
        db,
        KEYS,
        after(days=40),
        reader=OTHER_DOCTOR.actor,
        visit=new,
        purpose=Purpose.TREATMENT,
    )
    assert story.reason == REASON


async def test_a_doctor_blocked_by_name_does_not_see_why_she_waits(db: AsyncSession) -> None:
    visit = await consented(db)
    await block(db)
    for doctor in (DOCTOR.actor, OTHER_DOCTOR.actor):
        found = await chart.summaries(db, KEYS, NOON, reader=doctor, visits=[visit])
        assert found == {visit: REASON}
    await block(db, DOCTOR.person)
    assert await chart.summaries(db, KEYS, NOON, reader=DOCTOR.actor, visits=[visit]) == {}


async def test_glass_is_broken_by_who_has_the_patient_and_says_why(db: AsyncSession) -> None:
    _, new = await past_and_now(db)
    with pytest.raises(NothingBlocked):
        await broken(db, new)
    await block(db)
    with pytest.raises(BadReason):
        await broken(db, new, "haster")
    for stranger in (DOCTOR.actor, KARI, DIRECTOR):
        with pytest.raises(MayNotRead):
            await blocks.break_glass(
                db, KEYS, after(days=40), visit=new, doctor=stranger, reason=WHY
            )
    assert (await broken(db, new)).id == (await broken(db, new, minutes=5)).id  # pressed twice
    assert (await broken(db, new, hours=4)).at == after(days=40, hours=4)


async def test_the_patient_reads_why_and_the_director_looks_once(db: AsyncSession) -> None:
    _, new = await past_and_now(db)
    await block(db)
    await broken(db, new)
    line = (await chart.access_log(db, new))[-1]
    assert (line.action, line.purpose) == ("glass.broken", "ETREAT/glass")
    assert list((await blocks.reasons(db, KEYS, "kari")).values()) == [WHY]
    for _ in range(2):
        [(glass, why)] = await blocks.all_broken(
            db, KEYS, after(days=41), director=DIRECTOR, most=10
        )
        assert (glass.doctor, why) == (OTHER_DOCTOR.person, WHY)
    looked = [x for x in await chart.access_log(db, new) if x.action == "glass.checked"]
    assert [(x.actor, x.purpose) for x in looked] == [("boss", "HOPERAT/control")]
    with pytest.raises(MayNotRead):
        await blocks.all_broken(db, KEYS, after(days=41), director=DOCTOR.actor, most=10)


async def test_nobody_blocks_themselves(db: AsyncSession) -> None:
    with pytest.raises(BadBlock):
        await block(db, "kari")


STANDS = {"id": "b1", "patient": "kari", "against": "", "set_by": "kari", "set_at": NOON}
SEALED = {"kek_id": "k", "wrapped_dek": b"w", "nonce": b"n", "ciphertext": b"x" * 31}
GLASS = {"id": "g1", "patient": "kari", "doctor": "d", "visit": "v", "at": NOON, **SEALED}
FORBIDDEN = [
    [insert(BlockRow).values(STANDS), insert(BlockRow).values({**STANDS, "id": "b2"})],
    [insert(BlockRow).values({**STANDS, "against": "kari"})],
    [insert(BlockRow).values({**STANDS, "lifted_by": "kari"})],
    [insert(BlockRow).values({**STANDS, "lifted_by": "kari", "lifted_at": after(seconds=-1)})],
    [insert(GlassRow).values({**GLASS, "until": after(hours=5)})],  # longer than four hours
    [insert(GlassRow).values({**GLASS, "until": after(hours=4), "ciphertext": b"x" * 30})],
    [
        insert(GlassRow).values({**GLASS, "until": after(hours=4)}),
        update(GlassRow).values(doctor="another"),
    ],
    [insert(GlassRow).values({**GLASS, "until": after(hours=4)}), text("DELETE FROM broken_glass")],
]


@pytest.mark.parametrize("statements", FORBIDDEN)
async def test_the_database_forbids(db: AsyncSession, statements: list[object]) -> None:
    *allowed, forbidden = statements
    for statement in allowed:
        await db.execute(statement)  # type: ignore[call-overload]
    with pytest.raises(DBAPIError):
        async with db.begin_nested():
            await db.execute(forbidden)  # type: ignore[call-overload]
