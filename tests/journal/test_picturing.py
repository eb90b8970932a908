"""A picture is taken with the patient's yes, and is then as safe as the note that it belongs to."""

import base64
from dataclasses import replace

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from tests.journal.jpegs import LOCATION, PLAIN, photograph
from tests.journal.make import DOCTOR, KARI, KEYS, NOON, OLA, after, handed_out, written
from venterom.journal import chart
from venterom.journal.canonical import sha256_hex
from venterom.journal.errors import AlreadySigned, BadPicture, MayNotRead
from venterom.journal.picturing import MOST

pytestmark = pytest.mark.adapter

OTHER = replace(DOCTOR, person="dr-other")
Sessions = async_sessionmaker[AsyncSession]


async def ask(db: AsyncSession, visit: str, minute: int = 1) -> str:
    asked = await chart.ask_for_picture(db, after(minutes=minute), visit=visit, doctor=DOCTOR.actor)
    assert asked is not None
    return asked.picture


async def allow(db: AsyncSession, visit: str, picture: str, *, yes: bool = True) -> None:
    now = after(minutes=2)
    await chart.allow_picture(db, now, visit=visit, picture=picture, by=KARI, yes=yes)


async def keep(db: AsyncSession, visit: str, picture: str, data: bytes = b"") -> None:
    data = data or photograph()
    now = after(minutes=3)
    await chart.keep_picture(db, KEYS, now, visit=visit, picture=picture, by=KARI, data=data)


async def taken(db: AsyncSession, visit: str, salt: bytes = b"", minute: int = 1) -> str:
    """A picture, from the question on."""
    picture = await ask(db, visit, minute)
    await allow(db, visit, picture)
    await keep(db, visit, picture, photograph(salt))
    return picture


async def sign(db: AsyncSession, visit: str) -> None:
    await chart.sign(db, KEYS, after(minutes=9), visit=visit, author=DOCTOR)


async def seen(db: AsyncSession, visit: str, picture: str, reader: object = KARI) -> bytes:
    return await chart.read_picture(
        db,
        KEYS,
        after(minutes=10),
        reader=reader,  # type: ignore[arg-type]  # an actor
        visit=visit,
        picture=picture,
    )


async def test_it_is_asked_for_allowed_taken_and_signed_with_the_note(db: AsyncSession) -> None:
    visit = await written(db)
    assert await chart.pictures(db, visit) == chart.Pictures()
    picture = await ask(db, visit)
    assert (await chart.pictures(db, visit)).asked == picture
    await allow(db, visit, picture)
    assert (await chart.pictures(db, visit)).allowed == picture
    await keep(db, visit, picture)
    assert await chart.pictures(db, visit) == chart.Pictures(taken=(picture,))
    assert await seen(db, visit, picture, DOCTOR.actor) == PLAIN
    await sign(db, visit)
    assert await chart.pictures(db, visit) == chart.Pictures(taken=(picture,))
    assert await seen(db, visit, picture) == await seen(db, visit, picture, DOCTOR.actor) == PLAIN
    assert (await chart.verify(db, KEYS)).ok
    assert await db.scalar(text("SELECT count(*) FROM picture_draft")) == 0


async def test_nothing_of_it_lies_open_in_the_database(db: AsyncSession) -> None:
    visit = await written(db)
    await taken(db, visit)
    for table in ("picture_draft", "record_attachment"):
        rows = (await db.execute(text(f"SELECT * FROM {table}"))).all()
        kept = b"".join(value for row in rows for value in row if isinstance(value, bytes))
        assert LOCATION not in kept and PLAIN[2:40] not in kept
        await sign(db, visit)


async def test_without_a_yes_there_is_no_picture(db: AsyncSession) -> None:
    visit = await written(db)
    with pytest.raises(BadPicture):
        await keep(db, visit, "nobody-asked")
    picture = await ask(db, visit)
    with pytest.raises(BadPicture, match="not_allowed"):
        await keep(db, visit, picture)
    await allow(db, visit, picture, yes=False)
    with pytest.raises(BadPicture, match="not_allowed"):
        await keep(db, visit, picture)
    with pytest.raises(BadPicture, match="not_asked"):
        await allow(db, visit, picture)  # a no stays one
    assert (await chart.pictures(db, visit)).refused


async def test_a_yes_is_for_one_picture_of_one_visit(db: AsyncSession) -> None:
    visit, other = await written(db), await written(db, by=OLA)
    picture = await ask(db, visit)
    with pytest.raises(BadPicture, match="not_asked"):
        await allow(db, other, picture)
    await allow(db, visit, picture)
    with pytest.raises(BadPicture, match="not_allowed"):
        await keep(db, other, picture)
    await keep(db, visit, picture)
    for _ in range(2):
        with pytest.raises(BadPicture, match="not_allowed"):
            await keep(db, visit, picture)
        await chart.drop_picture(
            db, NOON, visit=visit, picture=picture, doctor=DOCTOR.actor
        )  # one that was dropped does not come back either


async def test_a_question_waits_for_its_answer(db: AsyncSession) -> None:
    visit = await written(db)
    picture = await ask(db, visit)
    again = await chart.ask_for_picture(db, NOON, visit=visit, doctor=DOCTOR.actor)
    assert again is None and (await chart.pictures(db, visit)).asked == picture


async def test_there_are_so_many_and_no_more(db: AsyncSession) -> None:
    visit = await written(db)
    for n in range(MOST):
        await taken(db, visit, bytes((n + 1,)), minute=n)
    with pytest.raises(BadPicture, match="enough"):
        await ask(db, visit)


async def test_what_the_doctor_drops_is_not_part_of_the_note(db: AsyncSession) -> None:
    visit = await written(db)
    one, two = await taken(db, visit, b"1"), await taken(db, visit, b"2", minute=2)
    gone = await chart.drop_picture(db, NOON, visit=visit, picture=one, doctor=DOCTOR.actor)
    assert gone is not None and gone.how == "dropped"
    assert (await chart.pictures(db, visit)).taken == (two,)
    with pytest.raises(MayNotRead):
        await seen(db, visit, one, DOCTOR.actor)
    await sign(db, visit)
    assert (await chart.pictures(db, visit)).taken == (two,)
    assert (await chart.verify(db, KEYS)).ok


async def test_what_is_signed_is_final(db: AsyncSession) -> None:
    visit = await written(db)
    picture = await taken(db, visit)
    asked = await ask(db, visit, minute=4)
    await sign(db, visit)
    with pytest.raises(AlreadySigned):
        await chart.drop_picture(db, NOON, visit=visit, picture=picture, doctor=DOCTOR.actor)
    with pytest.raises(AlreadySigned):
        await ask(db, visit)
    with pytest.raises(AlreadySigned):
        await allow(db, visit, asked)
    with pytest.raises(AlreadySigned):
        await keep(db, visit, asked)


async def test_only_its_doctor_and_its_patient_see_it_and_the_patient_when_it_is_signed(
    db: AsyncSession,
) -> None:
    visit = await written(db)
    picture = await taken(db, visit)
    for reader in (KARI, OLA, OTHER.actor):
        with pytest.raises(MayNotRead):
            await seen(db, visit, picture, reader)
    with pytest.raises(MayNotRead):
        await chart.ask_for_picture(db, NOON, visit=visit, doctor=OTHER.actor)
    with pytest.raises(MayNotRead):
        await chart.drop_picture(db, NOON, visit=visit, picture=picture, doctor=OTHER.actor)
    await sign(db, visit)
    for reader in (OLA, OTHER.actor):
        with pytest.raises(MayNotRead):
            await seen(db, visit, picture, reader)


async def test_all_that_happens_to_it_is_a_line_in_the_log(db: AsyncSession) -> None:
    visit = await written(db)
    picture = await taken(db, visit)
    await seen(db, visit, picture, DOCTOR.actor)
    await chart.drop_picture(db, NOON, visit=visit, picture=picture, doctor=DOCTOR.actor)
    asked = await ask(db, visit, minute=5)
    await allow(db, visit, asked, yes=False)
    said = [line.action for line in await chart.access_log(db, visit)]
    assert said[-5:] == [
        "picture.allowed",
        "picture.taken",
        "picture.read",
        "picture.dropped",
        "picture.refused",
    ]


async def test_it_is_delivered_with_the_note(db: AsyncSession) -> None:
    visit = await written(db)
    await taken(db, visit)
    await sign(db, visit)
    parcel = await handed_out(db, after(minutes=10))
    assert parcel is not None and parcel.bundle is not None, parcel
    found = [item["resource"] for item in parcel.bundle["entry"]]
    *_, picture = [each for each in found if each["resourceType"] == "DocumentReference"]
    attached = picture["content"][0]["attachment"]
    assert base64.b64decode(attached["data"]) == PLAIN
    assert attached["contentType"] == "image/jpeg"
    assert sha256_hex(PLAIN) in [each["value"] for each in picture["identifier"]]


@pytest.mark.parametrize("table", ["record_attachment", "call_telephone"])
@pytest.mark.parametrize("verb", ["UPDATE {} SET visit = 'x'", "DELETE FROM {}"])
async def test_what_was_signed_with_a_note_cannot_be_changed(
    session_factory: Sessions, table: str, verb: str
) -> None:
    async with session_factory() as db, db.begin():
        visit = await written(db)
        await taken(db, visit)
        await chart.telephone(
            db,
            NOON,
            visit=visit,
            doctor=DOCTOR.actor,
            why=chart.Why.WISH,
            after_video=True,
        )
        await sign(db, visit)
    with pytest.raises(DBAPIError, match="insert-only"):
        async with session_factory() as db, db.begin():
            await db.execute(text(verb.format(table)))


@pytest.mark.parametrize(
    "change",
    [
        "DELETE FROM record_attachment WHERE n = 1",
        "UPDATE record_attachment SET n = n + 2",
        "UPDATE record_attachment SET patient = 'x'",
        "UPDATE record_attachment SET nonce = ciphertext",
    ],
)
async def test_a_picture_that_was_changed_behind_our_back_is_named(
    session_factory: Sessions, change: str
) -> None:
    async with session_factory() as db, db.begin():
        visit = await written(db)
        await taken(db, visit, b"1")
        await taken(db, visit, b"2", minute=2)
        await sign(db, visit)
        if db.get_bind().dialect.name == "sqlite":
            for when in ("update", "delete"):
                await db.execute(text(f"DROP TRIGGER record_attachment_no_{when}"))
        else:
            await db.execute(text("ALTER TABLE record_attachment DISABLE TRIGGER USER"))
        assert (await chart.verify(db, KEYS)).ok
        await db.execute(text(change))
        verdict = await chart.verify(db, KEYS)
    assert not verdict.ok and verdict.first_bad.startswith(f"entry {visit} version 1")
