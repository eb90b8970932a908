"""A sign-in that is ended, by whomever, takes with it every socket that was opened by it, and its
seat in a call. Nothing is waited for here: time passes when the test says so."""

import json
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any

import pytest
from aiohttp import ClientWebSocketResponse, WSCloseCode, WSMsgType

from tests.web.browser import Browser
from tests.web.rig import JONAS, KARI, SOLVEIG, Rig
from tests.web.test_logout import tell, word
from tests.web.test_routes import RULES
from venterom.rtc import protocol
from venterom.rtc.effects import DONE, REFUSED
from venterom.server import sign_outs
from venterom.server.app import SIGNALING
from venterom.web.identity import grants
from venterom.web.identity.roles import Door, Role
from venterom.web.keys import IDENTITY_KEYS
from venterom.web.live import HUB, Pace
from venterom.web.work import work

pytestmark = pytest.mark.slow

WITHIN = 30.0  # seconds until a test gives up; nothing is asserted by it
RELOAD = {"view": "reload", "html": ""}


async def signs_out(_rig: Rig, who: Browser) -> None:
    """By the button on the page."""
    await who.press("Logg ut")


async def is_ended_elsewhere(rig: Rig, _who: Browser) -> None:
    """By oneself, from another browser."""
    other = await rig.doctor()
    await other.open("/doctor/sign-ins")
    await other.press("Avslutt alle andre")


async def is_signed_out_there(rig: Rig, _who: Browser) -> None:
    """By the provider's word."""
    await tell(rig, word(rig, SOLVEIG, Door.DOCTOR), "doctor")


async def becomes_another(rig: Rig, who: Browser) -> None:
    """Somebody else signs in, in the same browser."""
    await rig.sign_in(JONAS, "/doctor", who)


async def loses_the_role(rig: Rig, _who: Browser) -> None:
    """By a director, a job or a command in another process: nobody here is told."""
    async with work(rig.app) as unit:
        keys = rig.app[IDENTITY_KEYS]
        number = next(each.who.number for each in rig.world.doctors if each.who.name == SOLVEIG)
        held = await grants.of_number(unit.db, keys, number, Role.DOCTOR)
        assert held is not None
        await grants.withdraw(unit.db, unit.now, held.id)


WAYS = (signs_out, is_ended_elsewhere, is_signed_out_there, becomes_another, loses_the_role)
End = Callable[[Rig, Browser], Awaitable[None]]


def asked(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    """What the media workers are asked to end."""
    found: list[tuple[str, ...]] = []

    async def leave(room: str, seat: str) -> None:
        found.append((room, seat))

    monkeypatch.setattr(rig.app[SIGNALING]._media, "leave", leave)
    return found


def entrance_of(who: Browser) -> dict[str, Any]:
    """What the page that is open needs to enter its room."""
    found: dict[str, Any] = json.loads(who.page.tree.by_id("room").raw)
    return found


async def take_seat(who: Browser, entrance: Mapping[str, Any]) -> ClientWebSocketResponse:
    """Into the room, by the ticket of a page."""
    socket = await who.listen(entrance["socket"])
    join = protocol.Join(entrance["ticket"], protocol.VERSION, protocol.Encryption.HOP_BY_HOP)
    await socket.send_str(protocol.dump(join))
    return socket


async def last_of(socket: ClientWebSocketResponse) -> tuple[list[str], int]:
    """All that is still said, and the code that it closes with."""
    said = []
    while (frame := await socket.receive(timeout=WITHIN)).type is WSMsgType.TEXT:
        said.append(frame.data)
    assert frame.type is WSMsgType.CLOSE, frame
    return said, frame.data


def live_pages(visit: str, doors: Iterable[str]) -> list[str]:
    """Every live page of the service behind these doors, made from the addresses."""
    found = [
        path
        for (_, path), rule in RULES.items()
        if path.startswith("/live/") and rule.door in doors
    ]
    return [path.replace("{visit}", visit) for path in found]


@pytest.mark.parametrize("end", WAYS, ids=lambda way: way.__name__)
async def test_a_sign_in_that_is_ended_gives_up_its_seat_and_all_its_sockets_for_good(
    rig: Rig, monkeypatch: pytest.MonkeyPatch, end: End
) -> None:
    rig.app[HUB].pace = Pace(refresh=3_600)  # nothing is looked at unless something happens
    left = asked(rig, monkeypatch)
    patient, doctor, visit = await rig.consult()
    entrance = entrance_of(doctor)
    seat = await take_seat(doctor, entrance)
    assert isinstance(protocol.parse(await seat.receive_str(timeout=WITHIN)), protocol.Joined)
    pages = [await doctor.listen(path) for path in live_pages(visit, ["doctor"])]
    theirs = [await patient.listen(path) for path in live_pages(visit, ["patient"])]
    for socket in (*pages, *theirs):
        await socket.receive_str(timeout=WITHIN)
    await end(rig, doctor)
    await sign_outs.send_away(rig.app)
    said, code = await last_of(seat)
    assert (protocol.parse(said[-1]), code) == (protocol.Closed("signed_out"), DONE)
    assert left == [(visit, "doctor")]
    for socket in pages:
        said, code = await last_of(socket)
        assert (json.loads(said[-1]), code) == (RELOAD, WSCloseCode.POLICY_VIOLATION)
    assert pages and not any(socket.closed for socket in theirs)
    said, code = await last_of(await take_seat(doctor, entrance))
    refused = protocol.parse(said[-1])
    assert isinstance(refused, protocol.Refused)
    assert (refused.code, code) == ("NotAdmitted", REFUSED)


async def test_a_call_outlasts_the_time_of_a_sign_in(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = asked(rig, monkeypatch)
    patient, visit = await rig.waiting(KARI)
    await patient.open(f"/visit/{visit}/room")
    seat = await take_seat(patient, entrance_of(patient))
    await seat.receive_str(timeout=WITHIN)
    rig.clock.tick(hours=2)
    await sign_outs.send_away(rig.app)
    assert left == [] and not seat.closed
    again = await take_seat(patient, entrance_of(patient))
    assert isinstance(protocol.parse(await again.receive_str(timeout=WITHIN)), protocol.Joined)


async def test_an_ended_sign_in_takes_nobody_elses_seat(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = asked(rig, monkeypatch)
    patient, doctor, visit = await rig.consult()
    await patient.open(f"/visit/{visit}/room")
    seats = [await take_seat(each, entrance_of(each)) for each in (patient, doctor)]
    for seat in seats:
        await seat.receive_str(timeout=WITHIN)
    other = await rig.sign_in(KARI)
    await other.press("Logg ut")
    await sign_outs.send_away(rig.app)
    assert left == [] and not any(seat.closed for seat in seats)
