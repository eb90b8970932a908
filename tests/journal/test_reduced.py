"""When the text of a note goes that an outside EPJ has, and what a reduced row is."""

from dataclasses import replace
from datetime import datetime, timedelta
from types import SimpleNamespace

import pytest

from tests.journal.make import NOON, after
from venterom.journal.reduced import RECALLED_WITHIN, Facts, goes_at, is_gone

KEEP = timedelta(days=30)
PLAIN = Facts(NOON, after(days=2), prescribed=False, asked_about=False)


@pytest.mark.parametrize(
    ("facts", "goes"),
    [
        (PLAIN, after(days=32)),  # from the receipt, not from the signature
        (replace(PLAIN, received_at=None), None),  # nobody else has it
        (replace(PLAIN, asked_about=True), None),  # whoever answers must be able to read it
        (replace(PLAIN, prescribed=True), NOON + RECALLED_WITHIN),  # a recall is made of it
        (
            replace(PLAIN, prescribed=True, received_at=NOON + RECALLED_WITHIN),
            NOON + RECALLED_WITHIN + KEEP,  # it came into the EPJ so late
        ),
    ],
)
def test_the_text_goes_so_long_after_the_receipt_and_not_while_it_is_needed(
    facts: Facts, goes: datetime | None
) -> None:
    assert goes_at(facts, KEEP) == goes


def test_a_row_is_gone_when_it_holds_no_sealed_text() -> None:
    assert is_gone(SimpleNamespace(ciphertext=b""))
    assert not is_gone(SimpleNamespace(ciphertext=b"sixteen bytes tag"))
