"""A browser without a screen: keeps cookies, reads forms, sends them back filled in.

Redirects are followed by hand, so that whoever uses it knows what the service has acknowledged.
"""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any, NamedTuple

from aiohttp import ClientSession, ClientTimeout, CookieJar
from yarl import URL

SEE_OTHER = (302, 303)
ANSWER_S = 30.0  # seconds for one answer; the machine may be busy


@dataclass
class Form:
    """A form as it stands on a page."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)
    buttons: dict[str, tuple[str, str]] = field(default_factory=dict)  # text -> name and value


@dataclass
class Page:
    """What came back: an address, a status, and the forms on it; or where to go next."""

    url: URL
    status: int
    text: str
    next: str = ""

    @property
    def forms(self) -> list[Form]:
        """Every form on the page, in order."""
        reader = _Forms()
        reader.feed(self.text)
        return reader.forms

    def form(self, button: str) -> Form:
        """The form with this button on it."""
        found = [form for form in self.forms if any(button in text for text in form.buttons)]
        if not found:
            raise LookupError(f"no «{button}» at {self.url.path} ({self.status})")
        return found[0]


class Said(NamedTuple):
    """What a page's script is answered."""

    status: int
    value: Any


class _Forms(HTMLParser):
    """Collects forms: hidden and typed fields, what is selected, and the words on the buttons."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._open = False
        self._pressed: tuple[str, str] | None = None  # the button whose words are being read
        self._area = ""  # the name of the text area that is being read
        self._select = ""
        self._text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._open = found.get("method", "").lower() == "post"
            if self._open:
                self.forms.append(Form(found.get("action", "")))
        elif self._open:
            self._in_form(tag, found, self.forms[-1].fields)

    def _in_form(self, tag: str, found: dict[str, str], fields: dict[str, str]) -> None:
        name, value = found.get("name", ""), found.get("value", "")
        if tag == "button":
            self._pressed, self._text = (name, value), []
        elif tag == "textarea":
            self._area, self._text = name, []
        elif tag == "select":
            self._select = name
        elif tag == "option" and ("selected" in found or self._select not in fields):
            fields[self._select] = value
        elif tag == "input" and name:
            if found.get("type") not in ("radio", "checkbox") or "checked" in found:
                fields[name] = value

    def handle_data(self, data: str) -> None:
        self._text.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = False
        elif tag == "button" and self._open and self._pressed is not None:
            self.forms[-1].buttons[" ".join("".join(self._text).split())] = self._pressed
            self._pressed = None
        elif tag == "textarea" and self._open:
            self.forms[-1].fields[self._area] = "".join(self._text).removeprefix("\n")


class Robot:
    """One person's browser."""

    def __init__(self, url: str, http: ClientSession) -> None:
        self._url = URL(url)
        self._http = http
        self.page = Page(self._url, 0, "")

    @property
    def cookies(self) -> list[dict[str, str]]:
        """What a real browser needs to go on as the same person."""
        return [
            {"name": each.key, "value": each.value, "url": str(self._url)}
            for each in self._http.cookie_jar
        ]

    async def open(self, path: str) -> Page:
        """Go to an address, and on to wherever it sends us."""
        await self._ask("GET", self._url.join(URL(path)))
        return await self.follow()

    async def follow(self) -> Page:
        """Go where the last answer said, until there is a page."""
        while self.page.next:
            await self._ask("GET", self.page.url.join(URL(self.page.next)))
        return self.page

    async def send(self, button: str, **typed: str) -> Page:
        """Fill in the form and press the button. An answer that sends us on is not followed."""
        form = self.page.form(button)
        name, value = next(pair for text, pair in form.buttons.items() if button in text)
        pressed = {name: value} if name else {}
        target = self.page.url.join(URL(form.action)) if form.action else self.page.url
        return await self._ask("POST", target, form.fields | typed | pressed)

    async def press(self, button: str, **typed: str) -> Page:
        """The same, and on to the next page."""
        await self.send(button, **typed)
        return await self.follow()

    async def say(self, method: str, path: str, value: object = None) -> Said:
        """What a page's script sends by itself."""
        token = next(form.fields["csrf"] for form in self.page.forms if "csrf" in form.fields)
        headers = {"Origin": str(self._url.origin()), "X-CSRF-Token": token}
        address = self._url.join(URL(path))
        async with self._http.request(
            method, address, json=value, headers=headers, allow_redirects=False
        ) as answer:
            is_json = answer.content_type == "application/json"
            return Said(answer.status, await answer.json() if is_json else None)

    async def sign_in(self, door: str, name: str, to: str) -> Page:
        """Be somebody, by the demonstration's identity provider."""
        await self.open(f"/sign-in/{door}?to={to}")
        return await self.press(name)

    async def _ask(self, method: str, url: URL, form: dict[str, str] | None = None) -> Page:
        headers = {"Origin": str(url.origin())} if method == "POST" else {}
        async with self._http.request(
            method, url, data=form, headers=headers, allow_redirects=False
        ) as answer:
            text = await answer.text()
            onwards = answer.headers["Location"] if answer.status in SEE_OTHER else ""
            self.page = Page(url, answer.status, text, onwards)
        return self.page


@asynccontextmanager
async def robot(url: str, agent: str | None = None) -> AsyncGenerator[Robot]:
    """Somebody's browser, closed with the block. `agent` is what it says that it is: a cookie opens
    nothing in another kind."""
    headers = {"User-Agent": agent} if agent else {}
    jar = CookieJar(unsafe=True)  # addresses of this machine have no name
    timeout = ClientTimeout(total=ANSWER_S)
    async with ClientSession(cookie_jar=jar, timeout=timeout, headers=headers) as http:
        yield Robot(url, http)
