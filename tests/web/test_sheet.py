"""The sheet of a whole record: for paper it keeps the standards of archives, and is no book."""

import pytest

from tests.journal.papers.test_pdf import NASTY, faults, words
from tests.web.showcase.mine import SHEET
from tests.web.showcase.page import Page
from venterom.journal.papers import pdf
from venterom.journal.papers.problem import printed
from venterom.web import sheet

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("language", ["nb", "nn", "en"])
def test_a_whole_record_is_printed_for_archives_and_screen_readers(language: str) -> None:
    said = {**SHEET, "cases": [], "log": [NASTY, "Lest av legen."]}
    page = Page("mine/sheet.html", sheet.to_print(said), "/mine/p1/take-out", "")
    made = pdf.write(printed(page.render(language)))
    assert faults(made) == []
    assert "<script>x</script>" in words(made) and "Lest av legen." in words(made)


def test_of_a_long_log_the_newest_lines_are_printed() -> None:
    log = [f"linje {n}" for n in range(sheet.MOST_PRINTED + 2)]
    to_print = sheet.to_print({"log": log, "left_out": 0})
    assert to_print["log"] == log[: sheet.MOST_PRINTED] and to_print["left_out"] == 2
    assert sheet.to_print({"log": log[:3], "left_out": 0})["left_out"] == 0
