"""What a policy number is, and what a policy says: for whom, of which insurer, until when."""

import re
from dataclasses import dataclass
from datetime import date

from venterom.queue.coverage.errors import BadPolicyNumber

# Written out: \d and str.isalnum() also accept digits and letters of other scripts.
NUMBER = re.compile(r"[A-Z0-9-]{6,20}")


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy as the insurer has told it."""

    number: str
    insurer: str
    product: str
    holder_birth_date: date
    valid_from: date
    valid_until: date
    covers_children: bool

    def is_valid(self, day: date) -> bool:
        """Whether it is in force on this day, the first and the last day included."""
        return self.valid_from <= day <= self.valid_until


def normalise(text: str) -> str:
    """The number as it is stored: upper case, without spaces. Raises BadPolicyNumber."""
    # ASCII first: upper() turns some letters of other scripts into ASCII ones.
    if not text.isascii():
        raise BadPolicyNumber
    number = "".join(text.split()).upper()
    if NUMBER.fullmatch(number) is None:
        raise BadPolicyNumber
    return number
