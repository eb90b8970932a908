"""The two tables of states."""

import pytest

from venterom.journal.states import (
    DELIVERIES,
    STAGES,
    Delivery,
    Stage,
    deliveries_before,
    stages_before,
)


def test_every_state_has_its_row() -> None:
    assert STAGES.keys() == set(Stage) and DELIVERIES.keys() == set(Delivery)


@pytest.mark.parametrize(
    ("after", "before"),
    [(Stage.DRAFT, []), (Stage.OPEN, ["draft"]), (Stage.CLOSED, ["draft", "open"])],
)
def test_a_visit_never_goes_back(after: Stage, before: list[str]) -> None:
    assert stages_before(after) == before


@pytest.mark.parametrize(
    ("after", "before"),
    [
        (Delivery.SIGNED, ["failed"]),
        (Delivery.ON_ITS_WAY, ["signed", "on_its_way"]),
        (Delivery.IN_THE_JOURNAL, ["on_its_way"]),
        (Delivery.FAILED, ["on_its_way"]),
    ],
)
def test_what_is_in_the_journal_stays_there(after: Delivery, before: list[str]) -> None:
    assert deliveries_before(after) == before
    assert Delivery.IN_THE_JOURNAL not in before
