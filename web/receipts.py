"""Consents that the patient keeps: a list, a file for each that anyone can check, and the end."""

import json
from contextlib import suppress

from aiohttp import web

from venterom.journal import chart, jws, mine, receipts
from venterom.journal.consent import Kind, Receipted
from venterom.journal.errors import ConsentMissing
from venterom.queue import desk
from venterom.queue.states import State
from venterom.web.identity import door, links
from venterom.web.identity.errors import NotYours
from venterom.web.identity.standing import Right
from venterom.web.keys import RECORD_KEYS, ROOMS
from venterom.web.mine import Reader, enter
from venterom.web.pages import page, see_other
from venterom.web.work import Unit, look, work

FILE = "application/json"
NOT_BEGUN = frozenset({State.WAITING, State.CLAIMED})


async def consents(request: web.Request) -> web.Response:
    """GET /mine/{patient}/consents"""
    async with look(request.app) as unit:
        reader = await enter(request, unit, Right.CONSENTS)
        found = await _all(unit, reader)
        valid = [visit for visit in _given(found) if await _stands(unit, visit)]
    return page(
        request,
        "mine/consents.html",
        **reader.frame,
        records=[each.record for each in found],
        valid=valid,
    )


async def receipt(request: web.Request) -> web.Response:
    """GET /mine/{patient}/consents/{consent}: the receipt as a file, with text and public key."""
    async with look(request.app) as unit:
        reader = await enter(request, unit, Right.CONSENTS)
        found = await _all(unit, reader)
    wanted = [each for each in found if each.record.id == request.match_info["consent"]]
    if not wanted:
        raise NotYours
    [given] = wanted
    keys = request.app[RECORD_KEYS]
    file = receipts.file_of(given.receipt, keys.verifying)
    name = f"{given.record.kind}-{given.record.at.date().isoformat()}.json"
    return web.Response(
        body=json.dumps(file, ensure_ascii=False, indent=2).encode(),
        content_type=FILE,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


async def withdraw(request: web.Request) -> web.Response:
    """POST /mine/{patient}/consents/{visit}/withdraw: what goes on by the consent ends with it.

    Whoever waits gives the place up. A call is hung up, and its doctor writes the note: that is a
    duty, and no consent is needed for it (hpl § 39).
    """
    async with work(request.app) as unit:
        reader = await enter(request, unit, Right.CONSENTS)
        own = await door.access_visit(unit.db, unit.now, reader.who, request.match_info["visit"])
        if own.patient != reader.patient.id:
            raise NotYours
        with suppress(ConsentMissing):  # pressed twice
            back = await chart.withdraw_consent(
                unit.db, request.app[RECORD_KEYS], unit.now, visit=own.id, by=reader.actor
            )
            unit.events.append(back)
            await _end(unit, own.id)
    await request.app[ROOMS].close_room(own.id, "left")
    raise see_other(f"/mine/{reader.patient.id}/consents")


async def keys_file(request: web.Request) -> web.Response:
    """GET /receipts/keys.json: the public keys that receipts are signed with."""
    return web.json_response(jws.jwks(request.app[RECORD_KEYS].verifying))


async def how_to_check(request: web.Request) -> web.Response:
    """GET /receipts: how anyone checks a receipt, without asking us."""
    return page(request, "receipts.html", kids=sorted(request.app[RECORD_KEYS].verifying))


async def _all(unit: Unit, reader: Reader) -> list[Receipted]:
    return await mine.receipts(
        unit.db,
        unit.now,
        patient=reader.patient.id,
        reader=reader.actor,
        basis=reader.record.basis,
    )


def _given(found: list[Receipted]) -> list[str]:
    """The visits of the last consents that were given, newest first."""
    return [each.record.visit for each in found if each.record.kind is Kind.CONSENT]


async def _stands(unit: Unit, visit: str) -> bool:
    return (await chart.visit(unit.db, visit)).consent


async def _end(unit: Unit, visit: str) -> None:
    entry = await desk.entry(unit.db, visit)
    if entry is None:
        await chart.close(unit.db, unit.now, visit=visit)
    elif entry.state in NOT_BEGUN:
        unit.events.append(await desk.leave(unit.db, unit.now, visit=visit))
        await chart.close(unit.db, unit.now, visit=visit)
        await links.close_for_visit(unit.db, visit)
    elif entry.state is State.IN_CALL and entry.claimed_by:
        doctor = entry.claimed_by
        unit.events.append(await desk.hang_up(unit.db, unit.now, visit=visit, practitioner=doctor))
