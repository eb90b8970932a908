"""A small browser for tests: cookies, redirects, links and forms. It runs no JavaScript.

Strict: it fills in only what a form asks for, and refuses to be sent to strangers.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import ClientResponse, ClientSession, ClientWebSocketResponse
from yarl import URL

from tests.web.page import Page, Typed, fill

MOST_REDIRECTS = 10
SENT_ON = frozenset({301, 302, 303, 307, 308})


@dataclass
class Browser:
    """One browser with its own cookies. `home` is the service; `abroad` may be visited too."""

    http: ClientSession
    home: str
    abroad: str
    language: str = "nb"
    page: Page = field(init=False)
    seen: list[URL] = field(default_factory=list)  # pages that were opened, for going back

    async def open(self, address: str | URL) -> Page:
        """Type an address, or follow a link."""
        return await self._go("GET", URL(self.home).join(URL(address)))

    async def reload(self) -> Page:
        """The same page again."""
        return await self.open(self.page.url)

    async def back(self) -> Page:
        """The page before. Nothing of ours may be kept, so it is asked for again."""
        self.seen.pop()
        return await self.open(self.seen.pop())

    async def click(self, words: str) -> Page:
        """Follow the link with these words."""
        return await self.open(self.page.url.join(URL(self.page.link(words))))

    async def press(
        self, words: str, typed: Typed | None = None, *, careless: bool = False
    ) -> Page:
        """Fill in and send the form of the button with these words."""
        page = self.page
        button = page.button(words)
        form = button.within("form")
        assert form is not None and form.attributes["method"] == "post"
        sent = fill(page, form, typed or {}, careless=careless)
        if "name" in button.attributes:
            sent.append((button.attributes["name"], button.attributes["value"]))
        action = form.attributes.get("action", page.url.raw_path)
        return await self._go("POST", page.url.join(URL(action)), sent)

    async def post(self, path: str, values: Mapping[str, str]) -> Page:
        """Send any form at all, with the token of the page that is open."""
        sent = [("csrf", self.page.token), *values.items()]
        return await self._go("POST", URL(self.home + path), sent)

    async def raw(
        self, method: str, path: str, headers: Mapping[str, str] | None = None, **more: Any
    ) -> ClientResponse:
        """One request as it stands, from one of our own pages unless the headers say otherwise."""
        answer = await self.http.request(
            method,
            URL(self.home + path, encoded=True),
            headers={"Origin": self.home, **(headers or {})},
            allow_redirects=False,
            **more,
        )
        await answer.read()
        return answer

    async def listen(self, path: str) -> ClientWebSocketResponse:
        """A web socket of the page that is open."""
        return await self.http.ws_connect(self.home + path, headers={"Origin": self.home})

    async def _go(
        self, method: str, address: URL, sent: list[tuple[str, str]] | None = None
    ) -> Page:
        headers = {"Accept-Language": self.language}
        if method == "POST":
            headers["Origin"] = str(self.page.url.origin())
        for _ in range(MOST_REDIRECTS):
            assert str(address.origin()) in (self.home, self.abroad), f"sent to {address}"
            answer = await self.http.request(
                method, address, data=sent, headers=headers, allow_redirects=False
            )
            body = await answer.text()
            if answer.status not in SENT_ON:
                self.page = Page(address, answer.status, answer.headers, body)
                if method == "GET" and self.seen[-1:] != [address]:
                    self.seen.append(address)
                return self.page
            method, sent = "GET", None
            address = address.join(URL(answer.headers["Location"]))
        raise AssertionError(f"sent on and on, to {address}")
