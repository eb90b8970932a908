"""What it takes to keep patients who wait: so many live pages of as many patients at one server,
each with a web socket that is told the place in the queue. A real house, filled with patients who
wait; the pages are played by a process of its own, by loopback, from as many addresses as needed.

It measures how long all take to be let in and shown their state, how much memory each costs, how
long one change of the queue takes to reach a page, and how long it takes until all are back when
the service was killed and started anew (pages come back as live.js does).

Prints a line for each number of patients, and one line of JSON last: for each number `connect_s`,
`kb_each` and `cpu_ms_each` (of the service's own process, from before the first came until all are
shown their state), `update_p99_ms`, `update_cpu_ms_each`, `reached` (a share of the pages) and
`back_s`, and the load. What took longer than a minute is null. On a busy machine, and always where
service and pages share their cores, compare the processor's time and not the clock's.

    bench/sockets.py --patients 1000 10000
"""

import argparse
import asyncio
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from sqlalchemy import insert  # noqa: E402, the line above makes them importable

from tests.house import House, house  # noqa: E402
from tests.queue.make import entry, put_line  # noqa: E402
from venterom.journal.tables import VisitRow  # noqa: E402
from venterom.queue.monitor import Cause, Step  # noqa: E402
from venterom.queue.promise import LATER  # noqa: E402
from venterom.queue.tables import EntryRow, EscalationRow  # noqa: E402
from venterom.server import vault  # noqa: E402
from venterom.server.clock import utcnow  # noqa: E402
from venterom.server.config import Keys  # noqa: E402
from venterom.server.db import make_engine, make_sessions  # noqa: E402
from venterom.web.identity import csrf, people, sessions  # noqa: E402
from venterom.web.identity.browser import session_cookie  # noqa: E402
from venterom.web.identity.claims import SignedIn  # noqa: E402
from venterom.web.identity.numbers import make  # noqa: E402
from venterom.web.identity.roles import Door, Role  # noqa: E402

EACH = 150  # pages from one address; the house lets in 200 (server/callers.py)
AT_ONCE = 100  # pages that are on their way in
PATIENCE = 60.0  # seconds for everything that is waited for
BACK_OFF = (0.5, 2.0, 8.0, 20.0)  # seconds, as comeback.js has them
DAY = date(1960, 1, 1)
Held = dict[str, Any]


async def fill(home: House, count: int) -> Held:
    """So many patients who are signed in, wait, and have been told that it gets late, since three
    doctors cannot see that many; what their browsers hold."""
    folder = home.folder
    keyring = vault.load(
        Keys(
            root_file=folder / "keys/root.key",
            signing_file=folder / "keys/signing.pem",
            client_file=folder / "keys/client.pem",
            folder=folder / "keys/later",
        )
    )
    keys, now = keyring.identity_keys(), utcnow()
    engine = make_engine(f"sqlite+aiosqlite:///{folder / 'venterom.db'}")
    held = []
    async with make_sessions(engine)[0].begin() as db:
        for n in range(count):
            born = DAY + timedelta(days=n)
            said = SignedIn(
                Door.PATIENT, "bench", f"s{n}", "", f"Per Prøve {n}", born, make(born, 7), None
            )
            who = await people.find_or_make_patient(db, keys, now, said)
            session, secret = await sessions.open_session(db, now, person=who.id, role=Role.PATIENT)
            await sessions.keep(db, session.id, now + timedelta(hours=2))
            visit = f"bench{n:017}"
            row = {"id": visit, "opened_by": who.id, "patient": who.id, "birth_date": born}
            row |= {"relation": "self", "stage": "open", "opened_at": now, "closed_at": None}
            await db.execute(insert(VisitRow).values(**row))
            came = now - timedelta(minutes=10) + timedelta(milliseconds=n)
            waits = replace(
                entry(visit), patient=who.id, created_at=came, release_at=came,
                deadline=came + LATER[-1],
            )  # fmt: skip
            await put_line(db, waits)
            await db.execute(insert(EntryRow).values(**asdict(waits)))
            told = {"promise": waits.promise, "visit": visit, "at": came, "p_keep": 0.0}
            steps = [{**told, "step": step, "cause": Cause.SHORT_STAFF} for step in Step]
            await db.execute(insert(EscalationRow), steps)
            held.append((visit, secret, csrf.token(keyring.derive("csrf"), session.id)))
    await engine.dispose()
    cookie = session_cookie(home.url, Door.PATIENT).name
    return {"port": home.port, "cookie": cookie, "patients": held}


class Live:
    """One page, as far as its socket goes."""

    def __init__(self, crowd: "Crowd", n: int) -> None:
        self.crowd, self.address = crowd, f"127.0.{1 + n // EACH}.1"
        self.visit, self.secret, self.token = crowd.held["patients"][n]
        self.changed = 0.0  # when a state came last that was another
        self.tries = 0
        self.shown = asyncio.Event()

    def head(self, method: str, path: str, *more: str) -> bytes:
        """The head of a request from this page."""
        port, cookie = self.crowd.held["port"], self.crowd.held["cookie"]
        lines = [f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{port}"]
        lines += [f"Origin: http://127.0.0.1:{port}", f"Cookie: {cookie}={self.secret}", *more]
        return "\r\n".join([*lines, "", ""]).encode()

    async def stay(self) -> None:
        """Be there, and come back."""
        while True:
            try:
                async with self.crowd.turn:
                    reader, writer = await asyncio.open_connection(
                        "127.0.0.1", self.crowd.held["port"], local_addr=(self.address, 0)
                    )
                    upgrade = ("Upgrade: websocket", "Connection: Upgrade")
                    more = ("Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: " + "A" * 22 + "==")
                    writer.write(self.head("GET", f"/live/visit/{self.visit}", *upgrade, *more))
                    said = await reader.readuntil(b"\r\n\r\n")
                    if b" 101 " not in said[:20]:
                        raise ConnectionError(said[:60])
                    await self._frame(reader, writer)
                while True:
                    await self._frame(reader, writer)
            except (OSError, EOFError):
                self.shown.clear()
                longest = BACK_OFF[min(self.tries, len(BACK_OFF) - 1)]
                self.tries += 1
                await asyncio.sleep(longest * (0.2 + 0.8 * random.random()))

    async def _frame(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        kind, length = await reader.readexactly(2)
        if length >= 126:
            length = int.from_bytes(await reader.readexactly(2 if length == 126 else 8))
        body = await reader.readexactly(length)
        if kind & 15 == 9:
            writer.write(bytes([0x8A, 0x80 | length, 0, 0, 0, 0]) + body)
        elif kind & 15 == 8:
            writer.close()
            raise ConnectionError
        elif body != b"{}":
            self.changed, self.tries = time.monotonic(), 0
            self.shown.set()

    async def leave(self) -> None:
        """Give the place up."""
        port = self.crowd.held["port"]
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        more = (f"X-CSRF-Token: {self.token}", "Content-Length: 0", "Connection: close")
        writer.write(self.head("POST", f"/visit/{self.visit}/leave", *more))
        assert (await reader.readline()).split()[1] == b"303"
        writer.close()


class Crowd:
    """All pages, in a process of their own; told by lines what to do."""

    def __init__(self, held: Held) -> None:
        self.held, self.turn = held, asyncio.Semaphore(AT_ONCE)
        self.pages = [Live(self, n) for n in range(len(held["patients"]))]

    async def play(self) -> None:
        """Come, see a change, lose the service, come back; each answered by a line of JSON."""
        begun = time.monotonic()
        here = [asyncio.create_task(page.stay()) for page in self.pages]
        await self.all_shown()
        say(connect_s=time.monotonic() - begun, shown=self.share())
        await asyncio.to_thread(sys.stdin.readline)
        begun = time.monotonic()
        await self.pages[0].leave()
        others = self.pages[1:]
        while time.monotonic() - begun < PATIENCE and any(p.changed < begun for p in others):
            await asyncio.sleep(0.05)
        took = sorted(page.changed - begun for page in others if page.changed >= begun)
        p99 = took[int(len(others) * 0.99)] if len(took) > len(others) * 0.99 else None
        say(reached=len(took) / len(others), update_p99_ms=p99 and 1000 * p99)
        await asyncio.to_thread(sys.stdin.readline)  # the service is gone by now
        for page in self.pages:
            page.shown.clear()
        say()
        await asyncio.to_thread(sys.stdin.readline)  # and is there again
        begun = time.monotonic()
        await self.all_shown()
        say(back_s=time.monotonic() - begun, shown=self.share())
        for each in here:
            each.cancel()

    async def all_shown(self) -> None:
        """Wait until every page shows its state, but not for ever."""
        waits = [asyncio.create_task(page.shown.wait()) for page in self.pages]
        await asyncio.wait(waits, timeout=PATIENCE)
        for each in waits:
            each.cancel()

    def share(self) -> float:
        """Of the pages, those that show a state."""
        return sum(page.shown.is_set() for page in self.pages) / len(self.pages)


def say(**figures: float | None) -> None:
    """A line for the process that measures."""
    print(json.dumps(figures), flush=True)


def rss_kb(pid: int) -> int:
    """The memory of a process."""
    said = Path(f"/proc/{pid}/status").read_text()
    return int(said.split("VmRSS:")[1].split()[0])


def cpu_s(pid: int) -> float:
    """The processor's seconds that a process has taken, its own and the system's for it."""
    spent = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[11:13]
    return sum(map(int, spent)) / os.sysconf("SC_CLK_TCK")


def hear(crowd: "subprocess.Popen[str]") -> dict[str, float | None]:
    """What the crowd says next, after it was told to go on."""
    assert crowd.stdout is not None
    found: dict[str, float | None] = json.loads(crowd.stdout.readline())
    return found


def go_on(crowd: "subprocess.Popen[str]") -> None:
    """Tell it so."""
    assert crowd.stdin is not None
    crowd.stdin.write("\n")
    crowd.stdin.flush()


def measure(count: int) -> dict[str, float | None]:
    """One number of patients."""
    with tempfile.TemporaryDirectory() as folder, house(Path(folder)) as home:
        home.stop()
        held = Path(folder, "held.json")
        held.write_text(json.dumps(asyncio.run(fill(home, count))))
        home.start()
        assert home.process is not None
        bare, spent = rss_kb(home.process.pid), cpu_s(home.process.pid)
        command = [sys.executable, __file__, "--crowd", str(held)]
        with subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as crowd:
            found = hear(crowd)
            found["kb_each"] = (rss_kb(home.process.pid) - bare) / count
            found["cpu_ms_each"] = 1000 * (cpu_s(home.process.pid) - spent) / count
            spent = cpu_s(home.process.pid)
            go_on(crowd)
            found |= hear(crowd)
            found["update_cpu_ms_each"] = 1000 * (cpu_s(home.process.pid) - spent) / count
            home.kill()
            go_on(crowd)
            hear(crowd)
            home.start()
            go_on(crowd)
            back = hear(crowd)
            crowd.terminate()
    came, is_back = found.pop("shown"), back["shown"]
    found["connect_s"] = found["connect_s"] if came == 1 else None
    found["back_s"] = back["back_s"] if is_back == 1 else None
    print(f"{count} patients: {came:.0%} shown, {is_back:.0%} back, {found}", flush=True)
    return {name: value if value is None else round(value, 3) for name, value in found.items()}


def main(given: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--patients", type=int, nargs="+", default=[1_000, 10_000])
    parser.add_argument("--crowd", type=Path, help=argparse.SUPPRESS)
    chosen = parser.parse_args(given)
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    if chosen.crowd is not None:
        asyncio.run(Crowd(json.loads(chosen.crowd.read_text())).play())
        return
    load = os.getloadavg()[0]
    found: dict[str, object] = {str(count): measure(count) for count in chosen.patients}
    print(json.dumps({**found, "load": round(load, 2), "at": f"{datetime.now(UTC):%Y-%m-%d}"}))


if __name__ == "__main__":
    main()
