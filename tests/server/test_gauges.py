"""The figures of a call, through the real sockets: what pages say, what they hear, what is kept."""

from collections.abc import AsyncGenerator

import pytest
from structlog.testing import capture_logs

from tests.conftest import FakeClock
from tests.server.rooms import VISIT, Page, Rig, rooms
from venterom.rtc import effects
from venterom.rtc.figures import EVERY, FLIPS, Kept
from venterom.rtc.protocol import Network, Offer, Quality
from venterom.rtc.reports import Connected, Talking
from venterom.rtc.ticket import BOTH

GOOD = {"round_trip_ms": 40, "jitter_ms": 4, "came": 400, "lost": 0, "kbit_in": 600}
SLOW = {**GOOD, "round_trip_ms": 300}


@pytest.fixture
async def rig(clock: FakeClock) -> AsyncGenerator[Rig]:
    """Rooms without anybody in them."""
    async with rooms(clock) as built:
        yield built


async def talk(rig: Rig) -> tuple[Page, Page]:
    """Patient and doctor see each other; both have been told everything until here."""
    pages = await rig.pair()
    for page in pages:
        await page.says(Offer(1, "v=0"))
        await page.hears()  # the answer
    for role in BOTH:
        rig.media.report(Connected(VISIT, role))
    rig.media.report(Talking(VISIT))
    for page in pages:
        while (await page.hears_room())[0] != "talking":
            pass
    return pages


async def says(rig: Rig, page: Page, figures: dict[str, int]) -> None:
    """Ten seconds have passed, and the page has measured."""
    rig.seconds += EVERY
    await page.says(Quality(figures))


def kept(rig: Rig, seat: str) -> Kept:
    """What was kept of this seat."""
    return next(row for row in rig.floor.kept[VISIT] if row.seat == seat)


async def test_both_are_told_whose_network_is_weak(rig: Rig) -> None:
    patient, doctor = await talk(rig)
    for _ in range(FLIPS):
        await says(rig, patient, SLOW)
        heard = [await page.hears() for page in (patient, doctor)]
    assert heard == [Network({"patient": "weak", "doctor": "unknown"})] * 2


async def test_at_the_end_the_figures_are_kept(rig: Rig) -> None:
    patient, doctor = await talk(rig)
    await says(rig, patient, GOOD)
    await patient.hears()
    await rig.signaling.close_room(VISIT, "finished")
    found = kept(rig, "patient")
    assert (found.seconds, found.samples, found.round_trip_p50, found.kbit_in) == (10, 1, 40, 600)
    assert kept(rig, "doctor").samples == 0


async def test_the_server_counts_reconnects_itself(rig: Rig) -> None:
    await talk(rig)
    rig.media.report(Connected(VISIT, "doctor"))
    await rig.signaling.close_room(VISIT, "finished")
    assert (kept(rig, "doctor").reconnects, kept(rig, "patient").reconnects) == (1, 0)


async def test_a_room_in_which_nobody_met_leaves_no_figures(rig: Rig) -> None:
    await rig.pair()
    rig.media.report(Connected(VISIT, "doctor"))
    await rig.signaling.close_room(VISIT, "no_answer")
    assert rig.floor.kept == {}


async def test_a_report_about_a_room_that_is_closed_begins_no_call(rig: Rig) -> None:
    await talk(rig)
    await rig.signaling.close_room(VISIT, "finished")
    rig.media.report(Connected(VISIT, "patient"))
    await talk(rig)
    await rig.signaling.close_room(VISIT, "finished")
    assert kept(rig, "patient").reconnects == 0


async def test_a_figure_out_of_range_is_dropped_and_the_call_goes_on(rig: Rig) -> None:
    patient, _ = await talk(rig)
    await says(rig, patient, {**GOOD, "round_trip_ms": 2**31 - 1})
    await says(rig, patient, {"password": 1})
    await patient.answers()
    await rig.signaling.close_room(VISIT, "finished")
    assert kept(rig, "patient").samples == 0


@pytest.mark.parametrize(
    "figures", ['{"lost": -1}', '{"lost": NaN}', '{"lost": 1e9}', '{"lost": "1"}', "[]", "7"]
)
async def test_what_is_no_whole_number_is_no_message(rig: Rig, figures: str) -> None:
    patient, _ = await talk(rig)
    await patient.sends(f'{{"type": "quality", "figures": {figures}}}')
    _, code = await patient.ended()
    assert code == effects.PROTOCOL


async def test_when_the_service_stops_the_figures_are_kept(clock: FakeClock) -> None:
    async with rooms(clock) as rig:
        await talk(rig)
    assert kept(rig, "patient").samples == 0


async def test_a_fault_in_keeping_ends_nothing_else(rig: Rig) -> None:
    patient, _ = await talk(rig)
    rig.floor.fault = RuntimeError("the disk is full")
    with capture_logs() as logs:
        await rig.signaling.close_room(VISIT, "finished")
    assert [log["event"] for log in logs] == ["figures_not_kept"]
    assert (await patient.ended())[1] == effects.DONE
