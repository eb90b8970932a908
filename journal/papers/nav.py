"""NAV, as we see it: one door, and HTTP behind it.

Whoever answers there holds what we do not: the membership of Norsk helsenett, the certificate that
messages are signed with, and the receipts that come back when they come. docs/sicknotes.md is the
contract. There is no other implementation in the service: without an address nothing is sent, and
patient and doctor are told.
"""

from dataclasses import dataclass
from typing import Protocol

import aiohttp

from venterom.journal.errors import NationalRefused, NationalUnreachable
from venterom.journal.papers.national import TRY_LATER

XML = "application/xml"
MOST_BYTES = 256 * 1024  # of a receipt; a long one has a tenth


@dataclass(frozen=True, slots=True)
class Answer:
    """What is known of a message."""

    known: bool  # False: nobody has handed it over
    receipt: bytes = b""  # NAV's own (AppRec); empty: it has not come yet


class Nav(Protocol):
    """Any gateway that takes messages to NAV."""

    async def ask(self, message: str) -> Answer:
        """What became of a message. Raises NationalUnreachable, NationalRefused."""
        ...

    async def hand_over(self, message: str, xml: bytes) -> Answer:
        """Take it to NAV. Raises NationalUnreachable, NationalRefused."""
        ...


class HttpNav:
    """The gateway over HTTP, with the secret that it gave us."""

    def __init__(self, http: aiohttp.ClientSession, url: str, secret: str) -> None:
        self._http = http
        self._url = url.rstrip("/")
        self._secret = secret

    async def ask(self, message: str) -> Answer:
        """GET: 404 is an answer here."""
        return await self._do("GET", message, None)

    async def hand_over(self, message: str, xml: bytes) -> Answer:
        """PUT, so that twice is once."""
        return await self._do("PUT", message, xml)

    async def _do(self, method: str, message: str, xml: bytes | None) -> Answer:
        headers = {"Authorization": f"Bearer {self._secret}", "Accept": XML}
        if xml is not None:
            headers["Content-Type"] = XML
        address = f"{self._url}/messages/{message}"
        try:
            async with self._http.request(
                method, address, data=xml, headers=headers, allow_redirects=False
            ) as answer:
                if answer.status in TRY_LATER:
                    raise NationalUnreachable(str(answer.status))
                if answer.status == 404 and method == "GET":
                    return Answer(known=False)
                if answer.status == 202:
                    return Answer(known=True)
                if answer.status != 200:
                    raise NationalRefused(str(answer.status))
                return Answer(True, await _receipt(answer))
        except aiohttp.ClientError as fault:
            raise NationalUnreachable(type(fault).__name__) from fault


async def _receipt(answer: aiohttp.ClientResponse) -> bytes:
    """Read piece by piece: an answer need not say how long it is, and may unpack into more."""
    said = bytearray()
    async for piece in answer.content.iter_chunked(MOST_BYTES):
        said += piece
        if len(said) > MOST_BYTES:
            raise NationalRefused("too long")
    if not said:
        raise NationalRefused("no receipt in it")
    return bytes(said)
