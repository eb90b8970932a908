"""The figures of a call: which samples are believed, when a network is weak, and what is kept."""

import pytest

from venterom.rtc.figures import (
    EVERY,
    FLIPS,
    MOST,
    MOST_SAMPLES,
    SOONEST,
    Call,
    Kept,
    percentile,
    verdict,
)
from venterom.rtc.quality import Verdict

GOOD = {"round_trip_ms": 40, "jitter_ms": 4, "came": 400, "lost": 1, "room_kbit": 2000}
SLOW = {**GOOD, "round_trip_ms": 300}
LOSSY = {**GOOD, "lost": 60}
SEATS = ("patient", "doctor")


class Talk:
    """A call with a clock that the test moves."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.call = Call()
        self.call.talked = True
        for seat in SEATS:
            self.call.connected(seat, self.now)

    def say(self, seat: str, sample: dict[str, int], times: int = 1, every: float = EVERY) -> bool:
        """A page sends this sample so often; whether the last was taken."""
        taken = False
        for _ in range(times):
            self.now += every
            taken = self.call.measured(seat, sample, self.now)
        return taken

    def kept(self, seat: str = "patient") -> Kept:
        """What is left of this seat."""
        return next(row for row in self.call.kept(self.now) if row.seat == seat)


@pytest.mark.parametrize("name", MOST)
def test_a_figure_that_no_call_has_is_not_looked_at(name: str) -> None:
    talk = Talk()
    assert talk.say("patient", {name: MOST[name]})
    assert not talk.say("patient", {name: MOST[name] + 1})
    assert talk.kept().samples == 1


def test_a_figure_that_we_do_not_know_is_not_looked_at() -> None:
    assert not Talk().say("patient", {**GOOD, "address": 1})


def test_samples_that_come_too_soon_are_not_looked_at() -> None:
    talk = Talk()
    assert talk.say("patient", GOOD)
    assert not talk.say("patient", GOOD, every=SOONEST / 2)
    assert talk.say("patient", GOOD, every=SOONEST / 2)


def test_samples_of_a_seat_without_a_connection_are_not_looked_at() -> None:
    assert not Call().measured("patient", GOOD, 0.0)


def test_there_is_an_end_to_samples() -> None:
    talk = Talk()
    assert talk.say("patient", GOOD, times=MOST_SAMPLES)
    assert not talk.say("patient", GOOD)


def test_nothing_is_said_of_a_network_that_was_not_measured() -> None:
    talk = Talk()
    talk.say("patient", GOOD)
    assert talk.call.lines == {"patient": "good", "doctor": "unknown"}


def test_a_long_way_to_the_server_makes_only_ones_own_network_weak() -> None:
    talk = Talk()
    talk.say("doctor", GOOD, times=FLIPS)
    talk.say("patient", SLOW, times=FLIPS)
    assert talk.call.lines == {"patient": "weak", "doctor": "good"}


def test_what_is_lost_between_the_two_may_be_the_fault_of_either() -> None:
    talk = Talk()
    talk.say("doctor", LOSSY, times=FLIPS)
    talk.say("patient", GOOD, times=FLIPS)
    assert talk.call.lines == {"patient": "weak", "doctor": "weak"}


def test_one_bad_sample_is_no_weak_network_and_one_good_one_no_cure() -> None:
    talk = Talk()
    talk.say("patient", SLOW, times=FLIPS - 1)
    assert talk.call.lines["patient"] == "good"
    talk.say("patient", GOOD)
    talk.say("patient", SLOW, times=FLIPS - 1)  # the row was broken: it begins anew
    assert talk.call.lines["patient"] == "good"
    talk.say("patient", SLOW)
    assert talk.call.lines["patient"] == "weak"
    talk.say("patient", GOOD, times=FLIPS - 1)
    assert talk.call.lines["patient"] == "weak"
    talk.say("patient", GOOD)
    assert talk.call.lines["patient"] == "good"


def test_what_is_kept_is_made_of_all_samples() -> None:
    talk = Talk()
    for trip in (20, 30, 40, 500):
        sample = {"round_trip_ms": trip, "came": 98, "lost": 2, "kbit_in": trip, "freezes": 1}
        talk.say("patient", sample)
    assert talk.kept() == Kept(
        seat="patient",
        seconds=40,
        samples=4,
        reconnects=0,
        lost=20,
        round_trip_p50=30,
        round_trip_p95=500,
        jitter=None,
        kbit_in=148,
        kbit_out=None,
        freezes=4,
    )


def test_every_connection_after_the_first_is_a_reconnect() -> None:
    talk = Talk()
    for _ in range(2):
        talk.call.connected("doctor", talk.now)
    assert (talk.kept("doctor").reconnects, talk.kept("patient").reconnects) == (2, 0)


def test_a_call_without_samples_is_kept_as_not_measured() -> None:
    kept = Talk().kept()
    assert (kept.samples, kept.lost, kept.round_trip_p50, kept.freezes) == (0, None, None, None)


def test_who_never_met_leaves_nothing() -> None:
    talk = Talk()
    talk.call.talked = False
    talk.say("patient", GOOD)
    assert talk.call.kept(talk.now) == []


@pytest.mark.parametrize(
    ("values", "share", "found"),
    [
        ([], 0.5, None),
        ([7], 0.5, 7),
        ([7], 0.95, 7),
        ([3, 1, 2], 0.5, 2),
        ([4, 3, 2, 1], 0.5, 2),
        (list(range(1, 101)), 0.95, 95),
        (list(range(1, 11)), 0.95, 10),
    ],
)
def test_a_percentile_is_one_of_the_values(
    values: list[int], share: float, found: int | None
) -> None:
    assert percentile(values, share) == found


def row(**figures: int) -> Kept:
    """One seat with these figures and no others."""
    known = {"lost": None, "round_trip_p50": None, "round_trip_p95": None, "jitter": None}
    nothing = {"kbit_in": None, "kbit_out": None, "freezes": None}
    return Kept("patient", 60, 6, 0, **{**known, **nothing, **figures})


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([], Verdict.NOT_MEASURED),
        ([row()], Verdict.NOT_MEASURED),
        ([row(lost=2), row()], Verdict.GOOD),
        ([row(lost=2), row(round_trip_p95=300)], Verdict.POOR),
        ([row(lost=200), row(lost=2)], Verdict.TOO_POOR),
    ],
)
def test_a_call_was_as_good_as_its_worse_half(rows: list[Kept], expected: Verdict) -> None:
    assert verdict(rows) is expected
