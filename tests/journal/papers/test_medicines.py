"""The register in the database."""

from dataclasses import replace

import pytest
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from tests.journal.make import NOON, after
from tests.journal.papers.make import MEDICINE
from tests.journal.papers.test_fest import SAMPLE
from venterom.journal.papers import fest, medicines
from venterom.journal.papers.fest import Register
from venterom.journal.papers.medicine import MOST_FOUND

pytestmark = pytest.mark.adapter


async def load(db: AsyncSession) -> None:
    """The sample."""
    await medicines.load(db, NOON, fest.read([SAMPLE.read_bytes()]), "ab")


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("prøvepress", ["990001", "990002"]),
        ("PRØVEPRESS 20", ["990002"]),
        ("20 prøvepr", ["990002"]),
        ("uprøvstatin", ["990003"]),
        ("c09aa99", ["990001", "990002"]),
        ("990012", ["990012"]),
        ("pr", None),
        ("p", []),
        ("  ", []),
        ("100%", []),
        ("1_0", []),
        ("\\", []),
        ("ingen heter dette", []),
    ],
)
async def test_a_doctor_finds_by_name_substance_code_and_number(
    db: AsyncSession, typed: str, found: list[str] | None
) -> None:
    await load(db)
    hits = [each.number for each in await medicines.search(db, typed)]
    assert hits == found if found is not None else len(hits) > 5


async def test_whose_name_begins_with_it_comes_first(db: AsyncSession) -> None:
    await load(db)
    names = [each.name for each in await medicines.search(db, "testo")]
    assert names[0].startswith("Testo")
    many = tuple(replace(MEDICINE, number=f"{n:06d}") for n in range(50))
    await medicines.load(db, after(days=1), Register("e", many, 0, ()), "")
    assert len(await medicines.search(db, "prøvepress")) == MOST_FOUND


async def test_a_new_register_takes_the_place_of_the_old_or_nothing_does(
    session_factory: async_sessionmaker[AsyncSession],
) -> None:
    async with session_factory() as db, db.begin():
        assert await medicines.loaded(db) is None
        await load(db)
    new = Register("2026-12-01", (replace(MEDICINE, number="111111"),), 0, ())
    twice = replace(new, medicines=new.medicines * 2)  # breaks at its second row
    with pytest.raises(Exception, match="(?i)unique"):
        async with session_factory() as db, db.begin():
            await medicines.load(db, after(days=1), twice, "")
    async with session_factory() as db, db.begin():
        assert await medicines.medicine(db, "990001") == replace(
            MEDICINE, fest_id="ID_00000006-0000-4000-8000-000000990001"
        )
        kept = await medicines.loaded(db)
        assert kept is not None and (kept.edition, kept.taken) == ("2026-11-23T03:00:00", 16)
        await medicines.load(db, after(days=1), new, "")
        assert await medicines.medicine(db, "990001") is None
        assert await medicines.medicine(db, "111111") is not None
