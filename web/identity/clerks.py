"""An insurer's clerks. Those to whom the service itself gave the role are chiefs: they give it to
colleagues, by national number, and take it away again. Every change is a row, and a line in the log
of the record, as is every role that is given or ended.

A chief cannot make another one, nor send one away: who may let others in is decided by us and the
insurer together, so that one chief's sign-in in the wrong hands never becomes two.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from venterom.journal.access import Actor
from venterom.journal.chain import Action
from venterom.web.identity import grants, people
from venterom.web.identity.claims import is_printable_name
from venterom.web.identity.clerk_tables import ClerkChangeRow, What
from venterom.web.identity.errors import (
    BadName,
    BadNumber,
    ClerkDiffers,
    ClerkStands,
    NotYours,
)
from venterom.web.identity.family import first_name
from venterom.web.identity.grants import Grant
from venterom.web.identity.numbers import names_one
from venterom.web.identity.people import Person
from venterom.web.identity.roles import PersonKind, Role
from venterom.web.identity.sealed import Identity, Keys

ACTIONS: Mapping[What, Action] = {
    What.GIVEN: Action.GRANT_GIVEN,
    What.WITHDRAWN: Action.GRANT_ENDED,
}


@dataclass(frozen=True, slots=True)
class Clerk:
    """Somebody who may look up policies, and whether others' roles too are this one's affair. Who
    has it from us and has not been here yet has no id and no name."""

    id: str
    who: str
    chief: bool


@dataclass(frozen=True, slots=True)
class Change:
    """What was done, by whom, to whose role."""

    at: datetime
    by: str
    what: What
    who: str


async def of(db: AsyncSession, keys: Keys, insurer: str) -> tuple[Clerk, ...]:
    """The clerks of an insurer by name; those who have not been here yet come last."""
    last = await _last(db, insurer)
    held = [each for each in await grants.live(db, Role.INSURER) if each.insurer == insurer]
    known = await people.staff_by_index(db, keys, [each.number_index for each in held])
    named = sorted(known.values(), key=lambda each: each.name)
    return (
        *(Clerk(each.id, each.name, _is_chief(last, each.id)) for each in named),
        *(Clerk("", "", chief=True) for each in held if each.number_index not in known),
    )


async def is_chief(db: AsyncSession, who: Person) -> bool:
    """Whether a clerk may let others in."""
    return _is_chief(await _last(db, who.insurer or ""), who.id)


async def give(
    db: AsyncSession,
    keys: Keys,
    now: datetime,
    *,
    by: Person,
    name: str,
    number: str,
    synthetic: bool,
) -> None:
    """Let somebody in as a colleague of `by`. The name is what colleagues see until the sign-in
    says it. Raises NotYours (not a chief), BadName, BadNumber, ClerkStands, ClerkDiffers."""
    insurer = await _insurer(db, by)
    if not is_printable_name(name):
        raise BadName
    if not names_one(number, synthetic):
        raise BadNumber
    # One answer, whosever clerk this is: it is nobody's business where somebody works.
    given = await grants.grant(db, keys, now, number=number, role=Role.INSURER, insurer=insurer)
    if given is None:
        raise ClerkStands
    identity = Identity(name, None, number)
    clerk = await people.find_or_keep(db, keys, now, identity, PersonKind.STAFF)
    # Else a number would be enough to be told somebody's name.
    if first_name(clerk.name) != first_name(name):
        raise ClerkDiffers
    await _note(db, now, by, clerk.id, What.GIVEN, given)


async def withdraw(db: AsyncSession, keys: Keys, now: datetime, *, by: Person, clerk: str) -> None:
    """Take the role from a colleague who is no chief, with every sign-in. Raises NotYours."""
    insurer = await _insurer(db, by)
    if clerk not in {each.id for each in await of(db, keys, insurer) if not each.chief}:
        raise NotYours
    number = await people.reveal_number(db, keys, clerk)
    held = await grants.of_number(db, keys, number, Role.INSURER)
    ended = await grants.withdraw(db, now, held.id) if held else None
    if ended is None:  # somebody was faster
        raise NotYours
    await _note(db, now, by, clerk, What.WITHDRAWN, ended)


async def changes(db: AsyncSession, keys: Keys, insurer: str) -> tuple[Change, ...]:
    """What chiefs have done, latest first."""
    query = select(ClerkChangeRow).where(ClerkChangeRow.insurer == insurer)
    rows = (await db.scalars(query.order_by(ClerkChangeRow.id.desc()))).all()
    known = await people.persons(
        db, keys, {each for row in rows for each in (row.chief, row.clerk)}
    )
    return tuple(
        Change(row.at, known[row.chief].name, row.what, known[row.clerk].name) for row in rows
    )


async def _insurer(db: AsyncSession, by: Person) -> str:
    """Whose clerks a chief looks after. Raises NotYours for anybody else."""
    if not by.insurer or not await is_chief(db, by):
        raise NotYours
    return by.insurer


async def _last(db: AsyncSession, insurer: str) -> Mapping[str, What]:
    """The last thing that was done to each clerk's role by a colleague."""
    rows = await db.execute(
        select(ClerkChangeRow.clerk, ClerkChangeRow.what)
        .where(ClerkChangeRow.insurer == insurer)
        .order_by(ClerkChangeRow.id)
    )
    return {clerk: what for clerk, what in rows}


def _is_chief(last: Mapping[str, What], clerk: str) -> bool:
    """Whoever has the role, and not from a colleague, has it from the service."""
    return last.get(clerk) is not What.GIVEN


async def _note(
    db: AsyncSession, now: datetime, by: Person, clerk: str, what: What, grant: Grant
) -> None:
    row = insert(ClerkChangeRow)
    await db.execute(row.values(insurer=grant.insurer, clerk=clerk, chief=by.id, what=what, at=now))
    await grants.noted(db, now, Actor(by.id, Role.INSURER, by.name), ACTIONS[what], grant)
