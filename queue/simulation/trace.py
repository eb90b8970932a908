"""Invented days as traces: who is on duty, who is booked, who comes, and how long each will take.

A trace holds the truth; what a policy may see of it is the driver's business. All times are whole
milliseconds from the opening, and all chance comes from the seed, so a trace has a checksum.
"""

import hashlib
import json
from collections.abc import Iterable
from typing import NamedTuple

from venterom.queue.service import MINUTE

NEVER = 1 << 62
LAST_START = 10 * MINUTE  # nobody is started in this last part of a shift


class Shift(NamedTuple):
    """A doctor's day. `lost` is when the doctor vanishes; speed is in thousandths."""

    on: int
    off: int
    lost: int = NEVER
    speed: int = 1000


class Visit(NamedTuple):
    """A patient: when they come or are booked for, how long they take, how long they wait.

    A note of 0 means that nobody is there when the doctor calls.
    """

    at: int
    talk: int
    note: int
    patience: int = NEVER


class Day(NamedTuple):
    """One day. The first few arrivals may only fill the waiting room; they are not scored."""

    shifts: tuple[Shift, ...]
    booked: tuple[Visit, ...]
    arrivals: tuple[Visit, ...]
    unscored: int = 0


def checksum(days: Iterable[Day]) -> str:
    """SHA-256 of a trace, written as one line of JSON a day."""
    digest = hashlib.sha256()
    for day in days:
        digest.update(json.dumps(day, separators=(",", ":")).encode() + b"\n")
    return digest.hexdigest()
