"""Who is served next, and by whom."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.queue.snapshots import at_note, idle, in_call, ms, ringing, snapshot
from venterom.queue.dispatch import (
    OURS,
    REFERENCE,
    Manner,
    claim,
    first_in_line,
    free_again,
    is_idle,
    taker,
)
from venterom.queue.hold import A2, Other
from venterom.queue.service import FIRST, FREE, Chances, free_in
from venterom.queue.snapshot import Doctor, Promise, Snapshot

PLAIN = Manner(A2)


@pytest.mark.parametrize(
    ("seen", "doctor", "due"),
    [
        # nobody waits, or nobody is idle
        (snapshot(idle()), None, 0),
        (snapshot(in_call(5), at_note(1), promises=(20,)), None, 0),
        # the earliest promise, by the doctor whose shift ends first
        (snapshot(idle(300), idle(100), promises=(5, 12)), 0, 5),
        (snapshot(in_call(5, 100), idle(300), promises=(5, 12)), 1, 5),
        # a booked patient is due three minutes after the slot
        (snapshot(idle(), promises=(5, 12), slots=(-1,)), 0, 2),
        (snapshot(idle(), promises=(1, 12), slots=(-1,)), 0, 1),
        # … and waits until the slot has come
        (snapshot(idle(), slots=(1,)), None, 0),
        # nobody is started in the last ten minutes of a shift, or before it begins
        (snapshot(idle(-1), promises=(5,)), None, 0),
        (snapshot(idle(since=5), promises=(5,)), None, 0),
        # the only doctor is kept for a slot, but not from one who has a minute left
        (snapshot(idle(), promises=(15,), slots=(4,)), None, 0),
        (snapshot(idle(), promises=(1,), slots=(4,)), 0, 1),
        (snapshot(idle(), promises=(15,), slots=(30,)), 0, 15),
        # with two idle doctors one may go
        (snapshot(idle(), idle(), promises=(15,), slots=(4,)), 0, 15),
        # the first of them leaves before the slot, so it is he who goes
        (snapshot(idle(3), idle(300), promises=(15,), slots=(4,)), 0, 15),
    ],
)
def test_the_earliest_due_is_started_by_the_idle_doctor_whose_shift_ends_first(
    seen: Snapshot, doctor: int | None, due: float
) -> None:
    claimed = claim(seen, PLAIN)
    if doctor is None:
        assert claimed is None
    else:
        assert claimed is not None
        assert (claimed.doctor, claimed.job.due) == (doctor, ms(due))


def test_the_triage_class_goes_before_everything() -> None:
    seen = snapshot(idle(), slots=(-2,))._replace(promises=(Promise(-1, ms(30)), Promise(0, ms(1))))
    claimed = claim(seen, PLAIN)
    assert claimed is not None and claimed.job.rank == -1
    rest = first_in_line(seen._replace(promises=seen.promises[1:]), PLAIN)
    assert rest is not None and (rest.rank, rest.slot) == (0, ms(-2))


def test_a_doctor_held_under_one_rule_goes_under_the_other() -> None:
    """The old rule wants the slot safe; ours asks what difference this doctor makes."""
    seen = snapshot(idle(), in_call(2), in_call(5), promises=(15,), slots=(10,))
    assert claim(seen, REFERENCE) is None
    assert claim(seen, PLAIN) is not None


def test_the_key_of_a_manner_says_when_a_booked_patient_is_due() -> None:
    seen = snapshot(idle(), slots=(0,))
    for minutes in (2, 5):
        first = first_in_line(seen, Manner(A2._replace(key=ms(minutes))))
        assert first is not None and first.due == ms(minutes)


@pytest.mark.parametrize(
    ("doctor", "chances"),
    [
        (idle(), FREE),
        (idle(since=3), free_in(ms(3))),
        (ringing(0.5), FIRST.fresh),
        (in_call(7), FIRST.from_call(ms(7))),
        (at_note(2), FIRST.from_note(ms(2))),
    ],
)
def test_what_is_expected_of_a_doctor(doctor: Doctor, chances: Chances) -> None:
    assert free_again(doctor, 0, FIRST) == chances
    assert is_idle(doctor, 0) is (doctor == idle())


@given(
    st.lists(st.integers(0, 40), min_size=1, max_size=6).map(sorted),
    st.lists(st.integers(0, 30), max_size=4),
    st.lists(st.integers(-5, 40), max_size=6).map(sorted),
    st.sampled_from([OURS, REFERENCE]),
)
def test_nobody_goes_whom_the_hold_rule_keeps_and_the_first_other_does(
    leaving: list[int], calls: list[int], minutes: list[int], manner: Manner
) -> None:
    """Only one of the idle doctors is asked about: the answer is as if all of them were."""
    seen = snapshot(
        *(idle(each) for each in leaving),
        *(in_call(each, 20 + each) for each in calls),
        promises=(10,),
        slots=tuple(minutes),
    )
    there = [n for n, doctor in enumerate(seen.doctors) if is_idle(doctor, 0)]
    everyone = [Other(each.last_start, free_again(each, 0, FIRST)) for each in seen.doctors]
    job = first_in_line(seen._replace(slots=()), manner)
    assert job is not None
    goes = [
        number
        for number in there
        if not manner.hold.keeps(
            0,
            seen.doctors[number].last_start,
            ms(10),
            everyone[:number] + everyone[number + 1 :],
            seen.slots,
            FIRST.fresh,
        )
    ]
    taken_by = taker(
        0,
        job,
        there,
        [each.last_start for each in everyone],
        lambda number: everyone[number].chances,
        seen.slots,
        manner,
        FIRST.fresh,
    )
    assert taken_by == (goes[0] if goes else None)
