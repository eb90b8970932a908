"""Registers that insurers keep themselves, asked over HTTP with mutual TLS (docs/insurers.md).

A patient is never stopped by one: what does not answer in time, or with nonsense, is out of reach,
and after some failures it is left alone for a while. No transaction may be open while one is asked.
"""

import asyncio
import secrets
import ssl
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

import structlog
from aiohttp import ClientError, ClientResponse, ClientSession

from venterom.queue.coverage import breaker, contract
from venterom.queue.coverage.errors import BadPolicyNumber, RegisterUnreachable
from venterom.queue.coverage.insurer import Register
from venterom.queue.coverage.policies import Policy, normalise

TIMEOUT = 3.0  # seconds for a whole answer: a person waits for it
CACHED_S = 300.0  # how long a policy is believed without asking again: a visit's few pages
CACHED_NONE_S = 30.0  # a number that does not exist may be mended there at any moment
MOST_CACHED = 10_000
REQUEST_BYTES = 16

log = structlog.get_logger()
Clock = Callable[[], float]


@dataclass(frozen=True, slots=True)
class Answered:
    """What was answered before a transaction began; about others it was out of reach."""

    answers: Mapping[date, Policy | None]

    async def find(self, number: str, born: date) -> Policy | None:
        """The policy, as it was answered. Raises RegisterUnreachable."""
        if born not in self.answers:
            raise RegisterUnreachable
        return self.answers[born]


class OutsideRegister:
    """The register of one insurer: numbers that begin with `prefix` are asked for there.

    `clock` is in seconds, and only goes forward.
    """

    def __init__(
        self,
        insurer: str,
        prefix: str,
        url: str,
        http: ClientSession,
        tls: ssl.SSLContext,
        clock: Clock,
    ) -> None:
        self.insurer = insurer
        self.prefix = prefix
        self._url = url
        self._http = http
        self._tls = tls
        self._clock = clock
        self._line = breaker.Breaker()
        self._cache: OrderedDict[tuple[str, date], tuple[float, Policy | None]] = OrderedDict()

    async def find(self, number: str, born: date) -> Policy | None:
        """The policy with this normalised number, if it is this person's. Raises
        RegisterUnreachable."""
        known = self._cache.get((number, born))
        if known is not None and self._clock() < known[0]:
            return known[1]
        asking = breaker.asks(self._line, self._clock())
        if asking is None:
            raise RegisterUnreachable
        self._line = asking
        answered = False
        try:
            policy = await self._ask(number, born)
            answered = True
        finally:
            self._line = breaker.after(self._line, answered=answered, now=self._clock())
            if self._line.state is not asking.state:
                log.info("insurer_line", insurer=self.insurer, state=self._line.state.value)
        self._remember((number, born), policy)
        return policy

    def _remember(self, key: tuple[str, date], policy: Policy | None) -> None:
        lives = CACHED_NONE_S if policy is None else CACHED_S
        self._cache[key] = self._clock() + lives, policy
        self._cache.move_to_end(key)
        while len(self._cache) > MOST_CACHED:
            self._cache.popitem(last=False)

    async def _ask(self, number: str, born: date) -> Policy | None:
        request = secrets.token_urlsafe(REQUEST_BYTES)
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        try:
            async with (
                asyncio.timeout(TIMEOUT),
                self._http.post(
                    self._url,
                    data=contract.question(request, number, born),
                    headers=headers,
                    allow_redirects=False,
                    ssl=self._tls,
                ) as response,
            ):
                body = await _body(response)
        except (ClientError, TimeoutError, OSError) as fault:
            raise RegisterUnreachable from fault
        return contract.read(
            response.status, body, request=request, number=number, born=born, insurer=self.insurer
        )


class Outward:
    """All registers that are kept outside, by what their numbers begin with."""

    def __init__(self, registers: Iterable[OutsideRegister] = ()) -> None:
        # The longest beginning first, so that NF-1 may be another insurer's than NF-.
        self._registers = sorted(registers, key=lambda each: len(each.prefix), reverse=True)

    def keeper(self, number: str) -> OutsideRegister | None:
        """Who is to be asked for what was typed; None: our own register."""
        try:
            number = normalise(number)
        except BadPolicyNumber:
            return None
        return next((each for each in self._registers if number.startswith(each.prefix)), None)

    async def ask(self, number: str, births: Iterable[date | None]) -> Register | None:
        """What is answered about these people; None: it is in our own register. As soon as the
        policy is found, or nobody answers, the others are not asked about."""
        register = self.keeper(number)
        if register is None:
            return None
        answers: dict[date, Policy | None] = {}
        for born in births:
            if born is None:
                continue
            try:
                answers[born] = await register.find(normalise(number), born)
            except RegisterUnreachable:
                break
            if answers[born] is not None:
                break
        return Answered(answers)


async def _body(response: ClientResponse) -> bytes:
    """Raises RegisterUnreachable for one that is too long, also after unpacking."""
    body = bytearray()
    async for chunk in response.content.iter_chunked(contract.MOST_BYTES):
        body += chunk
        if len(body) > contract.MOST_BYTES:
            raise RegisterUnreachable
    return bytes(body)
