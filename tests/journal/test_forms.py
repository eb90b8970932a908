"""What a signed note holds today, and that what was signed before is as good as ever."""

import json

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from tests.journal.make import DOCTOR, KARI, KEYS, NOON, after, handed_out, written
from tests.journal.test_entry import FIRST_FORM, SALT
from venterom.journal import chart, entry, signing, vault, writing
from venterom.journal.access import Purpose
from venterom.journal.meeting import Met, Other, Part

pytestmark = pytest.mark.adapter


async def test_who_took_part_and_when_is_sealed_with_the_note(db: AsyncSession) -> None:
    visit = await written(db)
    met = Met(after(minutes=1), after(minutes=9), (Other(Part.COLLEAGUE, "Tor Prøve"),))
    await chart.sign(db, KEYS, after(minutes=20), visit=visit, author=DOCTOR, met=met)
    row = await writing.last_entry(db, visit)
    assert row is not None
    content = entry.unpack(await writing.open_entry(db, KEYS, row))
    assert (content.begun_at, content.ended_at) == (after(minutes=1), after(minutes=9))
    assert content.others == met.others
    note = await chart.read_note(
        db, KEYS, NOON, reader=DOCTOR.actor, visit=visit, purpose=Purpose.TREATMENT
    )
    assert "12.01–12.09" in note.account and "Tor Prøve (kollega)" in note.account


async def test_a_note_that_was_signed_in_the_first_form_opens_verifies_and_is_delivered(
    db: AsyncSession,
) -> None:
    visit = await written(db)
    said = json.loads(FIRST_FORM)
    del said["pictures"]  # none is sealed beside this one
    packed = SALT + json.dumps(said, ensure_ascii=False).encode()
    parents = await vault.patient_keys(db, KEYS, [KARI.person])
    made = signing.NewVersion(KARI.person, visit, entry.FIRST, DOCTOR, withheld=False)
    await signing.write_entry(db, KEYS, NOON, parents, made, packed)
    assert (await chart.verify(db, KEYS)).ok
    note = await chart.read_note(
        db, KEYS, NOON, reader=DOCTOR.actor, visit=visit, purpose=Purpose.TREATMENT
    )
    assert (note.fields.plan, note.fields.medication, note.account) == ("Hurtigtest i dag", "", "")
    parcel = await handed_out(db, after(minutes=1))
    assert parcel is not None and parcel.bundle is not None and parcel.fault == ""
