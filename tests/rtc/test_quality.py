"""What figures mean: each limit on both sides of it, and the worst one decides."""

import pytest

from venterom.rtc.quality import (
    Figures,
    Finding,
    Judgement,
    Verdict,
    downward,
    judge,
    per_mille,
)

GOOD, POOR, TOO_POOR = Verdict.GOOD, Verdict.POOR, Verdict.TOO_POOR


@pytest.mark.parametrize(
    ("finding", "values"),
    [
        (Finding.DELAY, {"round_trip": (0, 200, 201, 600, 601)}),
        (Finding.JITTER, {"jitter": (0, 30, 31, 100, 101)}),
        (Finding.LOSS, {"lost": (0, 30, 31, 100, 101)}),
        (Finding.NARROW, {"room": (501, 500, 499, 80, 79)}),
    ],
)
def test_each_figure_has_two_limits(finding: Finding, values: dict[str, tuple[int, ...]]) -> None:
    ((name, figures),) = values.items()
    found = [judge(Figures(**{name: value})) for value in figures]
    assert found == [
        Judgement(GOOD),
        Judgement(GOOD),
        Judgement(POOR, (finding,)),
        Judgement(POOR, (finding,)),
        Judgement(TOO_POOR, (finding,)),
    ]


@pytest.mark.parametrize(
    ("figures", "verdict", "findings"),
    [
        (Figures(), Verdict.NOT_MEASURED, ()),
        (Figures(40, 5, 2, 2400), GOOD, ()),
        (Figures(40, 5, 2, None), GOOD, ()),  # without a picture nobody knows the room
        (Figures(300, 5, 2, 2400), POOR, (Finding.DELAY,)),
        (Figures(300, 5, 40, 2400), POOR, (Finding.LOSS, Finding.DELAY)),
        (Figures(700, 5, 40, 2400), TOO_POOR, (Finding.DELAY, Finding.LOSS)),
        (Figures(40, 5, 2, 60), TOO_POOR, (Finding.NARROW,)),
    ],
)
def test_the_worst_figure_decides_and_is_named_first(
    figures: Figures, verdict: Verdict, findings: tuple[Finding, ...]
) -> None:
    assert judge(figures) == Judgement(verdict, findings)


@pytest.mark.parametrize(
    ("part", "whole", "share"),
    [(0, 0, None), (0, 400, 0), (1, 400, 2), (400, 400, 1000), (500, 400, 1000), (-3, 400, 0)],
)
def test_a_share_of_nothing_is_not_known(part: int, whole: int, share: int | None) -> None:
    assert per_mille(part, whole) == share


@pytest.mark.parametrize(
    ("loop", "up", "down"),
    [
        (0, 0, 0),
        (30, 0, 30),
        (30, 30, 0),
        (280, 200, 100),  # a tenth of the eight tenths that came up
        (20, 30, 0),  # counted a moment apart: nobody gains packets on the way
        (1000, 1000, 0),  # nothing came up, so nothing can be said of the way down
    ],
)
def test_what_is_lost_on_the_way_down_is_what_the_way_up_does_not_explain(
    loop: int, up: int, down: int
) -> None:
    assert downward(loop, up) == down
