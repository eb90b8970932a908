"""Consents as they are stored: two records, two receipts, and never a change."""

import json
from collections.abc import Sequence
from datetime import date

import pytest
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from tests.journal.make import (
    DOCTOR,
    GROWN,
    KARI,
    KEYS,
    NOON,
    NOTE,
    OLA,
    after,
    child_born,
    told,
    written,
)
from venterom.journal import chart, consent, jws, texts
from venterom.journal.access import Actor
from venterom.journal.errors import (
    ConsentMissing,
    ConsentRefused,
    NoPatient,
    PatientChanged,
    TextChanged,
    UnknownText,
    VisitClosed,
)
from venterom.journal.events import ConsentGiven
from venterom.journal.tables import ConsentRow, EntryRow, VisitRow

pytestmark = pytest.mark.adapter


async def give(
    db: AsyncSession,
    visit: str,
    *,
    by: Actor = KARI,
    patient: str = "kari",
    language: str = "nb",
    version: str = texts.CURRENT,
    own_yes: bool = False,
    minutes: int = 0,
) -> ConsentGiven:
    return await chart.give_consent(
        db,
        KEYS,
        after(minutes=minutes),
        visit=visit,
        by=by,
        patient=patient,
        language=language,
        version=version,
        own_yes=own_yes,
    )


async def records(db: AsyncSession) -> Sequence[ConsentRow]:
    return (await db.scalars(select(ConsentRow).order_by(ConsentRow.at, ConsentRow.kind))).all()


async def test_notice_and_consent_are_recorded_apart(db: AsyncSession) -> None:
    visit = await told(db)
    given = await give(db, visit, language="nn")
    agreed, notice = await records(db)
    assert (agreed.kind, notice.kind) == ("consent", "notice")
    for row in (agreed, notice):
        shown = texts.text(row.kind, "nn")
        assert row.text_sha256 == texts.text_sha256(shown)
        assert (row.text_version, row.language, row.rule) == (texts.CURRENT, "nn", "adult")
        assert (row.patient, row.given_by, row.at) == ("kari", "kari", NOON)
    assert given.receipt == agreed.receipt and given.fresh
    assert (await chart.visit(db, visit)).consent


async def test_the_receipt_is_signed_and_names_nobody(db: AsyncSession) -> None:
    given = await give(db, await told(db))
    payload = jws.verify(given.receipt, KEYS.verifying, typ=(consent.RECEIPT,))
    said = json.loads(payload)
    assert said["patient"] == said["by"] == KEYS.pseudonym("kari") and b"kari" not in payload
    assert said["purposes"]["recording"] is False and said["purposes"]["video"] is True


async def test_a_second_click_writes_nothing(db: AsyncSession) -> None:
    visit = await told(db)
    first = await give(db, visit)
    again = await give(db, visit, minutes=1)
    assert (again.receipt, again.at, again.fresh) == (first.receipt, NOON, False)
    assert len(await records(db)) == 2


async def test_withdrawn_and_given_again(db: AsyncSession) -> None:
    visit = await told(db)
    await give(db, visit)
    taken = await chart.withdraw_consent(db, KEYS, after(minutes=1), visit=visit, by=KARI)
    assert taken.visit == visit and not (await chart.visit(db, visit)).consent
    with pytest.raises(ConsentMissing):
        await chart.withdraw_consent(db, KEYS, after(minutes=2), visit=visit, by=KARI)
    assert (await give(db, visit, minutes=3)).fresh
    assert (await chart.visit(db, visit)).consent and len(await records(db)) == 5


async def test_only_those_whom_it_concerns_withdraw(db: AsyncSession) -> None:
    visit = await told(db)
    with pytest.raises(ConsentMissing):
        await chart.withdraw_consent(db, KEYS, NOON, visit=visit, by=KARI)
    await give(db, visit)
    with pytest.raises(ConsentRefused):
        await chart.withdraw_consent(db, KEYS, NOON, visit=visit, by=OLA)


@pytest.mark.parametrize(
    ("years", "own_yes", "rule"),
    [
        (4, False, "parent"),
        (7, False, "parent_child_heard"),
        (15, True, "parent_child_heard"),
        (16, True, "young_person"),
        (17, True, "young_person"),
    ],
)
async def test_a_parent_consents_and_the_rule_is_recorded(
    db: AsyncSession, years: int, own_yes: bool, rule: str
) -> None:
    visit = await told(db, patient="barn", birth_date=child_born(years))
    await give(db, visit, patient="barn", own_yes=own_yes)
    agreed, _ = await records(db)
    assert (agreed.rule, agreed.own_yes, agreed.patient) == (rule, own_yes, "barn")


async def test_what_cannot_be_taken_is_refused(db: AsyncSession) -> None:
    visit = await told(db, patient="ung", birth_date=child_born(16))
    for fault, how in (
        (ConsentRefused, {"patient": "ung"}),  # the young person has not said yes
        (ConsentRefused, {"patient": "ung", "by": OLA, "own_yes": True}),  # somebody else's visit
        (PatientChanged, {"patient": "kari"}),  # another window says another patient
        (TextChanged, {"patient": "ung", "own_yes": True, "version": "2025-1"}),
        (UnknownText, {"patient": "ung", "own_yes": True, "language": "de"}),
    ):
        with pytest.raises(fault):
            await give(db, visit, **how)
    assert not await records(db)


async def test_a_child_does_not_consent_alone(db: AsyncSession) -> None:
    visit = await told(db, birth_date=child_born(15))
    with pytest.raises(ConsentRefused, match="parents_decide"):
        await give(db, visit)


async def test_a_grown_child_decides_alone_even_if_the_visit_was_begun_before(
    db: AsyncSession,
) -> None:
    visit = await told(db, patient="ung", birth_date=child_born(17))
    with pytest.raises(ConsentRefused, match="adult_decides"):
        await give(db, visit, patient="ung", own_yes=True, minutes=366 * 24 * 60)


async def test_a_visit_without_patient_or_over_takes_no_consent(db: AsyncSession) -> None:
    visit = (await chart.open_visit(db, NOON, by=KARI)).id
    with pytest.raises(NoPatient):
        await give(db, visit)
    await chart.close(db, NOON, visit=visit)
    with pytest.raises(VisitClosed):
        await give(db, visit)


async def test_a_consent_for_one_patient_is_none_for_another(db: AsyncSession) -> None:
    visit = await told(db)
    await give(db, visit)
    await chart.set_patient(
        db,
        NOON,
        visit=visit,
        patient="barn",
        relation=consent.Relation.CHILD,
        birth_date=child_born(4),
    )
    assert not (await chart.visit(db, visit)).consent
    await chart.set_patient(
        db,
        NOON,
        visit=visit,
        patient="kari",
        relation=consent.Relation.SELF,
        birth_date=GROWN,
    )
    assert (await chart.visit(db, visit)).consent


async def test_one_is_asked_again_only_when_the_text_changed(
    db: AsyncSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    await give(db, await told(db))
    later = await told(db, by=OLA)
    assert not (await chart.visit(db, later)).consent  # somebody else's yes
    await db.execute(update(VisitRow).values(stage="closed", closed_at=NOON))
    again = await told(db, now=after(days=90))
    found = await chart.visit(db, again)
    assert found.consent and found.consent_at == NOON
    await chart.mark_open(db, after(days=90), visit=again)
    monkeypatch.setattr(texts, "CURRENT", "2027-1")
    assert not (await chart.visit(db, again)).consent


async def test_what_is_taken_back_later_is_asked_for_again(db: AsyncSession) -> None:
    await give(db, await told(db))
    await db.execute(update(VisitRow).values(stage="closed", closed_at=NOON))
    again = await told(db, now=after(days=1))
    await chart.withdraw_consent(db, KEYS, after(days=1), visit=again, by=KARI)
    assert not (await chart.visit(db, again)).consent
    with pytest.raises(ConsentMissing):
        await chart.withdraw_consent(db, KEYS, after(days=1), visit=again, by=KARI)
    with pytest.raises(ConsentMissing):
        await chart.mark_open(db, after(days=1), visit=again)
    given = await give(db, again, minutes=2 * 24 * 60)
    assert given.fresh and (await chart.visit(db, again)).consent


@pytest.mark.parametrize("turns", [7, 12, 16, 18])
async def test_a_yes_of_the_evening_before_a_birthday_ends_at_midnight_in_norway(
    db: AsyncSession, turns: int
) -> None:
    born = date(2026 - turns, 11, 25)  # tomorrow; midnight in Oslo is 23:00 in UTC
    visit = await told(db, patient="barn", birth_date=born)
    await give(db, visit, patient="barn", own_yes=True)
    with pytest.raises(ConsentMissing):
        await chart.mark_open(db, after(hours=12), visit=visit)
    await chart.mark_open(db, after(hours=11, minutes=59), visit=visit)


async def test_a_child_of_13_comes_alone_and_it_is_recorded(db: AsyncSession) -> None:
    visit = await told(db, birth_date=child_born(13))
    given = await chart.give_consent(
        db,
        KEYS,
        NOON,
        visit=visit,
        by=KARI,
        patient="kari",
        language="nb",
        version=texts.CURRENT,
        alone=True,
    )
    assert json.loads(jws.verify(given.receipt, KEYS.verifying, typ=(consent.RECEIPT,)))[
        "rule"
    ] == ("child_alone")
    await chart.mark_open(db, NOON, visit=visit)
    await chart.begin_care(db, NOON, visit=visit, doctor=DOCTOR.actor)
    await chart.save_draft(db, KEYS, NOON, visit=visit, author=DOCTOR, fields=NOTE, version=0)
    await chart.sign(db, KEYS, NOON, visit=visit, author=DOCTOR)
    entry = await db.get_one(EntryRow, (visit, 1))
    assert entry.withheld  # the EPJ gets NORN_FORANS


async def test_a_consent_withdrawn_during_the_call_leaves_a_note_to_be_signed(
    db: AsyncSession,
) -> None:
    visit = await written(db)
    taken = await chart.withdraw_consent(db, KEYS, after(minutes=5), visit=visit, by=KARI)
    assert taken.visit == visit and not (await chart.visit(db, visit)).consent
    done = await chart.sign(db, KEYS, after(minutes=6), visit=visit, author=DOCTOR)
    assert done.fresh and (await chart.verify(db, KEYS)).ok
    last = (await chart.access_log(db, visit))[-2:]
    assert [line.action for line in last] == ["consent.withdrawn", "note.signed"]
