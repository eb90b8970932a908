"""The national prescribing module, as we see it: one door, and HTTP behind it.

Whoever answers there holds what we do not: the membership of Helsenettet, the HER-id, and the
doctor's HelseID token. docs/prescribing.md is the contract. There is no other implementation in the
service: without an address nothing is sent, and the doctor is told.
"""

from typing import Protocol

import aiohttp

from venterom.journal.errors import NationalRefused, NationalUnreachable
from venterom.journal.fhir_parts import Resource
from venterom.journal.papers.sfm import Prescriber

FHIR_JSON = "application/fhir+json"
MOST_BYTES = 8 * 1024 * 1024  # of an answer; the longest list of medicines has a tenth
TRY_LATER = frozenset({408, 425, 429, 500, 502, 503, 504})


class National(Protocol):
    """Any module that speaks SFM Basis."""

    async def get_medication(self, by: Prescriber, parameters: Resource) -> object:
        """`Patient/$getMedication`. Raises NationalUnreachable, NationalRefused."""
        ...

    async def send_medication(self, by: Prescriber, parameters: Resource) -> object:
        """`Patient/$sendMedication`. Raises NationalUnreachable, NationalRefused."""
        ...


class HttpNational:
    """The module over HTTP, with the secret that its gateway gave us."""

    def __init__(self, http: aiohttp.ClientSession, url: str, secret: str) -> None:
        self._http = http
        self._url = url.rstrip("/")
        self._secret = secret

    async def get_medication(self, by: Prescriber, parameters: Resource) -> object:
        """What the module knows of the patient."""
        return await self._ask("$getMedication", by, parameters)

    async def send_medication(self, by: Prescriber, parameters: Resource) -> object:
        """How it went, prescription by prescription."""
        return await self._ask("$sendMedication", by, parameters)

    async def _ask(self, operation: str, by: Prescriber, parameters: Resource) -> object:
        headers = {
            "Authorization": f"Bearer {self._secret}",
            "Accept": FHIR_JSON,
            "Content-Type": FHIR_JSON,
            "X-Prescriber-HPR": by.hpr,
        }
        address = f"{self._url}/Patient/{operation}"
        try:
            async with self._http.post(
                address, json=parameters, headers=headers, allow_redirects=False
            ) as answer:
                if answer.status in TRY_LATER:
                    raise NationalUnreachable(str(answer.status))
                if answer.status != 200:
                    raise NationalRefused(str(answer.status))
                if (answer.content_length or 0) > MOST_BYTES:
                    raise NationalRefused("too long")
                return await answer.json(content_type=None)
        except aiohttp.ClientError as fault:
            raise NationalUnreachable(type(fault).__name__) from fault
        except ValueError as fault:  # no JSON, or not text
            raise NationalRefused("no JSON") from fault
