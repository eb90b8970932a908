"""Firefox over WebDriver BiDi: one page of it, and no more of the protocol than a call takes."""

import asyncio
import json
import re
from collections.abc import AsyncGenerator, Iterable, Mapping
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import aiohttp
import pytest

from tests.needs import firefox

by_firefox = pytest.mark.skipif(
    firefox() is None,
    reason="no Firefox that we can drive: not shown that it and Chromium see and hear each other",
)

# An invented camera and microphone that nobody is asked for, on loopback, by its own address; and
# sound and picture that play by themselves.
SETTINGS: dict[str, object] = {
    "media.navigator.streams.fake": True,
    "media.navigator.permission.disabled": True,
    "permissions.default.camera": 1,  # else a page is told our address towards the internet only
    "permissions.default.microphone": 1,
    "media.peerconnection.ice.loopback": True,
    "media.peerconnection.ice.obfuscate_host_addresses": False,
    "media.autoplay.default": 0,
    "intl.accept_languages": "nb-NO",
}
LISTENS = re.compile(r"WebDriver BiDi listening on (ws://\S+)")
# A function is called, as Playwright does; anything else is what it is.
VALUE = """(async () => {{
    const found = ({expression});
    return JSON.stringify((typeof found === "function" ? await found() : found) ?? null);
}})()"""
PRESS = """() => {{
    const named = (each) => each.textContent.trim() === {name} && each.checkVisibility();
    const found = [...document.querySelectorAll("button, a")].find(named);
    if (found && !found.disabled) found.click();
    return Boolean(found && !found.disabled);
}}"""


class Refused(Exception):
    """The browser would not, or the page's script failed."""


class Fox:
    """The one page of a browser of its own."""

    def __init__(self, line: aiohttp.ClientWebSocketResponse) -> None:
        self._line = line
        self._numbers = count(1)
        self._turn = asyncio.Lock()
        self._page = ""

    async def begin(self) -> None:
        """Before anything else."""
        await self.do("session.new", capabilities={})
        self._page = (await self.do("browsingContext.getTree"))["contexts"][0]["context"]

    async def do(self, method: str, **given: Any) -> Any:
        """One command and what comes of it. Raises Refused."""
        async with self._turn:
            number = next(self._numbers)
            await self._line.send_json({"id": number, "method": method, "params": given})
            while (answer := await self._line.receive_json()).get("id") != number:
                pass  # something that happened meanwhile, or the answer to one who did not wait
        if answer["type"] != "success":
            raise Refused(f"{method}: {answer['message']}")
        return answer["result"]

    async def take(self, cookies: Iterable[Mapping[str, str]], host: str) -> None:
        """These are the browser's own from now on."""
        for each in cookies:
            value = {"type": "string", "value": each["value"]}
            cookie = {"name": each["name"], "value": value, "domain": host}
            await self.do("storage.setCookie", cookie=cookie)

    async def before(self, script: str) -> None:
        """This function is run in every page that is loaded, before the page's own scripts."""
        await self.do("script.addPreloadScript", functionDeclaration=script)

    async def goto(self, url: str) -> None:
        """Load a page, all of it."""
        await self.do("browsingContext.navigate", context=self._page, url=url, wait="complete")

    async def evaluate(self, expression: str) -> Any:
        """What this is in the page, as JSON can say it, once it is there. Raises Refused."""
        answer = await self.do(
            "script.evaluate",
            expression=VALUE.format(expression=expression),
            target={"context": self._page},
            awaitPromise=True,
            userActivation=True,
        )
        if answer["type"] != "success":
            raise Refused(answer["exceptionDetails"]["text"])
        return json.loads(answer["result"]["value"])

    async def until(self, expression: str) -> None:
        """Wait for this to become true."""
        while not await self.evaluate(expression):
            await asyncio.sleep(0.1)

    async def press(self, name: str) -> None:
        """A button or a link, as soon as it is to be seen and can be pressed."""
        await self.until(PRESS.format(name=json.dumps(name)))


@asynccontextmanager
async def fox() -> AsyncGenerator[Fox]:
    """A Firefox with a profile of its own, until the block is left."""
    found = firefox()
    assert found is not None, "Firefox is needed; `make test` says how to get it"
    with TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        lines = (f"user_pref({json.dumps(k)}, {json.dumps(v)});" for k, v in SETTINGS.items())
        (Path(profile) / "user.js").write_text("\n".join(lines))
        running = await asyncio.create_subprocess_exec(
            *(str(found), "--headless", "--no-remote", "--profile", profile),
            *("--remote-debugging-port", "0"),
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
        )
        assert running.stderr is not None
        reading = asyncio.create_task(_address(running.stderr))
        try:
            address = await reading
            draining = asyncio.create_task(_drain(running.stderr))
            async with (
                aiohttp.ClientSession() as http,
                http.ws_connect(f"{address}/session", max_msg_size=0) as line,
            ):
                started = Fox(line)
                await started.begin()
                yield started
            draining.cancel()
        finally:
            running.kill()
            await running.wait()


async def _address(said: asyncio.StreamReader) -> str:
    """Where it listens. Raises Refused when it ends without a word of that."""
    async for line in said:
        if listens := LISTENS.match(line.decode(errors="replace")):
            return listens[1]
    raise Refused("Firefox ended before it listened")


async def _drain(said: asyncio.StreamReader) -> None:
    """What it says is read, so that it never waits for a reader."""
    while await said.read(65536):
        pass
