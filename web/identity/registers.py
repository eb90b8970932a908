"""The two registers over HTTP: of health personnel (docs/hpr.md) and of the population
(docs/population.md).

Whoever answers there holds what we do not: the client of Maskinporten or HelseID that the register
knows. What comes over the wire is the other side's: bounded, timed, and never followed elsewhere.
Anything but an answer that is understood means that nobody answered, a 404 too: that is a wrong
address, and must not be taken for somebody who is not found.
"""

from collections.abc import Mapping
from datetime import date
from typing import Protocol

from aiohttp import ClientError, ClientResponse, ClientSession

from venterom.web.identity import hpr, kinship
from venterom.web.identity.errors import RegisterSilent
from venterom.web.identity.hpr import Status
from venterom.web.identity.kinship import Child

MOST_BYTES = 64 * 1024  # of an answer; what is asked for has a few hundred


class Hpr(Protocol):
    """The register of health personnel."""

    async def status(self, number: str, day: date) -> Status:
        """What it says of this HPR number on this day. Raises RegisterSilent."""
        ...


class Population(Protocol):
    """The population registry."""

    async def child(self, number: str) -> Child | None:
        """What it says of this national number; None: no such person. Raises RegisterSilent."""
        ...


class Gateway:
    """One address, and the secret by which it knows us."""

    def __init__(self, http: ClientSession, url: str, secret: str) -> None:
        self._http = http
        self._url = url
        self._secret = secret

    async def ask(self, question: Mapping[str, str]) -> bytes:
        """A POST, so that no address and no log holds a number. Raises RegisterSilent."""
        headers = {"Accept": "application/json"}
        if self._secret:
            headers["Authorization"] = f"Bearer {self._secret}"
        try:
            async with self._http.post(
                self._url, json=question, headers=headers, allow_redirects=False
            ) as answer:
                if answer.status != 200:
                    raise RegisterSilent(str(answer.status))
                return await _read(answer)
        except (ClientError, TimeoutError, OSError) as fault:
            raise RegisterSilent(type(fault).__name__) from fault


async def _read(answer: ClientResponse) -> bytes:
    """The body, if it is not too long (after unpacking: a small answer may hide a big one)."""
    body = bytearray()
    async for chunk in answer.content.iter_chunked(MOST_BYTES):
        body += chunk
        if len(body) > MOST_BYTES:
            raise RegisterSilent("too long")
    return bytes(body)


class HttpHpr:
    """The register of health personnel behind a gateway."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    async def status(self, number: str, day: date) -> Status:
        """What it says of this HPR number on this day. Raises RegisterSilent."""
        body = await self._gateway.ask({"hpr_number": number})
        try:
            return hpr.status_of(hpr.read(body, number), day)
        except hpr.Unreadable as fault:
            raise RegisterSilent(str(fault)) from None


class HttpPopulation:
    """The population registry behind a gateway."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    async def child(self, number: str) -> Child | None:
        """What it says of this national number. Raises RegisterSilent."""
        body = await self._gateway.ask({"foedselsEllerDNummer": number})
        try:
            return kinship.read(body, number)
        except kinship.Unreadable as fault:
            raise RegisterSilent(str(fault)) from None
