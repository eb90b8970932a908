"""A worker's reports survive the pipe; what is no report is one error."""

import pytest

from venterom.rtc.errors import BadReport
from venterom.rtc.reports import (
    Back,
    Closed,
    Connected,
    Counted,
    Report,
    Silent,
    Talking,
    dump,
    parse,
)

REPORTS: list[Report] = [
    Connected("v", "patient"),
    Talking("v"),
    Silent("v", "doctor"),
    Back("v", "doctor"),
    Closed("v", "doctor"),
    Counted({"rtp_in": 5}, 1, 0),
]


@pytest.mark.parametrize("report", REPORTS, ids=lambda report: type(report).__name__)
def test_a_report_survives_the_pipe(report: Report) -> None:
    assert parse(dump(report)) == report


@pytest.mark.parametrize(
    "line",
    [
        "",
        "[]",
        "5",
        "{}",
        '{"event":[]}',
        '{"event":"dance"}',
        '{"event":"lost","room":"v"}',  # only care may say that a worker is lost
        '{"event":"talking"}',
        '{"event":"talking","room":5}',
        '{"event":"talking","room":"v","more":1}',
        '{"event":"counted","counters":[],"rooms":1,"lag":0}',
        '{"event":"counted","counters":{"a":"b"},"rooms":1,"lag":0}',
        "[" * 100_000,
    ],
)
def test_anything_else_is_a_bad_report(line: str) -> None:
    with pytest.raises(BadReport):
        parse(line)
