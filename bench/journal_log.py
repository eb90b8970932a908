"""Part of journal.py: how long it takes to tell a patient all of who looked at her record."""

import time
from datetime import timedelta
from itertools import cycle, pairwise

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from tests.journal import many
from tests.journal.make import DOCTOR, GROWN, KARI, KEYS, NOON
from venterom.journal import archive, logbook
from venterom.journal.access import Actor, Basis
from venterom.journal.chain import Action
from venterom.journal.papers import pdf
from venterom.journal.papers.problem import printed
from venterom.journal.tables import AuditRow
from venterom.web import gathering, sheet
from venterom.web.identity.people import Person
from venterom.web.identity.roles import PersonKind, Role
from venterom.web.identity.sealed import Keys
from venterom.web.pages import environments, read_static
from venterom.web.text import SOURCE

NOTES = 20  # of the patient, each with a line
ME = Person("patient0", PersonKind.PATIENT, KARI.name, GROWN, frozenset({Role.PATIENT}))
READER = Actor(ME.id, Role.PATIENT, ME.name)
IDENTITY = Keys(KEYS.keks, b"")
TEMPLATE = environments(read_static())[SOURCE].get_template("mine/sheet.html")
Sessions = async_sessionmaker[AsyncSession]


async def log_ms(sessions: Sessions, lines: int) -> float:
    """Milliseconds until a patient has all of so many lines, as the file that she takes out: on the
    sheet and as FHIR. The floor is to read them and say nothing of them."""
    await many.written(sessions, many.notes(NOTES, 1, NOON, timedelta(seconds=1)))
    await _looked(sessions, lines - NOTES)
    marks, busy = [time.perf_counter()], []
    for most in (logbook.PAGE, lines, 0):
        began = time.process_time()
        async with sessions() as db:
            if most:
                found = await logbook.page(
                    db, NOON, patient=ME.id, reader=READER, basis=Basis.NONE, most=most
                )
                assert len(found) == most
            else:
                assert await _take_out(db) == lines
        busy.append(time.process_time() - began)
        marks.append(time.perf_counter())
    page, floor, whole = (after - before for before, after in pairwise(marks))
    print(f"log of {lines} lines: the page {1000 * page:.0f} ms, all of it {whole:.1f} s")
    print(f"  of a processor {busy[-1]:.1f} s; only to read them {floor:.1f} s, {busy[1]:.1f} s")
    return 1000 * whole


async def _take_out(db: AsyncSession) -> int:
    """The archive, as web/takeout.py makes it; how many lines are in it."""
    taken = await gathering.gather(
        db,
        KEYS,
        IDENTITY,
        NOON,
        patient=ME,
        reader=READER,
        basis=Basis.NONE,
        me=ME.id,
        service="Venterom",
    )
    said = sheet.context(taken.everything, taken.log, taken.elsewhere, SOURCE)
    to_print = pdf.write(printed(TEMPLATE.render(sheet.to_print(said))))
    own = [("journal.pdf", to_print), ("journal.html", TEMPLATE.render(said).encode())]
    archive.packed([*own, *archive.files(taken.everything, KEYS.verifying)], NOON)
    return len(taken.log)


async def _looked(sessions: Sessions, lines: int) -> None:
    """So many lines more, as if somebody looked every ten minutes. They hang in no chain."""
    actions = cycle((Action.NOTE_READ, Action.RECORD_OPENED, Action.PAPER_READ))
    same: dict[str, object] = {
        **{"actor": DOCTOR.person, "role": Role.DOCTOR, "patient": ME.id, "content": ""},
        **{"purpose": "TREAT/care", "salt": b"", "leaf": b"", "hash": b""},
    }
    rows = [
        {"n": n + NOTES, "at": NOON + n * many.CALL, "visit": f"many{n % NOTES}"}
        | {"action": next(actions)}
        | same
        for n in range(1, lines + 1)
    ]
    async with sessions() as db, db.begin():
        await db.execute(insert(AuditRow), rows)
