"""People in a room whose WebRTC shares no code with ours: werift, in Node (tests/clients)."""

import asyncio
import json
import shutil
import subprocess
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from tests.house import ROOT
from tests.rtc.live import Room

CLIENTS = ROOT / "tests/clients"
READY = CLIENTS / "node_modules/.ready"
LOCK = CLIENTS / "package-lock.json"
OLDEST = 20  # of Node
INSTALL = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
INSTALL_S = 180


def fault() -> str:
    """Why there is nobody; empty when it is there. Installs what the lock file names, once."""
    node = shutil.which("node")
    if node is None or shutil.which("npm") is None:
        return "no Node"
    said = subprocess.run([node, "--version"], capture_output=True, text=True).stdout
    if int(said.removeprefix("v").split(".")[0]) < OLDEST:
        return f"Node is older than {OLDEST}"
    if READY.exists() and READY.stat().st_mtime > LOCK.stat().st_mtime:
        return ""
    try:
        subprocess.run(INSTALL, cwd=CLIENTS, check=True, capture_output=True, timeout=INSTALL_S)
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
        return "the packages of tests/clients could not be installed (no network?)"
    READY.touch()
    return ""


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
