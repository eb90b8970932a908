"""What becomes of lines, in words; and when a full file may end policies."""

import pytest

from venterom.queue.coverage.loads import (
    HEAD,
    WORDS,
    Outcome,
    Report,
    Told,
    Why,
    may_end,
    safe_cell,
    too_many,
)


def test_every_reason_has_words() -> None:
    assert set(WORDS) == set(Why)
    assert all(words[0].islower() and not words.endswith(".") for words in WORDS.values())


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("AB-123456", "AB-123456"),
        ("", ""),
        ("-1234567", "'-1234567"),  # a policy number may begin so
        ("=1+1", "'=1+1"),
        ("+1", "'+1"),
        ("@x", "'@x"),
        ("\t1", "'\t1"),
        ("\r1", "'\r1"),
        ("\n=1", "'\n=1"),
        (" \u00a0=1", "' \u00a0=1"),  # which some programs strip before they look
        ("＝1", "'＝1"),
    ],
)
def test_no_cell_of_a_report_is_a_formula(text: str, cell: str) -> None:
    assert safe_cell(text) == cell


def test_a_row_of_the_report_says_line_number_outcome_column_and_reason() -> None:
    line = Told(7, "-1234567", Outcome.REFUSED, "product", Why.PRODUCT)
    row = dict(zip(HEAD, line.row, strict=True))
    assert row["line"] == "7" and row["number"] == "'-1234567"
    assert (row["outcome"], row["column"]) == ("refused", "product")
    assert row["reason"].startswith("is no product of this insurer")
    assert Told(8, "AB-123456", Outcome.TAKEN).row == ("8", "AB-123456", "taken", "", "")


def test_all_lines_are_counted() -> None:
    assert Report(taken=1, changed=2, unchanged=3, refused=4, ended=50).lines == 10


@pytest.mark.parametrize(("refused", "may"), [(0, True), (1, False)])
def test_a_refused_line_may_be_the_one_that_is_missed(refused: int, may: bool) -> None:
    assert may_end(refused) is may


@pytest.mark.parametrize(
    ("ended", "in_force", "many"),
    [(0, 0, False), (1, 10, False), (2, 10, True), (100, 1_000, False), (101, 1_000, True)],
)
def test_more_than_a_tenth_does_not_end_at_once(ended: int, in_force: int, many: bool) -> None:
    assert too_many(ended, in_force) is many
