"""The two state machines of the record. Nothing else may move a state; adapters look here."""

from collections.abc import Mapping
from enum import StrEnum


class Stage(StrEnum):
    """Where a visit is: being filled in, under way, over."""

    DRAFT = "draft"
    OPEN = "open"
    CLOSED = "closed"


class Delivery(StrEnum):
    """Where a signed note is on its way to the EPJ, as the doctor sees it."""

    SIGNED = "signed"
    ON_ITS_WAY = "on_its_way"
    IN_THE_JOURNAL = "in_the_journal"
    FAILED = "failed"


STAGES: Mapping[Stage, frozenset[Stage]] = {
    Stage.DRAFT: frozenset({Stage.OPEN, Stage.CLOSED}),  # closed: given up before the queue
    Stage.OPEN: frozenset({Stage.CLOSED}),
    Stage.CLOSED: frozenset(),
}

DELIVERIES: Mapping[Delivery, frozenset[Delivery]] = {
    Delivery.SIGNED: frozenset({Delivery.ON_ITS_WAY}),
    # Again on its way: the last try failed, or whoever tried was killed.
    Delivery.ON_ITS_WAY: frozenset({Delivery.ON_ITS_WAY, Delivery.IN_THE_JOURNAL, Delivery.FAILED}),
    Delivery.FAILED: frozenset({Delivery.SIGNED}),  # a person asked for it
    Delivery.IN_THE_JOURNAL: frozenset(),
}


def stages_before(after: Stage) -> list[str]:
    """From which stages this one can be reached; what a guarded UPDATE asks for."""
    return [before.value for before, reached in STAGES.items() if after in reached]


def deliveries_before(after: Delivery) -> list[str]:
    """From which states this one can be reached; what a guarded UPDATE asks for."""
    return [before.value for before, reached in DELIVERIES.items() if after in reached]
