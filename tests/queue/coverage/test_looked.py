"""Who has looked up which policy: by insurer and month, and for the patient whose policy it is."""

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from tests.queue.coverage.register import take_in
from tests.queue.coverage.test_policies import POLICY
from venterom.queue.coverage import insurer, looked
from venterom.queue.coverage.eligibility import UNREACHABLE, Answer, Eligibility, Reason
from venterom.queue.coverage.looked import Looked
from venterom.queue.coverage.usage import Month

pytestmark = pytest.mark.adapter
DAY = date(2026, 11, 24)
OWN, NUMBER, BORN = POLICY.insurer, POLICY.number, POLICY.holder_birth_date
OTHERS = replace(POLICY, number="ZZ-999999", holder_birth_date=date(2001, 1, 1))
ELSEWHERE = "YY-111111"  # stands in no register of ours
VALID = Eligibility(Answer.COVERED, Reason.VALID, OWN, DAY)


async def look(
    db: AsyncSession, number: str = NUMBER, day: date = DAY, by: str = "clerk1", of: str = OWN
) -> None:
    await insurer.look_up(db, day, insurer=of, clerk=by, number=number)


async def test_an_insurer_sees_its_own_of_a_month_latest_first(db: AsyncSession) -> None:
    await look(db, day=date(2026, 10, 31))
    await look(db)
    await look(db, by="program")
    await look(db, "UNKNOWN-1")
    await look(db)
    await look(db, of="other")
    found = await looked.of_insurer(db, insurer=OWN, month=Month(2026, 11))
    assert found == (
        Looked(DAY, OWN, "clerk1", NUMBER, 2),
        Looked(DAY, OWN, "clerk1", "UNKNOWN-1", 1),
        Looked(DAY, OWN, "program", NUMBER, 1),
    )
    assert await looked.of_insurer(db, insurer=OWN, month=Month(2026, 11), most=1) == found[:1]
    assert len(await looked.of_insurer(db, insurer=OWN, month=Month(2026, 10))) == 1
    assert await looked.of_insurer(db, insurer=OWN, month=Month(2026, 12)) == ()


async def test_of_a_number_every_look_up_is_seen_also_by_who_was_told_nothing(
    db: AsyncSession,
) -> None:
    await take_in(db, [POLICY])
    await look(db)
    await look(db, of="other", by="clerk2")
    await look(db, "ZZ-000000")
    assert await looked.at_numbers(db, [NUMBER]) == (
        Looked(DAY, "other", "clerk2", NUMBER, 1),
        Looked(DAY, OWN, "clerk1", NUMBER, 1),
    )
    assert await looked.at_numbers(db, []) == ()


async def hers(db: AsyncSession, own: list[str], others: list[str]) -> frozenset[str]:
    return await looked.numbers_of(db, own=own, others=others, born=BORN)


@pytest.mark.parametrize(
    ("number", "answer", "own", "found"),
    [
        (NUMBER, VALID, True, True),
        (NUMBER, replace(VALID, reason=Reason.EXPIRED), True, True),  # hers, if not in force
        (NUMBER, Eligibility(Answer.NOT_COVERED, Reason.UNKNOWN), True, False),
        (NUMBER, UNREACHABLE, True, False),  # nobody has said that it is hers
        (OTHERS.number, VALID, True, False),  # it was, and is another's by now
        (ELSEWHERE, VALID, True, True),
        # a parent with a child: the number is the policy of one of them
        (NUMBER, VALID, False, True),
        (OTHERS.number, VALID, False, False),
        (ELSEWHERE, VALID, False, False),  # whose it is stands nowhere
    ],
)
async def test_a_number_is_hers_if_it_was_found_to_be(
    db: AsyncSession, number: str, answer: Eligibility, own: bool, found: bool
) -> None:
    await take_in(db, [POLICY, OTHERS])
    await insurer.record_check(db, visit="v1", number=number, eligibility=answer)
    visits = (["v1"], []) if own else ([], ["v1"])
    assert await hers(db, *visits) == (frozenset({number}) if found else frozenset())


async def test_visits_of_others_say_nothing(db: AsyncSession) -> None:
    await take_in(db, [POLICY])
    await insurer.record_check(db, visit="v1", number=NUMBER, eligibility=VALID)
    assert await hers(db, ["v2"], ["v3"]) == frozenset()
