"""The director sees what is not in the journal and why, has it sent again, and learns of nobody."""

import pytest

from tests.web.browser import Browser
from tests.web.rig import KARI, NOTE, PER, RAGNA, REASON, SOLVEIG, Rig
from tests.web.test_notes import Down, down
from venterom.journal.epj_answer import Said
from venterom.journal.errors import EpjSaid
from venterom.journal.states import Delivery
from venterom.journal.tables import DeliveryRow
from venterom.server import jobs
from venterom.web import undelivered
from venterom.web.undelivered import ADDRESS, NOT_TRIED, UNKNOWN, WHY

pytestmark = pytest.mark.slow
__all__ = ["down"]  # the fixture


async def seen(director: Browser) -> str:
    """What the director reads."""
    page = await director.open(ADDRESS)
    for secret in (KARI, PER, REASON, NOTE["Vurdering"]):
        assert secret not in page.body
    return page.text.replace("\u00a0", " ")


async def test_when_all_is_in_the_journal_it_says_so(rig: Rig) -> None:
    await rig.signed()
    director = await rig.sign_in(RAGNA, ADDRESS)
    assert "Står for tur." in await seen(director)
    await jobs.deliver(rig.app)
    said = await seen(director)
    assert "Alt er i journalen." in said and SOLVEIG not in said


async def test_an_outage_is_shown_with_its_beginning_and_can_be_asked_after(
    rig: Rig, down: Down
) -> None:
    await rig.signed()
    down.fault = EpjSaid(Said.BUSY)
    await jobs.deliver(rig.app)
    director = await rig.sign_in(RAGNA, ADDRESS)
    said = await seen(director)
    assert "Journalsystemet har for mye å gjøre." in said and "12:00" in said
    assert "På vei" in said and "trenger deg" not in said
    rig.clock.tick(minutes=16)
    assert "Forsinket" in await seen(director)
    rig.clock.tick(hours=4)
    director = await rig.sign_in(RAGNA, ADDRESS)  # nobody is signed in for so long
    said = await seen(director)
    assert "Mer enn fire timer" in said and "1 trenger deg" in said
    down.fault = None
    await director.press("Prøv nå")
    await jobs.deliver(rig.app)
    assert "Alt er i journalen." in await seen(director)


async def test_a_note_that_was_stopped_comes_first_and_goes_when_the_director_says_so(
    rig: Rig, down: Down
) -> None:
    _, _, stopped = await rig.signed()
    down.fault = EpjSaid(Said.OTHER_PATIENT)
    await jobs.deliver(rig.app)
    director = await rig.sign_in(RAGNA, ADDRESS)
    said = await seen(director)
    assert "1 trenger deg" in said and "Stoppet Svaret gjaldt en annen pasient." in said
    down.fault = None
    await jobs.deliver(rig.app)
    assert "Stoppet" in await seen(director)  # nothing goes by itself
    await director.press("Prøv igjen")
    await jobs.deliver(rig.app)
    [row] = await rig.rows(DeliveryRow)
    assert (row.visit, row.state) == (stopped, Delivery.IN_THE_JOURNAL)


async def test_the_doctor_is_told_when_it_takes_long(rig: Rig, down: Down) -> None:
    await rig.signed()
    await jobs.deliver(rig.app)
    doctor = await rig.doctor()
    assert "Venter på journalen" not in (await doctor.open("/doctor")).main
    rig.clock.tick(minutes=15)
    assert "Venter på journalen" in (await doctor.open("/doctor")).main


@pytest.mark.parametrize("said", Said)
def test_everything_that_an_epj_may_say_has_words(said: Said) -> None:
    assert undelivered.why(said, Delivery.ON_ITS_WAY) == WHY[said]


@pytest.mark.parametrize(
    ("error", "state", "words"),
    [
        ("", Delivery.ON_ITS_WAY, NOT_TRIED),
        (Said.HALF, Delivery.SIGNED, NOT_TRIED),  # a person has asked for it just now
        ("KeyError", Delivery.FAILED, UNKNOWN),
    ],
)
def test_what_is_not_known_is_not_made_up(error: str, state: Delivery, words: str) -> None:
    assert undelivered.why(error, state) == words
