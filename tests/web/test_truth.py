"""The director sees how the promises go, and nothing about anybody."""

import pytest

from tests.web.rig import KARI, PER, RAGNA, SOLVEIG, Rig
from venterom.web.truth import DAYS, USUAL, chosen

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("text", "days"),
    [("1", 1), ("7", 7), ("30", 30), ("", USUAL), ("2", USUAL), ("-1", USUAL), ("7 ", USUAL)],
)
def test_only_what_may_be_chosen_is(text: str, days: int) -> None:
    assert chosen(text) == days
    assert USUAL in DAYS


async def test_what_was_promised_and_kept_is_counted(rig: Rig) -> None:
    await rig.consult(KARI, SOLVEIG)
    await rig.arrive(PER)  # is shown an offer, and thinks about it
    rig.clock.tick(seconds=1)
    director = await rig.sign_in(RAGNA, "/director/truth")
    page = await director.open("/director/truth?days=1")
    said = page.text.replace("\u00a0", " ")
    assert "Holdt 100 % 20,7 %–100 %, 1 av 1" in said
    assert "Lovet innen 20 minutter 100 % 34,2 %–100 %, 2 av 2" in said
    assert "Ingen løfter er brutt." in page.text
    for secret in (KARI, PER, SOLVEIG, "Vondt i halsen"):
        assert secret not in page.body


async def test_a_broken_promise_is_shown_with_its_cause(rig: Rig) -> None:
    await rig.waiting(KARI)
    rig.clock.tick(minutes=21)
    await rig.jobs()
    director = await rig.sign_in(RAGNA, "/director/truth")
    page = await director.open("/director/truth")
    assert "Færre leger enn da det ble lovet 1" in page.text
