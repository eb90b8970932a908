"""Beginnings that many tests share are walked once, and taken up again where they ended.

A test of what a doctor does in a call needs a patient who has come to it, and the way there costs
more than what the test is for. So a walk that is marked as a `beginning` is kept where it ended:
the databases, the browsers, the clock, and what the stand-ins hold. The next test of the run that
begins with this walk, with the same people at the same time, is put there, as if the service had
been started anew in between.

Whoever has done anything else before (asked for a page, changed a row, told a stand-in what to say)
walks, and so does a test that replaces a part of the service or reads its log.
"""

import pickle
from collections.abc import Awaitable, Callable, Generator, Iterable
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import wraps
from http.cookies import Morsel
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

from yarl import URL

from tests.web.browser import Browser
from tests.web.page import Page
from venterom.server.sqlite import SQLITE
from venterom.web.limits import TRIES

if TYPE_CHECKING:
    from tests.web.rig import Rig

P = ParamSpec("P")
T = TypeVar("T")
Way = tuple[str, ...]  # the walks of a test so far: which, by whom, and when each began
REPLACED = frozenset({"monkeypatch", "caplog"})  # what a test asks for that must walk by itself


def beginning(
    walk: Callable[Concatenate["Rig", P], Awaitable[T]],
) -> Callable[Concatenate["Rig", P], Awaitable[T]]:
    """A walk that is kept. What it gives is made of browsers, pages and plain values."""

    @wraps(walk)
    async def kept(rig: "Rig", /, *args: P.args, **named: P.kwargs) -> T:
        given = (*args, *named.values())
        if rig.trail is None or any(isinstance(each, Browser) for each in given):
            return await walk(rig, *args, **named)
        step = f"{walk.__module__}.{walk.__qualname__} {args} {named} at {rig.clock.now}"
        return await rig.trail.follow(rig, step, lambda: walk(rig, *args, **named))

    return kept


@dataclass(frozen=True)
class Held:
    """What a browser holds."""

    language: str
    cookies: list["Morsel[str]"]
    page: Page | None
    seen: list[URL]


@dataclass(frozen=True)
class Kept:
    """Where a walk ended."""

    now: datetime
    databases: list[Any]  # copies in memory
    stand_ins: bytes
    tries: list[dict[str, datetime]]  # as each limit has counted them
    gave: bytes
    apart: list[Held | Page | None]  # None is the rig


@dataclass
class Trail:
    """How far a test has come by beginnings alone."""

    kept: dict[Way, Kept]  # by all tests of the run
    databases: list[Any]
    asked: int = 0  # requests to the service
    _way: Way = ()
    _seen: object = field(default=None, init=False)

    def stand(self, rig: "Rig", way: Way) -> None:
        """The test has come here, and has done nothing else."""
        self._way, self._seen = way, self._look(rig)

    async def count(self, _request: object, _response: object) -> None:
        """The service has answered once more."""
        self.asked += 1

    async def follow(self, rig: "Rig", step: str, walk: Callable[[], Awaitable[T]]) -> T:
        """One step on: be put where it ended before, or walk there."""
        if self._seen != self._look(rig):
            return await walk()
        way = (*self._way, step)
        if way in self.kept:
            gave: T = await self._take_up(rig, self.kept[way])
        else:
            gave = await walk()
            self.kept[way] = self._keep(rig, gave)
        self.stand(rig, way)
        return gave

    def _look(self, rig: "Rig") -> object:
        """Differs as soon as anything has happened."""
        changes = [one.execute("PRAGMA data_version").fetchone() for one in self.databases]
        return changes, self.asked, pickle.dumps(rig.registers)

    def _keep(self, rig: "Rig", gave: object) -> Kept:
        packed = _Packed(rig, gave)
        return Kept(
            now=rig.clock.now,
            databases=[_copied(one, SQLITE.connect(":memory:")) for one in self.databases],
            stand_ins=pickle.dumps(rig.registers),
            tries=[dict(throttle._spent) for throttle in rig.app[TRIES].values()],
            gave=packed.to.getvalue(),
            apart=[_held(thing) for thing in packed.apart],
        )

    async def _take_up(self, rig: "Rig", kept: Kept) -> Any:
        for copy, one in zip(kept.databases, self.databases, strict=True):
            _copied(copy, one)
        rig.clock.now = kept.now
        vars(rig.registers).update(vars(pickle.loads(kept.stand_ins)))
        for throttle, spent in zip(rig.app[TRIES].values(), kept.tries, strict=True):
            throttle._spent = dict(spent)
        return _Unpacked(kept.gave, [await _back(rig, each) for each in kept.apart]).load()


@contextmanager
def watched(files: Iterable[Path]) -> Generator[list[Any]]:
    """A connection to each database, which sees whether others have changed anything."""
    opened = [SQLITE.connect(path, isolation_level=None) for path in files]
    try:
        for one in opened:
            one.execute("PRAGMA synchronous = OFF")
        yield opened
    finally:
        for one in opened:
            one.close()


def _copied(whole: Any, to: Any) -> Any:
    whole.backup(to)
    return to


class _Packed(pickle.Pickler):
    """What a walk gave; what cannot be kept as it is stands apart."""

    def __init__(self, rig: "Rig", gave: object) -> None:
        self.to = BytesIO()
        super().__init__(self.to)
        self._rig, self.apart = rig, list[object]()
        self.dump(gave)

    def persistent_id(self, thing: object) -> int | None:
        if not isinstance(thing, Browser | Page) and thing is not self._rig:
            return None
        if all(thing is not other for other in self.apart):
            self.apart.append(thing)
        return next(n for n, other in enumerate(self.apart) if thing is other)


class _Unpacked(pickle.Unpickler):
    """The same in another test, with what stood apart."""

    def __init__(self, gave: bytes, apart: list[object]) -> None:
        super().__init__(BytesIO(gave))
        self._apart = apart

    def persistent_load(self, place: int) -> object:
        return self._apart[place]


def _held(thing: object) -> Held | Page | None:
    if isinstance(thing, Browser):
        page = getattr(thing, "page", None)
        return Held(thing.language, [*thing.http.cookie_jar], page, [*thing.seen])
    return thing if isinstance(thing, Page) else None


async def _back(rig: "Rig", held: Held | Page | None) -> object:
    if not isinstance(held, Held):
        return held or rig
    browser = await rig.browser(held.language)
    cookies = [(cookie.key, cookie) for cookie in held.cookies]
    browser.http.cookie_jar.update_cookies(cookies, URL(rig.url))
    browser.seen = [*held.seen]
    if held.page is not None:
        browser.page = held.page
    return browser
