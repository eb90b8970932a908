"""The months before the demonstration began, as insurers see them: consultations on the policies of
people who never come, and how promises went. All of it invented."""

from aiohttp import web

from venterom.queue.coverage import charges, insurer, promises
from venterom.queue.coverage.usage import Month, months_over
from venterom.server.demo import people as invented
from venterom.server.demo.people import DemoPolicy
from venterom.web.text import today
from venterom.web.work import Unit, work

USES = (9, 14, 11, 17, 12, 19)  # consultations in each of the last months, of each insurer
PROMISES = 40  # a month, of each insurer; enough that their share is told
MIDDLE = 15  # of a month


async def fill(app: web.Application) -> None:
    """What is there already stays."""
    async with work(app) as unit:
        day = today(unit.now)
        world = invented.world(day)
        strangers = world.policies[len(world.patients + world.crowd) :]
        for whose in invented.INSURERS:
            own = [each for each in strangers if each.insurer == whose]
            billed = {
                each.month for each in await charges.year(unit.db, day, insurer=whose) if each.uses
            }
            for month, uses in zip(months_over(day, len(USES)), USES, strict=True):
                if month not in billed:
                    await _month(unit, month, own[:uses])
                await promises.tell(unit.db, month, {whose: (PROMISES - uses % 3, PROMISES)})


async def _month(unit: Unit, month: Month, used: list[DemoPolicy]) -> None:
    """One consultation on each of these policies."""
    day = month.first.replace(day=MIDDLE)
    for policy in used:
        visit = f"{month}-{policy.number}"
        told = await insurer.check(
            unit.db, day, number=policy.number, holder_birth_date=policy.holder_birth_date
        )
        await insurer.record_check(unit.db, visit=visit, number=policy.number, eligibility=told)
        await insurer.record_use(unit.db, day, visit=visit)
