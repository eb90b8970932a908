"""People in a room whose WebRTC shares no code with ours: werift, in Node (tests/clients)."""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from tests.node import CLIENTS
from tests.rtc.live import Room


class Peer:
    """One of them."""

    def __init__(self, running: asyncio.subprocess.Process) -> None:
        self._running = running
        self.state = "new"
        self.came = {"audio": 0, "video": 0}  # packets
        self.numbered = 0  # of these, with what another of them has written

    async def read(self) -> None:
        """Follow what it says."""
        assert self._running.stdout is not None
        async for line in self._running.stdout:
            told = json.loads(line)
            self.state, self.numbered = told["state"], told["marked"]
            self.came = {kind: told[kind] for kind in self.came}


@asynccontextmanager
async def joined(room: Room, socket: str, seat: str, sends: str) -> AsyncGenerator[Peer]:
    """Somebody takes a seat over the worker's own interface. `sends` is `numbers` or `mirror`: what
    comes in goes back to where it is from."""
    running = await asyncio.create_subprocess_exec(
        *("node", str(CLIENTS / "peer.mjs"), socket, room.name, seat, sends),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    peer = Peer(running)
    reading = asyncio.create_task(peer.read())
    try:
        await room.until(lambda: peer.state == "connected")
        yield peer
    finally:
        reading.cancel()
        if running.returncode is None:
            running.kill()
        await running.wait()
