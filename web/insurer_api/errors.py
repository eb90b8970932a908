"""What is refused, and what a program hears: the name is the code, the docstring the text.

One error has three forms: problem+json (RFC 9457), an OperationOutcome for whoever speaks FHIR, and
at the token's address that of RFC 6749 section 5.2. None repeats anything that was sent.
"""

from datetime import timedelta
from math import ceil
from typing import ClassVar


class ApiError(Exception):
    """This cannot be done."""

    status: ClassVar[int]
    issue: ClassVar[str]  # FHIR's word for it (issue-type)
    challenge = ""  # for WWW-Authenticate (RFC 6750 section 3)

    def __init__(self, *fields: str, wait: timedelta | None = None) -> None:
        """`fields`: which of ours are at fault, by our own names. `wait`: when to come again."""
        super().__init__(self.__doc__)
        self.fields = fields
        self.wait = wait

    @property
    def headers(self) -> dict[str, str]:
        """What the answer carries beside its text."""
        told = {"WWW-Authenticate": self.challenge} if self.challenge else {}
        return told if self.wait is None else told | {"Retry-After": str(seconds(self.wait))}


def seconds(wait: timedelta) -> int:
    """For Retry-After: whole seconds, rounded up."""
    return max(1, ceil(wait.total_seconds()))


class NotReadable(ApiError):
    """The body is not one JSON object, or names something twice."""

    status, issue = 400, "invalid"


class BadKey(ApiError):
    """An Idempotency-Key has 1 to 255 printable characters of ASCII, without spaces."""

    status, issue = 400, "invalid"


class NotLetIn(ApiError):
    """There is no access token, or it is of no worth (any more). Ask for a new one."""

    status, issue = 401, "login"
    challenge = 'Bearer error="invalid_token"'


class OutOfScope(ApiError):
    """The access token is for something else."""

    status, issue = 403, "forbidden"
    challenge = 'Bearer error="insufficient_scope"'


class NotHere(ApiError):
    """There is no such address."""

    status, issue = 404, "not-found"


class NotThisWay(ApiError):
    """This address is not asked in this way."""

    status, issue = 405, "not-supported"


class TooLarge(ApiError):
    """The body is too large."""

    status, issue = 413, "too-long"


class WrongType(ApiError):
    """The body is of a type that is not read here: see the description."""

    status, issue = 415, "not-supported"


class NotUnderstood(ApiError):
    """The body lacks something, or holds something that is not taken here."""

    status, issue = 422, "invalid"


class KeyReused(ApiError):
    """This Idempotency-Key came with another question before."""

    status, issue = 422, "duplicate"


class TooMany(ApiError):
    """Too many questions, or too many in vain. Come again when Retry-After is over."""

    status, issue = 429, "throttled"


class Failed(ApiError):
    """Something failed here. Try again, with the same Idempotency-Key."""

    status, issue = 500, "exception"


class TokenRefused(ApiError):
    """There is no token for this (RFC 6749 section 5.2)."""

    issue = "login"

    def __init__(self, error: str, status: int = 400, wait: timedelta | None = None) -> None:
        super().__init__(wait=wait)
        self.error = error
        self.status = status  # type: ignore[misc]  # of this one, it depends on the error
