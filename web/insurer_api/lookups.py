"""One question about one policy: asked of the register, kept for the patient to see, answered.

Asked again under the same key, it is answered as before and not kept twice (RFC draft «The
Idempotency-Key HTTP Header Field»; `queue/requests.py` does the same for bookings).
"""

import re
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from venterom.queue.coverage import insurer as coverage
from venterom.queue.coverage.eligibility import Answer, Reason
from venterom.queue.coverage.insurer import Register
from venterom.queue.coverage.policies import normalise
from venterom.queue.coverage.tables import insert_once
from venterom.web.identity.proofs import digest
from venterom.web.insurer_api import models
from venterom.web.insurer_api.errors import BadKey, KeyReused
from venterom.web.insurer_api.models import Question, Told
from venterom.web.insurer_api.tables import QuestionRow

KEY = re.compile(r"[\x21-\x7e]{1,255}")  # what a header may carry


@dataclass(frozen=True, slots=True)
class Asked:
    """An answer. `anew`: it was not one of those that are repeated."""

    answer: Told
    anew: bool

    @property
    def missed(self) -> bool:
        """Whether it was about no policy of the insurer's."""
        return self.anew and self.answer.reason is Reason.UNKNOWN


def key_in(header: str | None) -> str:
    """The key of a header, with or without quotes; "" if there is none. Raises BadKey."""
    key = (header or "").strip().removeprefix('"').removesuffix('"')
    if header is not None and KEY.fullmatch(key) is None:
        raise BadKey
    return key


async def ask(
    db: AsyncSession,
    day: date,
    question: Question,
    *,
    insurer: str,
    client: str,
    key: str,
    register: Register,
) -> Asked:
    """Whether the policy covers; about another insurer's policy the same as about none, and with
    the same work. Raises KeyReused."""
    number = normalise(question.number)
    found = await coverage.check(
        db,
        day,
        number=number,
        holder_birth_date=question.holder_birth_date,
        for_child=question.for_child,
        register=register,
    )
    answer = models.told(insurer, found)
    if key and not await _remember(db, day, client, key, question, answer):
        return Asked(await _remembered(db, client, key, question), anew=False)
    await coverage.record_look_up(db, day, insurer=insurer, clerk=client, number=number)
    return Asked(answer, anew=True)


async def _remember(
    db: AsyncSession, day: date, client: str, key: str, question: Question, answer: Told
) -> bool:
    """Whether the key is new. If another request has just come with it, this one waits for it."""
    return await insert_once(
        db,
        QuestionRow,
        client=client,
        key=digest(key),
        question=_digest(question),
        day=day,
        **answer.model_dump(),
    )


async def _remembered(db: AsyncSession, client: str, key: str, question: Question) -> Told:
    table = QuestionRow.__table__.c
    own = (table.client == client, table.key == digest(key))
    row = (await db.execute(select(*table).where(*own))).one()
    if row.question != _digest(question):
        raise KeyReused
    return Told(answer=Answer(row.answer), reason=Reason(row.reason), valid_until=row.valid_until)


def _digest(question: Question) -> str:
    return digest(question.model_dump_json())
