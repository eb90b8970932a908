"""A refusal as RFC 9457 has it."""

import re

from pydantic import Field

from venterom.web.insurer_api.errors import ApiError
from venterom.web.insurer_api.reading import Own

LARGE = re.compile(r"(?<!^)(?=[A-Z])")


class Problem(Own):
    """What went wrong."""

    type: str = Field(description="The error's name, as a URN.")
    title: str
    status: int
    fields: list[str] = Field(description="Which fields are at fault, where any are.")


def problem(error: ApiError) -> Problem:
    """The refusal, without anything that was sent."""
    name = LARGE.sub("-", type(error).__name__).lower()
    return Problem(
        type=f"urn:venterom:problem:{name}",
        title=str(error),
        status=error.status,
        fields=list(error.fields),
    )
