"""The front page of those who only look by: kept for a second, and never anybody's own."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.web.rig import KARI, SOLVEIG, Rig
from venterom.web.front import Kept, is_fresh

NOON = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)
MADE = Kept(NOON, b"")


@pytest.mark.parametrize(
    ("kept", "later_ms", "fresh"),
    [
        (None, 0, False),
        (MADE, 0, True),
        (MADE, 999, True),
        (MADE, 1_000, False),
        (MADE, 3_600_000, False),
        (MADE, -1, False),  # the clock was set back
    ],
)
def test_a_page_is_kept_for_a_second(kept: Kept | None, later_ms: int, fresh: bool) -> None:
    assert is_fresh(kept, NOON + timedelta(milliseconds=later_ms)) is fresh


async def test_what_was_kept_is_told_anew_after_a_second(rig: Rig) -> None:
    stranger = await rig.stranger()
    assert "ingen venter" in (await stranger.open("/")).text
    await rig.waiting(KARI)
    assert "ingen venter" in (await stranger.open("/")).text
    rig.clock.tick(seconds=1)
    assert "1 venter" in (await stranger.open("/")).text


async def test_each_language_is_kept_by_itself(rig: Rig) -> None:
    for _ in range(2):
        for language, words in (("nb", "Start her"), ("nn", "Start her"), ("en", "Start here")):
            page = await (await rig.browser(language)).open("/")
            [root] = page.tree.every("html")
            assert (root.attributes["lang"], words in page.text) == (language, True)


async def test_whoever_is_signed_in_has_a_page_that_nobody_else_is_shown(rig: Rig) -> None:
    stranger = await rig.stranger()
    before = (await stranger.open("/")).text
    kari, _ = await rig.waiting(KARI)
    own = (await kari.open("/")).text
    assert KARI in own and "Gå tilbake til timen din" in own
    assert (await stranger.open("/")).text == before
    doctor = await rig.doctor(SOLVEIG)
    assert SOLVEIG not in (await doctor.open("/")).text  # the front page lies behind no door
