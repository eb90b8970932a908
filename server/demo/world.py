"""The invented world, written into the database by the same use cases as a real one."""

from contextlib import suppress
from dataclasses import asdict
from datetime import date, time, timedelta
from pathlib import Path

from aiohttp import web

from venterom.journal.papers import fest, medicines
from venterom.queue import desk, roster, shifts
from venterom.queue.coverage import loading
from venterom.queue.coverage.loads import Source, Taken
from venterom.queue.coverage.policies import NO_LIMITS, Policy
from venterom.queue.coverage.products import put_product
from venterom.queue.errors import AlreadyInCall
from venterom.queue.hours import DAY, at
from venterom.queue.planning import Planned, Work
from venterom.queue.slots import DAYS
from venterom.queue.states import Phase
from venterom.server.demo import people as invented
from venterom.server.demo.people import Somebody
from venterom.web.identity import grants, people
from venterom.web.identity.claims import SignedIn
from venterom.web.identity.roles import Door, Role
from venterom.web.keys import HOURS, IDENTITY_KEYS
from venterom.web.text import today
from venterom.web.work import Unit, look, work

MEDICINES = Path(__file__).parent / "medicines.xml"
SHIFT = timedelta(hours=8)
PLANNED_DAYS = 14  # this week and the next
EARLY = (
    (Work.SHIFT, time(8), time(15)),
    (Work.BREAK, time(11, 30), time(12)),
)
LATE = (
    (Work.SHIFT, time(15), time(22)),
    (Work.BREAK, time(18), time(18, 30)),
)
ON_CALL = (Work.ON_CALL, time(16), time(22))
NOBODY = "the demonstration"  # has planned it
AWAKE_S = 10.0  # seconds between the signs of life of doctors whom nobody plays
ON_SHIFT = web.AppKey[tuple[str, ...]]("ON_SHIFT")  # doctors who are on shift from the start


async def fill(app: web.Application, *, crowd: bool = False) -> None:
    """Everybody is there; whoever was there already stays as they are.

    Without a crowd three doctors are at work from the start, so that a promise can be given. With
    one, robots are at work, and a doctor whom nobody plays must not be counted on.
    """
    async with work(app) as unit:
        world = invented.world(today(unit.now))
        await _policies(unit, world)
        if await medicines.loaded(unit.db) is None:
            await medicines.load(unit.db, unit.now, fest.read([MEDICINES.read_bytes()]), "")
        await _clerks(app, unit, world)
        await _leaders(app, unit, world)
        await _families(app, unit, world)
        for_people = await _doctors(app, unit, world)
        app[ON_SHIFT] = () if crowd else for_people
        for doctor in for_people:
            await (_send_home if crowd else _put_to_work)(unit, doctor)


async def plan_the_week(app: web.Application, *, crowd: bool = False) -> None:
    """From tomorrow on everybody is planned for something; a day that has a plan keeps it.

    Not today: whoever is planned today and whom nobody plays would open slots, and not come. With
    a crowd not tomorrow either: robots would book all of it, and be seen no more.
    """
    async with work(app) as unit:
        doctors = await people.staff(unit.db, app[IDENTITY_KEYS], Role.DOCTOR)
        for day in (today(unit.now) + n * DAY for n in range(DAYS if crowd else 1, PLANNED_DAYS)):
            if not await roster.plans(unit.db, at(day, time.min), at(day + DAY, time.min)):
                await _plan(app, unit, day, [doctor.id for doctor in doctors])


async def _plan(app: web.Application, unit: Unit, day: date, doctors: list[str]) -> None:
    """Half of them work early and half late; in turn, one of the early ones is on call at night."""
    half = len(doctors) // 2
    for place, doctor in enumerate(doctors):
        lines = list(EARLY if place < half else LATE)
        lines += [ON_CALL] if place == day.toordinal() % half else []
        for kind, begins, ends in lines:
            line = Planned("", doctor, kind, at(day, begins), at(day, ends))
            unit.events.append(
                await roster.add(unit.db, unit.now, line, hours=app[HOURS], by=NOBODY)
            )


async def is_open_for_somebody(app: web.Application) -> bool:
    """Whether somebody is still here from the last time."""
    async with look(app) as unit:
        return bool((await desk.floor(unit.db, unit.now)).entries)


async def keep_awake(app: web.Application) -> None:
    """Doctors whom nobody plays are at work all the same, as long as they have no patient."""
    async with work(app) as unit:
        idle = [
            shift.practitioner
            for shift in await shifts.live(unit.db)
            if shift.phase in {Phase.IDLE, Phase.LOST} and shift.practitioner in app[ON_SHIFT]
        ]
        for doctor in idle:
            returned = await desk.heartbeat(unit.db, unit.now, practitioner=doctor)
            unit.events.extend([returned] if returned else [])


async def _policies(unit: Unit, world: invented.World) -> None:
    """As each insurer would send them."""
    for insurer in invented.INSURERS:
        await put_product(unit.db, insurer=insurer, product=invented.PRODUCT, cover=NO_LIMITS)
        own = (Policy(**asdict(each)) for each in world.policies if each.insurer == insurer)
        lines = [Taken(line, policy) for line, policy in enumerate(own, 1)]
        await loading.take_in(unit.db, today(unit.now), lines, insurer=insurer, source=Source.FILE)


async def _clerks(app: web.Application, unit: Unit, world: invented.World) -> None:
    for clerk in world.clerks:
        await grants.grant(
            unit.db,
            app[IDENTITY_KEYS],
            unit.now,
            number=clerk.who.number,
            role=Role.INSURER,
            insurer=clerk.insurer,
        )


async def _leaders(app: web.Application, unit: Unit, world: invented.World) -> None:
    """Who plans, and who keeps it running."""
    keys = app[IDENTITY_KEYS]
    for who, role in (
        *((director.who, Role.DIRECTOR) for director in world.directors),
        *((operator.who, Role.OPERATOR) for operator in world.operators),
    ):
        await grants.grant(unit.db, keys, unit.now, number=who.number, role=role)


async def _families(app: web.Application, unit: Unit, world: invented.World) -> None:
    keys = app[IDENTITY_KEYS]
    for patient in world.patients:
        said = _said(Door.PATIENT, patient.who)
        parent = await people.find_or_make_patient(unit.db, keys, unit.now, said)
        for child in patient.children:
            await people.add_child(
                unit.db,
                keys,
                unit.now,
                parent=parent.id,
                name=child.name,
                birth_date=child.birth_date,
                number=child.number,
                synthetic=True,
            )


async def _doctors(app: web.Application, unit: Unit, world: invented.World) -> tuple[str, ...]:
    """Make them; the ids of those whom people play."""
    keys = app[IDENTITY_KEYS]
    for_people: list[str] = []
    for doctor in world.doctors:
        number, hpr = doctor.who.number, doctor.hpr_number
        await grants.grant(unit.db, keys, unit.now, number=number, role=Role.DOCTOR, hpr_number=hpr)
        said = _said(Door.DOCTOR, doctor.who, hpr)
        person = await people.staff_for(unit.db, keys, unit.now, said)
        if doctor.on_shift:
            for_people.append(person.id)
    return tuple(for_people)


async def _put_to_work(unit: Unit, doctor: str) -> None:
    off_at = unit.now + SHIFT
    on = await desk.go_on_shift(unit.db, unit.now, practitioner=doctor, off_at=off_at)
    unit.events.append(on)


async def _send_home(unit: Unit, doctor: str) -> None:
    """Off the shift that an earlier run left; whoever has a patient keeps it, or is soon lost."""
    with suppress(AlreadyInCall):
        unit.events.append(await desk.go_off_shift(unit.db, unit.now, practitioner=doctor))


def _said(door: Door, who: Somebody, hpr_number: str | None = None) -> SignedIn:
    """What the demonstration's identity provider would say of somebody."""
    return SignedIn(
        door=door,
        issuer="demonstration",
        subject=who.number,
        level="demonstration",
        name=who.name,
        birth_date=who.birth_date,
        number=who.number,
        hpr_number=hpr_number,
    )
