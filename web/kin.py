"""Asks the population registry whether a parent answers for a child, and writes down what it says.
Nothing is open in the database while we wait for the registry."""

from datetime import date

import structlog
from aiohttp import web

from venterom.journal.minors import HEALTH_AGE, age
from venterom.web.identity import kinship, parents, people
from venterom.web.identity.errors import OneselfAsChild, RegisterSilent
from venterom.web.identity.kinship import Kin
from venterom.web.identity.people import Person
from venterom.web.identity.roles import Role
from venterom.web.identity.tables import Basis
from venterom.web.keys import CLOCK, IDENTITY_KEYS, POPULATION
from venterom.web.session import actor
from venterom.web.text import today
from venterom.web.work import Unit, look, work

log = structlog.get_logger()


async def ask(app: web.Application, parent: Person, number: str, birth_date: date) -> Kin:
    """What the registry says now of this parent and a child's number. Raises OneselfAsChild."""
    async with look(app) as unit:
        own = await people.reveal_number(unit.db, app[IDENTITY_KEYS], parent.id)
    if own == number:
        raise OneselfAsChild
    try:
        if POPULATION not in app:
            raise RegisterSilent("not_set")
        return kinship.judge(await app[POPULATION].child(number), own, birth_date)
    except RegisterSilent as fault:
        log.warning("population_silent", code=fault.reason)
        return Kin.UNCHECKED


async def renew(app: web.Application, parent: Person, child: Person) -> Kin | None:
    """Ask about a child that is known, unless the registry agreed today; None: they are no
    relations here."""
    assert child.birth_date is not None, "a birth date comes with every child"
    async with look(app) as unit:
        tie = await parents.relation(unit.db, parent.id, child.id)
        if tie is None:
            return None
        if not kinship.is_due(tie.checked_at, unit.now):
            return Kin.RELATED
        number = await people.reveal_number(unit.db, app[IDENTITY_KEYS], child.id)
    said = await ask(app, parent, number, child.birth_date)
    by = actor(parent, Role.PATIENT)
    async with work(app) as unit:
        await parents.settle(unit.db, unit.now, by=by, child=child.id, said=said)
    return said


async def is_confirmed(unit: Unit, parent: str, child: str) -> bool:
    """Whether it stands that the registry shows this parent's responsibility."""
    known = await parents.parents_of(unit.db, unit.now, child)
    return known.get(parent) is Basis.REGISTER


async def before_reading(app: web.Application, who: Person, patient: str) -> None:
    """A parent who comes to a child's record: what she may read depends on what the registry says.
    Of anybody else nothing is asked."""
    if who.id == patient:
        return
    async with look(app) as unit:
        if await parents.relation(unit.db, who.id, patient) is None:
            return
        child = await people.person(unit.db, app[IDENTITY_KEYS], patient)
    if child.birth_date is not None and age(child.birth_date, today(app[CLOCK]())) < HEALTH_AGE:
        await renew(app, who, child)
