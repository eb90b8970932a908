"""Everything in one file: to read, to print, to take elsewhere (FHIR), pictures and receipts."""

import asyncio
from dataclasses import replace

from aiohttp import web

from venterom.journal import archive as archives
from venterom.journal import mine
from venterom.journal.papers import pdf
from venterom.journal.papers.problem import printed
from venterom.web import gathering, looks
from venterom.web import sheet as sheets
from venterom.web.gathering import Gathered
from venterom.web.identity.standing import Right
from venterom.web.keys import IDENTITY_KEYS, RECORD_KEYS, SENDER
from venterom.web.mine import enter
from venterom.web.pages import language, page, render
from venterom.web.work import look, work

ZIP = "application/zip"


async def explain(request: web.Request) -> web.Response:
    """GET /mine/{patient}/take-out: what is in the file."""
    async with look(request.app) as unit:
        reader = await enter(request, unit, Right.TAKE_OUT)
    return page(request, "mine/take_out.html", **reader.frame)


async def archive(request: web.Request) -> web.Response:
    """POST /mine/{patient}/take-out: the archive. Taking it out is a line in the log."""
    async with work(request.app) as unit:
        reader = await enter(request, unit, Right.TAKE_OUT)
        await mine.take_out(
            unit.db,
            unit.now,
            patient=reader.patient.id,
            reader=reader.actor,
            basis=reader.record.basis,
        )
    # The line is written, so all may be read; and while it is read, others write.
    async with look(request.app) as unit:
        taken = await gathering.gather(
            unit.db,
            request.app[RECORD_KEYS],
            request.app[IDENTITY_KEYS],
            unit.now,
            patient=reader.patient,
            reader=reader.actor,
            basis=reader.record.basis,
            me=reader.who.id,
            service=request.app[SENDER].name,
        )
        looked_up = await looks.seen(
            unit.db,
            request.app[IDENTITY_KEYS],
            unit.now,
            patient=reader.patient,
            reader=reader.actor,
            basis=reader.record.basis,
        )
    everything = replace(taken.everything, looks=looked_up)
    # Beside the event loop: a log of a hundred thousand lines is written for seconds.
    whole = await asyncio.to_thread(_packed, request, replace(taken, everything=everything))
    name = f"journal-{taken.everything.now.date().isoformat()}.zip"
    return web.Response(
        body=whole,
        content_type=ZIP,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _packed(request: web.Request, taken: Gathered) -> bytes:
    everything = taken.everything
    said = sheets.context(everything, taken.log, taken.elsewhere, language(request))
    sheet, to_print = (
        render(request, "mine/sheet.html", each) for each in (said, sheets.to_print(said))
    )
    own = [("journal.pdf", pdf.write(printed(to_print))), ("journal.html", sheet.encode())]
    data = archives.files(everything, request.app[RECORD_KEYS].verifying)
    return archives.packed([*own, *data], everything.now)
