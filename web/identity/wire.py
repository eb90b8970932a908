"""One request to an identity provider, with care: bounded, timed, never followed elsewhere.

Everything that comes over the wire here is somebody else's.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from aiohttp import ClientError, ClientResponse, ClientSession, ClientTimeout

from venterom.web.identity.errors import ProviderUnreachable

TIMEOUT = ClientTimeout(total=5)  # seconds; somebody is looking at a blank page
MAX_BYTES = 64 * 1024  # documents of real providers take 2 to 10 KiB
JSON = "application/json"
NOTHING: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    data: bytes

    def object(self) -> Mapping[str, object]:
        """The body as a JSON object. Raises ProviderUnreachable for anything else."""
        try:
            body = json.loads(self.data)
        except (ValueError, RecursionError):
            raise ProviderUnreachable from None
        if not isinstance(body, dict):
            raise ProviderUnreachable
        return body


async def ask(
    http: ClientSession,
    method: str,
    url: str,
    form: Mapping[str, str] | None = None,
    headers: Mapping[str, str] = NOTHING,
) -> Answer:
    """Raises ProviderUnreachable for no answer, one that is too long, and a fault of theirs."""
    try:
        async with http.request(
            method,
            url,
            data=form,
            headers={"Accept": JSON, **headers},
            allow_redirects=False,
            timeout=TIMEOUT,
        ) as response:
            answer = Answer(response.status, response.headers, await _read(response))
    except (ClientError, TimeoutError, OSError, ValueError):
        raise ProviderUnreachable from None
    if answer.status >= 500:
        raise ProviderUnreachable
    return answer


async def _read(response: ClientResponse) -> bytes:
    """The body, if it is not too long (after unpacking: a small answer may hide a big one)."""
    body = bytearray()
    async for chunk in response.content.iter_chunked(8192):
        body += chunk
        if len(body) > MAX_BYTES:
            raise ProviderUnreachable
    return bytes(body)
