"""A server that sits between two pages, with an exchange of its own with each: it reads all, and
passes keys on under its own, so that the call works. It only cannot make the words the same."""

import asyncio
import base64
import json
from typing import Any

from playwright.async_api import Page, WebSocketRoute

from tests.e2e.modules import run

# As patient towards the doctor, and as doctor towards the patient. `hear` answers with what is to
# be told to whom.
BETWEEN = """
    const between = {room: given, begins: 'doctor', answers: 'patient'};
    const ends = {};
    const other = {doctor: 'patient', patient: 'doctor'};
    globalThis.hear = async (from, said) => {
        if (said.kind === 'commit') {
            for (const seat of ['doctor', 'patient']) ends[seat] = new exchange.Exchange(between);
            const answer = await ends.doctor.take(said);
            return [['doctor', answer], ['patient', await ends.patient.begin()]];
        }
        if (said.kind === 'key' || said.kind === 'reveal') {
            const answer = await ends[from].take(said);
            return answer ? [[from, answer]] : [];
        }
        if (said.kind === 'epoch') {
            while (!ends[other[from]].secret) await new Promise((done) => setTimeout(done, 10));
            const kid = BigInt(said.kid);
            const key = await ends[from].secret.unwrap(kid, said.key);
            globalThis.keys = (globalThis.keys ?? 0) + 1;
            const again = await ends[other[from]].secret.wrap(kid, new Uint8Array(key));
            return [[other[from], {...said, key: again}]];
        }
        return [[other[from], said]];
    };
"""


class Between:
    """It is led between the pages before they enter."""

    def __init__(self, evil: Page) -> None:
        self.evil = evil
        self._pages: dict[str, WebSocketRoute] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def begin(self, room: str) -> None:
        """Know which room it is about."""
        await run(self.evil, BETWEEN, room)

    async def lead(self, page: Page, seat: str) -> None:
        """Everything that this page says to the other comes here."""

        def opened(line: WebSocketRoute) -> None:
            self._pages[seat] = line
            server = line.connect_to_server()

            def heard(text: str | bytes) -> None:
                message = json.loads(text)
                if message["type"] != "exchange":
                    server.send(text)
                    return
                task = asyncio.create_task(self._hear(seat, message["body"]))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)

            line.on_message(heard)

        await page.route_web_socket("**/signal", opened)

    async def keys(self) -> int:
        """How many keys of senders it has read."""
        return int(await self.evil.evaluate("globalThis.keys ?? 0"))

    async def _hear(self, seat: str, body: str) -> None:
        said = json.loads(base64.urlsafe_b64decode(body + "=="))
        for to, told in await self.evil.evaluate(
            "([seat, said]) => hear(seat, said)", [seat, said]
        ):
            self._tell(to, "patient" if to == "doctor" else "doctor", told)

    def _tell(self, to: str, seat: str, said: Any) -> None:
        body = base64.urlsafe_b64encode(json.dumps(said).encode()).decode().rstrip("=")
        self._pages[to].send(json.dumps({"type": "exchange", "seat": seat, "body": body}))
