"""A signed note is put right by a version more: signed, chained, delivered after the first."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from tests.journal.make import (
    DOCTOR,
    KARI,
    KEYS,
    NOON,
    NOTE,
    OTHER_DOCTOR,
    after,
    signed,
    written,
)
from tests.journal.papers.make import PRESCRIPTION
from tests.journal.papers.signing import prepared, save
from tests.journal.test_casework import DIRECTOR, ask
from tests.journal.test_delivery import failing, one_round, taking
from tests.journal.test_picturing import taken
from venterom.journal import (
    amending,
    blocks,
    casework,
    chart,
    deleting,
    delivery,
    drafting,
    mine,
    reducing,
    versions,
)
from venterom.journal.access import CARE_LASTS, Actor, Basis, Practitioner, Purpose
from venterom.journal.amending import AtHand
from venterom.journal.cases import Kind, Outcome, State
from venterom.journal.deletion import Ground
from venterom.journal.epj import EmbeddedEpj
from venterom.journal.errors import BadNote, EpjRefused, MayNotRead, StaleDraft
from venterom.journal.events import Amended, Delivered, DeliveryFailed
from venterom.journal.note import NoteFields
from venterom.journal.papers import handing
from venterom.journal.retry import TRIES, Failure
from venterom.journal.rights_tables import AmendmentDraftRow
from venterom.journal.seal import KekRing
from venterom.journal.states import Delivery
from venterom.journal.tables import AuditRow, DeliveryRow, EntryRow, epj_metadata

pytestmark = [pytest.mark.adapter, pytest.mark.slow]
Sessions = async_sessionmaker[AsyncSession]
RIGHT = replace(NOTE, plan="Ring fastlegen i morgen")
WHY = "Planen var skrevet på feil pasient"
LATE = NOON + CARE_LASTS + timedelta(days=1)
KEEP = timedelta(days=30)
CHIEF = Practitioner("boss", "Ragna Ledersen", "9999009", "sign-in-9")


async def anew(
    db: AsyncSession,
    visit: str,
    fields: NoteFields = RIGHT,
    seen: int = 1,
    author: Practitioner = DOCTOR,
    why: str = WHY,
    minutes: float = 60,
) -> Amended:
    return await amending.amend(
        db,
        KEYS,
        after(minutes=minutes),
        visit=visit,
        author=author,
        seen=seen,
        why=why,
        fields=fields,
    )


async def add(
    db: AsyncSession, visit: str, text: str = "Prøven var negativ", seen: int = 1
) -> Amended:
    return await amending.amend(
        db,
        KEYS,
        after(minutes=60),
        visit=visit,
        author=DOCTOR,
        seen=seen,
        why="Prøvesvar kom",
        addition=text,
    )


async def begin(
    db: AsyncSession, visit: str, author: Practitioner = DOCTOR, late: bool = False
) -> AtHand:
    now = LATE if late else after(minutes=50)
    return await amending.begin(db, KEYS, now, visit=visit, author=author)


async def read(db: AsyncSession, visit: str, reader: Actor = KARI) -> chart.Note:
    return await chart.read_note(
        db, KEYS, NOON, reader=reader, visit=visit, purpose=Purpose.PATIENT_REQUEST
    )


async def closed(db: AsyncSession) -> str:
    visit = (await signed(db)).visit
    await chart.close(db, after(minutes=30), visit=visit)
    return visit


async def test_a_note_said_anew_is_a_version_more_and_the_first_stays(db: AsyncSession) -> None:
    visit = (await signed(db)).visit
    before = (await db.scalars(select(EntryRow.jws))).one()
    shown = await begin(db, visit)
    assert shown.note is not None and (shown.note.fields, shown.version) == (NOTE, 1)
    done = await anew(db, visit)
    assert (done.version, done.fresh) == (2, True)
    rows = (await db.scalars(select(EntryRow).order_by(EntryRow.version))).all()
    assert [(row.version, row.author_hpr) for row in rows] == [(1, "9999001"), (2, "9999001")]
    assert rows[0].jws == before
    due = (await db.scalars(select(DeliveryRow).order_by(DeliveryRow.n))).all()
    assert [(row.version, row.content_hash) for row in due] == [
        (row.version, row.content_hash) for row in rows
    ]
    note = await read(db, visit)
    assert (note.fields, note.why, note.changed) == (RIGHT, WHY, ("Plan",))
    assert note.before[0].fields == NOTE
    outcome = await chart.read_outcome(db, KEYS, NOON, reader=KARI, visit=visit)
    assert (outcome.plan, outcome.signed_at) == (RIGHT.plan, NOON)
    assert outcome.amended_at == after(minutes=60)
    verdict = await chart.verify(db, KEYS)
    assert verdict.ok, verdict.first_bad
    log = [line.action for line in await chart.access_log(db, visit)]
    assert log[-4:] == ["note.read", "note.amended", "note.read", "outcome.read"]


async def test_what_was_kept_from_parents_stays_kept(db: AsyncSession) -> None:
    visit = (await signed(db, withheld=True)).visit
    await anew(db, visit)
    await add(db, visit, seen=2)
    assert list(await db.scalars(select(EntryRow.withheld))) == [True] * 3


async def test_an_addition_stands_beside_it(db: AsyncSession) -> None:
    visit = (await signed(db)).visit
    await add(db, visit)
    note = await read(db, visit)
    assert note.fields == NOTE and note.additions[0].text == "Prøven var negativ"
    await anew(db, visit, seen=2)
    note = await read(db, visit)
    assert note.version == 3 and note.additions == () and note.before[0].additions[0].version == 2
    rows = (await db.scalars(select(EntryRow).order_by(EntryRow.version))).all()
    last = (await versions.opened(db, KEYS, rows))[-1].content
    assert last is not None and last.amends is not None and last.amends.replaces == (1, 2)
    assert (await chart.verify(db, KEYS)).ok


async def test_pressed_twice_it_is_one_version_and_what_was_not_seen_is_not_overwritten(
    db: AsyncSession,
) -> None:
    visit = (await signed(db)).visit
    first = await anew(db, visit)
    again = await anew(db, visit, minutes=61)
    assert not again.fresh and (again.version, again.at) == (first.version, first.at)
    with pytest.raises(StaleDraft):
        await anew(db, visit, replace(RIGHT, findings="Annet"))
    with pytest.raises(StaleDraft):
        await anew(db, visit, why="En annen grunn")
    with pytest.raises(StaleDraft):
        await add(db, visit)
    assert len((await db.scalars(select(EntryRow))).all()) == 2


async def test_a_version_before_the_first_was_seen_by_nobody(db: AsyncSession) -> None:
    visit = (await signed(db)).visit
    with pytest.raises(StaleDraft):
        await add(db, visit, seen=0)


async def test_two_at_once_make_one_version(session_factory: Sessions) -> None:
    async with session_factory() as db, db.begin():
        visit = (await signed(db)).visit
    made = []
    for text in ("A", "B"):
        async with session_factory() as db, db.begin():
            try:
                made.append((await add(db, visit, text)).version)
            except StaleDraft:
                made.append(0)
    assert made == [2, 0]


@pytest.mark.parametrize(
    ("fields", "why", "problem"),
    [
        (NOTE, WHY, "amend"),
        (RIGHT, " ", "why"),
        (replace(RIGHT, plan=""), WHY, "plan"),
        (replace(RIGHT, icpc2="??"), WHY, "icpc2"),
    ],
)
async def test_what_cannot_be_signed_changes_nothing(
    db: AsyncSession, fields: NoteFields, why: str, problem: str
) -> None:
    visit = (await signed(db)).visit
    with pytest.raises(BadNote) as bad:
        await anew(db, visit, fields, why=why)
    assert problem in bad.value.problems
    with pytest.raises(BadNote):
        await add(db, visit, "  ")
    assert len((await db.scalars(select(EntryRow))).all()) == 1


async def test_nobody_else_amends(db: AsyncSession) -> None:
    visit = (await signed(db)).visit
    for stranger in (OTHER_DOCTOR, CHIEF):
        with pytest.raises(MayNotRead):
            await begin(db, visit, stranger)
        with pytest.raises(MayNotRead):
            await anew(db, visit, author=stranger)
    unsigned = await written(db, now=after(days=1))
    with pytest.raises(MayNotRead):
        await anew(db, unsigned)


async def granted(db: AsyncSession, visit: str, by: Actor) -> str:
    case = await ask(db, visit)
    await casework.answer(
        db,
        KEYS,
        after(minutes=40),
        case_id=case,
        by=by,
        outcome=Outcome.GRANTED,
        reason="Det stemmer, og blir rettet.",
    )
    return case


async def test_a_case_ends_with_the_version_that_puts_the_note_right(db: AsyncSession) -> None:
    visit = await closed(db)
    await granted(db, visit, DOCTOR.actor)
    [case] = await casework.of_patient(db, KARI.person)
    assert case.state is State.GRANTED
    await anew(db, visit)
    [case] = await casework.of_patient(db, KARI.person)
    assert (case.state, case.carried_out_at) == (State.CARRIED_OUT, after(minutes=60))


async def test_who_decided_it_may_put_it_right_in_the_signers_place(db: AsyncSession) -> None:
    visit = await closed(db)
    await granted(db, visit, DIRECTOR)
    shown = await begin(db, visit, CHIEF)
    assert shown.note is not None and shown.note.fields == NOTE
    assert (await anew(db, visit, author=CHIEF)).version == 2
    note = await read(db, visit)
    assert note.author == CHIEF.person and "Ragna Ledersen" in note.account
    assert (await chart.verify(db, KEYS)).ok
    with pytest.raises(MayNotRead):  # it is done
        await anew(db, visit, NOTE, seen=2, author=CHIEF)


async def test_after_the_time_of_care_the_text_is_there_only_when_the_patient_has_asked(
    db: AsyncSession,
) -> None:
    visit = await closed(db)
    assert (await begin(db, visit, late=True)).note is None
    with pytest.raises(MayNotRead):
        await amending.amend(
            db, KEYS, LATE, visit=visit, author=DOCTOR, seen=1, why=WHY, fields=RIGHT
        )
    await granted(db, visit, DOCTOR.actor)
    assert (await begin(db, visit, late=True)).note is not None
    line = (await db.scalars(select(AuditRow).order_by(AuditRow.n.desc()))).first()
    assert line is not None and line.purpose == "TREAT/asked_to_amend"


async def test_a_doctor_finds_every_note_of_her_own_page_by_page(
    db: AsyncSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(amending, "PAGE", 2)
    visits = [(await signed(db, now=after(days=-n))).visit for n in range(50, 0, -10)][::-1]
    await anew(db, visits[0])
    await written(db)  # not signed
    pages, before = [], None
    while True:
        page = await amending.own(db, DOCTOR.person, before=before)
        pages.append([each.visit for each in page.notes])
        assert page.newer is (before is not None)
        if not page.older:
            break
        before = page.notes[-1].n
    assert pages == [visits[:2], visits[2:4], visits[4:]]
    back = await amending.own(db, DOCTOR.person, after=page.notes[0].n)
    assert [each.visit for each in back.notes] == visits[2:4] and back.newer and back.older
    first = await amending.own(db, DOCTOR.person, after=back.notes[0].n)
    assert [each.visit for each in first.notes] == visits[:2] and not first.newer
    assert [each.versions for each in first.notes] == [2, 1]
    assert (await amending.own(db, OTHER_DOCTOR.person)).notes == []


async def test_a_doctor_whom_the_patient_has_blocked_adds_without_reading(db: AsyncSession) -> None:
    visit = await closed(db)
    await blocks.block(db, NOON, patient=KARI.person, against=DOCTOR.person, by=KARI)
    assert (await begin(db, visit)).note is None
    with pytest.raises(MayNotRead):
        await anew(db, visit)
    assert (await add(db, visit)).version == 2


async def test_a_deleted_note_is_amended_no_more_and_all_its_versions_are_gone(
    db: AsyncSession,
) -> None:
    visit = await closed(db)
    await anew(db, visit)
    case = await ask(db, visit, kind=Kind.DELETION)
    await casework.answer(
        db,
        KEYS,
        after(minutes=70),
        case_id=case,
        by=DOCTOR.actor,
        outcome=Outcome.GRANTED,
        reason="Det skal ikke stå der.",
    )
    await drafting.save(
        db,
        KEYS,
        after(minutes=75),
        visit=visit,
        author=DOCTOR,
        typed=drafting.Typed(2, WHY),
        version=0,
    )
    await deleting.carry_out(db, after(minutes=80), case_id=case, by=DIRECTOR, ground=Ground.ASKED)
    assert set(await db.scalars(select(EntryRow.ciphertext))) == {b""}
    for kind in (DeliveryRow, AmendmentDraftRow):
        assert (await db.scalars(select(kind))).all() == []
    assert (await amending.own(db, DOCTOR.person)).notes == []
    with pytest.raises(MayNotRead):
        await begin(db, visit)
    assert (await chart.verify(db, KEYS)).ok


async def test_pictures_and_papers_stay_with_the_version_they_were_signed_with(
    db: AsyncSession,
) -> None:
    visit = await written(db)
    picture = await taken(db, visit)
    await save(db, visit, PRESCRIPTION)
    papers = await prepared(db, visit)
    await chart.sign(db, KEYS, NOON, visit=visit, author=DOCTOR, papers=papers)
    await anew(db, visit)
    assert (await chart.pictures(db, visit)).taken == (picture,)
    issued = await handing.issued_papers(db, KEYS, NOON, doctor=DOCTOR.actor, visit=visit)
    assert issued is not None and [each.body for each in issued] == [PRESCRIPTION]
    assert (await read(db, visit)).papers == issued
    why = handing.Why.WRONG
    gone = await handing.withdraw_paper(
        db, after(minutes=61), visit=visit, paper=issued[0].id, doctor=DOCTOR.actor, why=why
    )
    assert gone is not None
    taken_out = await mine.everything(
        db, KEYS, NOON, patient=KARI.person, reader=KARI, basis=Basis.NONE
    )
    assert [(len(each.pictures), len(each.papers)) for each in taken_out] == [(1, 1), (0, 0)]
    assert (await chart.verify(db, KEYS)).ok


async def state_of(sessions: Sessions, visit: str) -> list[str]:
    async with sessions() as db:
        query = select(DeliveryRow.state).where(DeliveryRow.visit == visit)
        return list(await db.scalars(query.order_by(DeliveryRow.version)))


async def amended(sessions: Sessions) -> str:
    async with sessions() as db, db.begin():
        visit = (await signed(db)).visit
        await anew(db, visit)
    return visit


async def test_the_epj_gets_the_first_version_first_and_each_once(
    session_factory: Sessions,
) -> None:
    visit = await amended(session_factory)
    async with session_factory() as db:
        claimed = await delivery.claim(db, after(minutes=61), most=8)
        assert [(each.visit, each.version) for each in claimed] == [(visit, 1)]
    taker = taking()
    first = await one_round(session_factory, failing(EpjRefused()), after(minutes=61))
    assert not isinstance(first, Delivered)
    assert await one_round(session_factory, taker, after(minutes=61)) is None  # the second waits
    for minutes in (70, 71, 72, 73):
        await one_round(session_factory, taker, after(minutes=minutes))
    assert taker.sent == [visit, f"{visit}/2"]
    assert await state_of(session_factory, visit) == ["in_the_journal"] * 2
    async with session_factory() as db:
        assert await delivery.state_of(db, visit) is Delivery.IN_THE_JOURNAL


async def test_a_first_version_that_was_stopped_holds_the_second_back_until_a_person_has_looked(
    session_factory: Sessions,
) -> None:
    visit = await amended(session_factory)
    refusing, now = failing(EpjRefused()), after(minutes=61)
    for _ in range(TRIES[Failure.REFUSED]):
        event = await one_round(session_factory, refusing, now)
        now += timedelta(hours=1)
    assert isinstance(event, DeliveryFailed) and set(refusing.sent) == {visit}
    assert await one_round(session_factory, taking(), now) is None
    async with session_factory() as db, db.begin():
        assert await delivery.try_again(db, now, visit=visit)
    taker = taking()
    for minutes in range(3):
        await one_round(session_factory, taker, now + timedelta(minutes=minutes))
    assert taker.sent == [visit, f"{visit}/2"]


async def test_the_embedded_epj_holds_both_versions(session_factory: Sessions) -> None:
    async with session_factory() as db, db.begin():
        await (await db.connection()).run_sync(epj_metadata.create_all)
    epj = EmbeddedEpj(session_factory, KekRing("e", {"e": b"e" * 32}), lambda: after(minutes=62))
    visit = await amended(session_factory)
    for minutes in (61, 62):
        assert isinstance(await one_round(session_factory, epj, after(minutes=minutes)), Delivered)
    first, second = await epj.read(visit), await epj.read(f"{visit}/2")
    assert NOTE.plan in json.dumps(first, ensure_ascii=False)
    assert RIGHT.plan in json.dumps(second, ensure_ascii=False)


async def received(sessions: Sessions, visit: str) -> None:
    for minutes in (61, 62):
        await one_round(sessions, taking(), after(minutes=minutes))


async def reduce(sessions: Sessions, visit: str) -> int:
    async with sessions() as db, db.begin():
        return await reducing.reduce(db, after(days=40), KEEP, [visit])


async def test_each_version_is_reduced_by_its_own_receipt(session_factory: Sessions) -> None:
    visit = await amended(session_factory)
    await one_round(session_factory, taking(), after(minutes=61))
    assert await reduce(session_factory, visit) == 1
    async with session_factory() as db, db.begin():
        note = await read(db, visit)
        assert note.fields == RIGHT and note.before[0].elsewhere
        assert (await chart.verify(db, KEYS)).ok
    await one_round(session_factory, taking(), after(minutes=62))
    assert await reduce(session_factory, visit) == 1
    async with session_factory() as db:
        assert (await chart.verify(db, KEYS)).ok


async def test_a_note_whose_text_the_epj_alone_has_is_added_to(session_factory: Sessions) -> None:
    async with session_factory() as db, db.begin():
        visit = await closed(db)
    await received(session_factory, visit)
    assert await reduce(session_factory, visit) == 1
    async with session_factory() as db, db.begin():
        assert (await begin(db, visit)).note is None
        with pytest.raises(MayNotRead):
            await anew(db, visit)
        await add(db, visit)
        note = await read(db, visit)
        assert note.elsewhere and note.additions[0].text == "Prøven var negativ"
        [kept] = await mine.signed_of(db, KARI.person)
        assert not kept.elsewhere and kept.amended_at == after(minutes=60)
        assert (await chart.verify(db, KEYS)).ok
    taker = taking()
    assert isinstance(await one_round(session_factory, taker, after(days=41)), Delivered)
    assert taker.sent == [f"{visit}/2"]


async def test_the_text_stays_until_a_promised_correction_is_written(
    session_factory: Sessions,
) -> None:
    async with session_factory() as db, db.begin():
        visit = await closed(db)
        await granted(db, visit, DOCTOR.actor)
    await received(session_factory, visit)
    assert await reduce(session_factory, visit) == 0
    async with session_factory() as db, db.begin():
        await anew(db, visit)
    assert await reduce(session_factory, visit) == 1
