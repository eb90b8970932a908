"""The parts put together: what an application does when it starts and when it stops."""

from pathlib import Path

import pytest
from aiohttp import WSCloseCode, WSMsgType, web

from tests.conftest import FakeClock
from tests.journal.make import signed
from tests.queue.make import at_work, entry, put
from tests.server.rooms import VISIT
from tests.server.service import built, service, settings
from venterom.journal import jws, seal
from venterom.journal.errors import UnsafeBackend
from venterom.queue import desk
from venterom.queue.states import State
from venterom.rtc import protocol
from venterom.server import jobs
from venterom.server.app import build
from venterom.server.commands import database
from venterom.server.config import SettingsError
from venterom.server.db import make_sessions
from venterom.web.keys import RECORD_KEYS, TICKET_KEY
from venterom.web.work import look, work


def nothing(_app: web.Application) -> None:
    """Nothing is added."""


async def test_a_doctor_keeps_the_patient_when_it_was_the_server_that_was_away(
    tmp_path: Path, clock: FakeClock
) -> None:
    async with service(tmp_path, clock, nothing) as client:
        assert client.app is not None
        async with work(client.app) as unit:
            await put(unit.db, entry("v1"))
            await at_work(unit.db, "d1")
            await desk.claim(unit.db, unit.now, practitioner="d1")
    clock.tick(minutes=10)
    async with service(tmp_path, clock, nothing) as client:
        assert client.app is not None
        await jobs.watch_promises(client.app)
        async with look(client.app) as unit:
            found = await desk.entry(unit.db, "v1")
    assert found is not None and found.state is State.CLAIMED


async def test_it_does_not_start_on_tables_of_another_version(
    tmp_path: Path, clock: FakeClock
) -> None:
    await built(tmp_path, clock, 8080)
    (tmp_path / "care.db").unlink()
    runner = web.AppRunner(build(settings(tmp_path, 8080), clock))
    with pytest.raises(SettingsError, match="run `venterom migrate`"):
        await runner.setup()
    await runner.cleanup()


async def test_it_is_not_built_without_keys(tmp_path: Path, clock: FakeClock) -> None:
    with pytest.raises(SettingsError, match="root.key"):
        build(settings(tmp_path, 8080), clock)


async def test_it_does_not_start_with_a_key_that_is_not_the_one_that_sealed_the_record(
    tmp_path: Path, clock: FakeClock
) -> None:
    app = await built(tmp_path, clock, 8080)
    own = settings(tmp_path, 8080)
    async with database(own) as engine:
        async with make_sessions(engine)[0]() as db, db.begin():
            await signed(db, keys=app[RECORD_KEYS])
    root = own.keys.root_file
    right = root.read_bytes()
    root.write_bytes(bytes(32))
    runner = web.AppRunner(build(own, clock))
    with pytest.raises(SettingsError, match="kek-1: the key is missing, or is not the one"):
        await runner.setup()
    await runner.cleanup()
    lost = own.model_copy(update={"keys": own.keys.model_copy(update={"lost": ("kek-1",)})})
    for files, key in ((own, right), (lost, bytes(32))):
        root.write_bytes(key)
        runner = web.AppRunner(build(files, clock))
        await runner.setup()
        await runner.cleanup()


@pytest.mark.parametrize("part", [jws, seal])
async def test_it_is_not_built_where_cipher_or_signature_are_not_what_they_must_be(
    tmp_path: Path, clock: FakeClock, part: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    await built(tmp_path, clock, 8080)

    def fail() -> None:
        raise UnsafeBackend

    monkeypatch.setattr(part, "self_test", fail)
    with pytest.raises(UnsafeBackend):
        build(settings(tmp_path, 8080), clock)


async def test_a_room_has_its_socket_at_its_address(tmp_path: Path, clock: FakeClock) -> None:
    async with service(tmp_path, clock, nothing) as client:
        own = {"Origin": str(client.make_url("/").origin())}
        async with client.ws_connect(f"/visit/{VISIT}/signal", headers=own) as page:
            join = protocol.Join("old.one", protocol.VERSION, protocol.Encryption.END_TO_END)
            await page.send_str(protocol.dump(join))
            refused = await page.receive_json(timeout=30)
            assert (refused["type"], refused["code"]) == ("refused", "TicketAltered")
            closed = await page.receive(timeout=30)
            assert (closed.type, closed.data) == (WSMsgType.CLOSE, WSCloseCode.POLICY_VIOLATION)


async def test_every_purpose_has_a_key_of_its_own(tmp_path: Path, clock: FakeClock) -> None:
    app = await built(tmp_path, clock, 8080)
    again = build(settings(tmp_path, 8080), clock)
    assert app[TICKET_KEY] == again[TICKET_KEY]  # tickets outlive a restart
    assert len({app[TICKET_KEY], app[jobs.POST].link_key, app[jobs.POST].seal_key}) == 3
