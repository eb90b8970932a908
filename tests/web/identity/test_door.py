"""The one door: every actor against own, other and absent visits, on real tables."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from venterom.journal import chart
from venterom.journal.access import CARE_LASTS
from venterom.journal.chart import Actor, Relation
from venterom.journal.tables import VisitRow
from venterom.queue.floor import Kind
from venterom.queue.promise import Decision
from venterom.queue.states import State
from venterom.queue.tables import EntryRow, PromiseRow
from venterom.web.identity.door import access_own_visit, access_visit
from venterom.web.identity.errors import NotYours
from venterom.web.identity.people import Person
from venterom.web.identity.roles import PersonKind, Role

pytestmark = pytest.mark.adapter

NOW = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)
BORN = date(1986, 5, 17)


def person(name: str, *roles: Role) -> Person:
    kind = PersonKind.PATIENT if Role.PATIENT in roles else PersonKind.STAFF
    return Person(name, kind, name, BORN, frozenset(roles))


KARI = person("kari", Role.PATIENT)
PER = person("per", Role.PATIENT)
IDA = person("ida", Role.PATIENT)
MINE = person("dr-mine", Role.DOCTOR)
FORMER = person("dr-former", Role.DOCTOR)
OTHER = person("dr-other", Role.DOCTOR)
DISMISSED = person("dr-mine")
CLERK = person("clerk", Role.INSURER)
DIRECTOR = person("director", Role.DIRECTOR)
OPERATOR = person("operator", Role.OPERATOR)
NOBODY = person("")

OWN, CHILDS, DRAFT, ABSENT = "own", "childs", "draft", "absent"

# Who comes to which visit; whoever is not named does not. Kari opened all three.
ALLOWED = {
    OWN: {"kari", "dr-mine", "dr-former"},
    CHILDS: {"kari", "ida", "dr-mine"},
    DRAFT: {"kari"},
    ABSENT: set[str](),
}
EVERYBODY = [KARI, PER, IDA, MINE, FORMER, OTHER, CLERK, DIRECTOR, OPERATOR, NOBODY]


@pytest.fixture
async def visits(db: AsyncSession) -> dict[str, str]:
    """Kari's own, one that she opened for Ida, a draft, and one that is nowhere."""
    kari = Actor("kari", "patient", "Kari")
    own = await opened(db, kari, "kari", Relation.SELF, BORN)
    childs = await opened(db, kari, "ida", Relation.CHILD, date(2018, 2, 3))
    await chart.begin_care(db, NOW, visit=own, doctor=Actor("dr-former", "doctor", "Former"))
    await claimed(db, own, "kari", "dr-mine", State.IN_CALL)
    await claimed(db, childs, "ida", "dr-mine", State.WRAP)
    draft = await chart.open_visit(db, NOW, by=kari)
    return {OWN: own, CHILDS: childs, DRAFT: draft.id, ABSENT: "no-such-visit"}


async def opened(db: AsyncSession, by: Actor, patient: str, relation: Relation, born: date) -> str:
    visit = await chart.open_visit(db, NOW, by=by)
    await chart.set_patient(
        db, NOW, visit=visit.id, patient=patient, relation=relation, birth_date=born
    )
    row = await db.get(VisitRow, visit.id)
    assert row is not None
    row.stage = "open"  # consent has its own tests
    await db.flush()
    return visit.id


async def claimed(db: AsyncSession, visit: str, patient: str, doctor: str, state: State) -> None:
    await db.execute(
        insert(PromiseRow).values(
            id=f"promise-{visit}"[:32],
            visit=visit,
            patient=patient,
            quoted_at=NOW,
            decision=Decision.PROMISE20,
            deadline=NOW,
            p_keep=1.0,
            p_min_others=1.0,
            model="test",
            seed=0,
            state_json="{}",
            inputs_sha256="0" * 64,
        )
    )
    await db.execute(
        insert(EntryRow).values(
            visit=visit,
            patient=patient,
            promise=f"promise-{visit}"[:32],
            kind=Kind.DROPIN,
            state=state,
            created_at=NOW,
            release_at=NOW,
            deadline=NOW,
            claimed_by=doctor,
            lease_until=NOW,
        )
    )


@pytest.mark.parametrize("which", [OWN, CHILDS, DRAFT, ABSENT])
@pytest.mark.parametrize("who", EVERYBODY, ids=lambda who: who.id or "nobody")
async def test_only_who_has_to_do_with_a_visit_comes_to_it(
    db: AsyncSession, visits: dict[str, str], who: Person, which: str
) -> None:
    if who.id in ALLOWED[which]:
        assert (await access_visit(db, NOW, who, visits[which])).id == visits[which]
        return
    with pytest.raises(NotYours) as refused:
        await access_visit(db, NOW, who, visits[which])
    assert str(refused.value) == NotYours.__doc__, "«no such» and «not yours» are the same"
    assert refused.value.args == ()


@pytest.mark.parametrize("which", [OWN, CHILDS, DRAFT, ABSENT])
@pytest.mark.parametrize("who", EVERYBODY, ids=lambda who: who.id or "nobody")
async def test_the_short_way_lets_the_same_patients_in_and_nobody_else(
    db: AsyncSession, visits: dict[str, str], who: Person, which: str
) -> None:
    if who.kind is PersonKind.PATIENT and who.id in ALLOWED[which]:
        await access_own_visit(db, NOW, who, visits[which])
        return
    with pytest.raises(NotYours):
        await access_own_visit(db, NOW, who, visits[which])


async def test_a_doctor_whose_role_was_withdrawn_stays_outside(
    db: AsyncSession, visits: dict[str, str]
) -> None:
    with pytest.raises(NotYours):
        await access_visit(db, NOW, DISMISSED, visits[OWN])


async def test_a_doctor_has_no_way_back_when_the_care_has_ended(
    db: AsyncSession, visits: dict[str, str]
) -> None:
    await chart.close(db, NOW, visit=visits[OWN])
    assert await access_visit(db, NOW + CARE_LASTS, MINE, visits[OWN])
    later = NOW + CARE_LASTS + timedelta(seconds=1)
    for doctor in (MINE, FORMER):
        with pytest.raises(NotYours):
            await access_visit(db, later, doctor, visits[OWN])
    assert await access_visit(db, later, KARI, visits[OWN])


@pytest.mark.parametrize("odd", ["", "\x7f", "' OR 1=1 --", "x" * 5_000, "å"])
async def test_an_odd_id_is_just_another_absent_visit(
    db: AsyncSession, visits: dict[str, str], odd: str
) -> None:
    with pytest.raises(NotYours):
        await access_visit(db, NOW, KARI, odd)
