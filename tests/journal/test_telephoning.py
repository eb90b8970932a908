"""That the doctor went over to the telephone stands in the note, and in what the EPJ gets."""

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from tests.journal.make import DOCTOR, KARI, KEYS, NOON, after, handed_out, written
from venterom.journal import chart, contact
from venterom.journal.contact import Means, Telephone, Why
from venterom.journal.errors import MayNotRead, NoSuchVisit, VisitClosed

pytestmark = pytest.mark.adapter


async def ring(db: AsyncSession, visit: str, why: Why = Why.NETWORK, *, video: bool = True) -> bool:
    said = await chart.telephone(
        db, NOON, visit=visit, doctor=DOCTOR.actor, why=why, after_video=video
    )
    return said.fresh


@pytest.mark.parametrize(
    ("telephone", "means"),
    [
        (None, (Means.VIDEO,)),
        (Telephone(NOON, Why.NETWORK, True), (Means.VIDEO, Means.TELEPHONE)),
        (Telephone(NOON, Why.WISH, False), (Means.TELEPHONE,)),
    ],
)
def test_the_means_are_those_that_were_used(
    telephone: Telephone | None, means: tuple[Means, ...]
) -> None:
    assert contact.means(telephone) == means


async def test_the_first_time_counts(db: AsyncSession) -> None:
    visit = await written(db)
    assert await chart.telephone_of(db, visit) is None
    assert await ring(db, visit) is True
    assert await ring(db, visit, Why.WISH, video=False) is False
    assert await chart.telephone_of(db, visit) == Telephone(NOON, Why.NETWORK, True)


async def test_it_is_signed_and_delivered_with_the_note(db: AsyncSession) -> None:
    visit = await written(db)
    await ring(db, visit, Why.WISH, video=False)
    await chart.sign(db, KEYS, after(minutes=9), visit=visit, author=DOCTOR)
    assert (await chart.verify(db, KEYS)).ok
    parcel = await handed_out(db, after(minutes=10))
    assert parcel is not None and parcel.bundle is not None
    encounter = parcel.bundle["entry"][0]["resource"]
    assert [each["coding"][0]["code"] for each in encounter["type"]] == ["7"]
    assert "pasienten ønsket det" in str(parcel.bundle)
    assert "telefonkonsultasjon" in str(parcel.bundle)


async def test_only_its_doctor_says_so_and_only_while_it_lasts(db: AsyncSession) -> None:
    visit = await written(db)
    for who, error in ((KARI, MayNotRead),):
        with pytest.raises(error):
            await chart.telephone(db, NOON, visit=visit, doctor=who, why=Why.WISH, after_video=True)
    with pytest.raises(NoSuchVisit):
        await ring(db, "no-such-visit")
    await chart.close(db, NOON, visit=visit)
    with pytest.raises(VisitClosed):
        await ring(db, visit)
