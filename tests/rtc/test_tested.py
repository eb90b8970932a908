"""What a page may say of a technical test: this, and nothing else."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from venterom.rtc.errors import BadFigures
from venterom.rtc.quality import BLOCKED, Finding, Verdict
from venterom.rtc.tested import MOST, Microphone, Speaker, Way, read

ECHOED: dict[str, Any] = {
    "round_trip_ms": 38,
    "jitter_ms": 4,
    "came_back": 990,
    "lost": 10,
    "arrived": 1000,
    "lost_up": 0,
    "kbit_up": 640,
    "kbit_down": 630,
    "room_kbit": 2400,
}
SENT: dict[str, Any] = {
    "camera": True,
    "microphone": "heard",
    "speaker": "not_asked",
    "way": "open",
    "echoed": ECHOED,
}
UNTRIED = {**SENT, "way": "untried", "echoed": None}


def echoed(**changes: Any) -> dict[str, Any]:
    """A test with other figures."""
    return {**SENT, "echoed": {**ECHOED, **changes}}


def test_a_good_test_is_read() -> None:
    found = read(SENT)
    assert (found.camera, found.microphone) == (True, Microphone.HEARD)
    assert (found.speaker, found.way) == (Speaker.NOT_ASKED, Way.OPEN)
    assert found.losses == (0, 10)
    assert found.judgement.verdict is Verdict.GOOD


def test_a_network_that_lets_nothing_through_is_too_poor() -> None:
    assert read({**UNTRIED, "way": "blocked"}).judgement == BLOCKED


def test_what_was_not_tried_is_not_measured() -> None:
    assert read(UNTRIED).judgement.verdict is Verdict.NOT_MEASURED


@pytest.mark.parametrize(
    ("changes", "losses"),
    [
        ({"lost": 40, "came_back": 960, "arrived": 980, "lost_up": 20}, (20, 20)),
        ({"arrived": None, "lost_up": None, "lost": 50, "came_back": 950}, (None, 50)),
        ({"came_back": None}, (0, None)),
        ({"came_back": 0, "lost": 0, "arrived": 0, "lost_up": 0}, (None, None)),
    ],
)
def test_loss_is_told_apart_by_direction_where_both_ends_have_counted(
    changes: dict[str, Any], losses: tuple[int | None, int | None]
) -> None:
    assert read(echoed(**changes)).losses == losses


def test_the_worse_direction_counts() -> None:
    found = read(echoed(lost=50, came_back=950, arrived=950, lost_up=50)).judgement
    assert (found.verdict, found.findings) == (Verdict.POOR, (Finding.LOSS,))


def test_a_browser_that_knows_nothing_says_so() -> None:
    found = read({**SENT, "echoed": dict.fromkeys(MOST)})
    assert found.judgement.verdict is Verdict.NOT_MEASURED


@pytest.mark.parametrize("name", MOST)
@pytest.mark.parametrize(
    "value", [-1, 1.5, True, "38", [], float("nan"), float("inf"), 10**30, 10**9]
)
def test_a_figure_is_a_whole_number_within_its_range(name: str, value: object) -> None:
    with pytest.raises(BadFigures):
        read(echoed(**{name: value}))


@pytest.mark.parametrize("name", MOST)
def test_the_largest_figure_is_still_one(name: str) -> None:
    assert read(echoed(**{name: MOST[name]})).echoed
    with pytest.raises(BadFigures):
        read(echoed(**{name: MOST[name] + 1}))


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {**SENT, "more": 1},
        {name: value for name, value in SENT.items() if name != "way"},
        {**SENT, "camera": 1},
        {**SENT, "camera": "yes"},
        {**SENT, "microphone": "loud"},
        {**SENT, "microphone": None},
        {**SENT, "speaker": ["heard"]},
        {**SENT, "way": "Open"},
        {**SENT, "echoed": None},  # open, and nothing came of it
        {**SENT, "way": "blocked"},  # blocked, and yet there are figures
        {**SENT, "echoed": []},
        {**SENT, "echoed": {**ECHOED, "address": 1}},
        {**SENT, "echoed": {"lost": 1}},
    ],
)
def test_anything_else_is_refused(sent: dict[str, Any]) -> None:
    with pytest.raises(BadFigures):
        read(sent)


NAMES = st.sampled_from([*SENT])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from([*MOST]), inner),
)


@given(st.dictionaries(NAMES, VALUES))
def test_nothing_raises_anything_but_bad_figures(changes: dict[str, Any]) -> None:
    try:
        read({**SENT, **changes})
    except BadFigures:
        pass
