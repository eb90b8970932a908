"""What the director lets the service do, so that more people can be promised twenty minutes.

What each one brings is measured on invented days: docs/decisions/0011.
"""

from dataclasses import dataclass

from venterom.queue.dispatch import OURS, OURS_DEFER, Manner


@dataclass(frozen=True, slots=True)
class Levers:
    """Each may be on or off. A doctor may always refuse to put a note off."""

    defers: bool = True  # a doctor is asked to put a note off for a promise in danger
    plans: bool = False  # the free times with most room for others are offered first
    leans: bool = False  # while a doctor is on call, promises may be less sure: `learn.HELPED`

    @property
    def manner(self) -> Manner:
        """How the engine goes about it: what it may count on, and whom it keeps."""
        return OURS_DEFER if self.defers else OURS
