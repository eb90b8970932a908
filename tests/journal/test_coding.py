"""Which codes may be signed, and the words that they have for good."""

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from tests.journal.make import DOCTOR, KEYS, NOON, NOTE, after, handed_out, person, written
from venterom.journal import chart, coding, entry, icpc2, writing
from venterom.journal.errors import BadNote

pytestmark = pytest.mark.adapter


async def test_until_a_list_is_loaded_the_sample_stands_in_and_any_code_may_be_signed(
    db: AsyncSession,
) -> None:
    assert await coding.terms(db) == icpc2.COMMON
    assert await coding.term_of(db, "R76") == icpc2.COMMON["R76"]
    assert await coding.term_of(db, "Z01") == ""


async def test_a_loaded_list_takes_the_place_of_the_one_before(db: AsyncSession) -> None:
    await coding.load(db, NOON, {"R76": "Prøvebetennelse", "A03": "Feber"})
    await coding.load(db, after(minutes=1), {"R76": "Prøvebetennelse 2027"})
    assert await coding.terms(db) == {"R76": "Prøvebetennelse 2027"}
    assert await coding.term_of(db, "A03") is None


async def test_a_code_that_is_not_in_the_list_is_not_signed(db: AsyncSession) -> None:
    await coding.load(db, NOON, {"A03": "Feber"})
    visit = await written(db)
    with pytest.raises(BadNote) as caught:
        await chart.sign(db, KEYS, NOON, visit=visit, author=DOCTOR)
    assert caught.value.problems == {"icpc2": "not_in_use"}


async def test_a_signed_note_keeps_the_words_that_its_code_had(db: AsyncSession) -> None:
    await coding.load(db, NOON, {"R76": "Prøvebetennelse"})
    visit = await written(db, by=person("eva"))
    await chart.sign(db, KEYS, NOON, visit=visit, author=DOCTOR)
    await coding.load(db, after(minutes=1), {"A03": "Feber"})
    row = await writing.last_entry(db, visit)
    assert row is not None
    content = entry.unpack(await writing.open_entry(db, KEYS, row))
    assert (content.note, content.term) == (NOTE, "Prøvebetennelse")
    parcel = await handed_out(db, after(minutes=2))
    assert parcel is not None and parcel.bundle is not None
    condition = parcel.bundle["entry"][1]["resource"]
    assert condition["code"]["text"] == "Prøvebetennelse"
    assert "display" not in condition["code"]["coding"][0]
