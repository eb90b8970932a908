"""The director sees how the promises go, and nothing about anybody."""

import pytest

from tests.queue.make import NOON
from tests.web.rig import KARI, PER, RAGNA, SOLVEIG, Rig
from venterom.queue import learning
from venterom.queue.learning import Version
from venterom.queue.quantiles import CONSULTATION as CALLS
from venterom.queue.quantiles import WRAP_UP as NOTES
from venterom.web.truth import DAYS, USUAL, chosen
from venterom.web.work import work

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
    assert "Samtalen 12,9 minutter Notatet etterpå 4 minutter Dette er antatt." in said
    for secret in (KARI, PER, SOLVEIG, "Vondt i halsen"):
        assert secret not in page.body


async def test_it_is_said_which_durations_count_and_what_they_were_learned_from(rig: Rig) -> None:
    slow = Version(3, NOON, tuple(2 * each for each in CALLS), NOTES, 84, 81)
    async with work(rig.app) as unit:
        await learning.store(unit.db, slow)
    director = await rig.sign_in(RAGNA, "/director/truth")
    said = (await director.open("/director/truth")).text.replace("\u00a0", " ")
    assert "Samtalen 25,9 minutter Notatet etterpå 4 minutter Versjon 3, som gjelder fra" in said
    assert "lært av 84 samtaler og 81 notater" in said


async def test_a_broken_promise_is_shown_with_its_cause(rig: Rig) -> None:
    await rig.waiting(KARI)
    rig.clock.tick(minutes=21)
    await rig.jobs()
    director = await rig.sign_in(RAGNA, "/director/truth")
    page = await director.open("/director/truth")
    assert "Færre leger enn da det ble lovet 1" in page.text
