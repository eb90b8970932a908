"""How likely a patient is started in time: futures of the waiting room, played and counted.

All chance comes from a seed that is made of the state, so the same state gives the same answer.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from venterom.queue.chance import INCREMENT, MULTIPLIER, WORD
from venterom.queue.deferral import INTERRUPTION, PATIENCE
from venterom.queue.dispatch import DROPIN, Job, Manner, job_of_slot
from venterom.queue.future import LOOK_AGAIN, Busy, Durations, Future
from venterom.queue.service import (
    FIRST,
    NO_SHOW,
    NO_SHOW_COST,
    POINTS,
    SECOND,
    SHOWS_BY,
    Service,
    known,
    longer_than,
)
from venterom.queue.snapshot import Doctor, Snapshot
from venterom.queue.states import Phase

FUTURES = 400  # with 160, one quote in a hundred is decided otherwise: docs/decisions/0011
BATCH = 20  # futures between two looks at whether it is decided
CERTAIN = 6.0  # squared standard deviations from the floor at which it is

NEW = 1 << 30  # the id of the patient who is asked about; then it is behind its equals
NOT_THERE = POINTS * NO_SHOW // 1000
SOON = 1 * SECOND  # who should have given up already is still busy now


class Stream:
    """Durations from the stored quantiles, by a linear congruential generator's high bits."""

    __slots__ = ("state", "service", "consultations", "wrap_ups")

    def __init__(self, seed: int, service: Service = FIRST) -> None:
        self.state = seed
        self.service = service
        self.consultations, self.wrap_ups = service.consultations, service.wrap_ups

    def draw(self, _job: Job | None = None, _doctor: int = 0) -> Durations:
        """A whole consultation and its note; (…, 0) for somebody who is not there."""
        state = self.state = (self.state * MULTIPLIER + INCREMENT) & WORD
        if state >> 52 < NOT_THERE:
            return NO_SHOW_COST, 0
        talk = self.consultations[(state >> 40) & (POINTS - 1)]
        return talk, self.wrap_ups[(state >> 28) & (POINTS - 1)]

    def longer(self, cases: Sequence[int], first: int) -> int:
        """One of the cases from the first on."""
        self.state = (self.state * MULTIPLIER + INCREMENT) & WORD
        return cases[first + ((self.state >> 40) * (len(cases) - first) >> 24)]


Ends = Callable[[Stream], tuple[int, int]]  # draws when a call may end, and its note
Begin = Callable[[Busy, int, Stream], None]  # writes down, under a number, what a doctor is doing


class Waiting(NamedTuple):
    """A snapshot made ready for futures: what they all begin with."""

    now: int
    begins: tuple[Begin, ...]  # each doctor
    last_starts: list[int]
    line: tuple[Job, ...]
    coming: tuple[Job, ...]
    slots: tuple[int, ...]
    manner: Manner
    service: Service

    def future(self, stream: Stream) -> Future:
        """One that is drawn from this stream."""
        busy = Busy(len(self.begins))
        for number, begin in enumerate(self.begins):
            begin(busy, number, stream)
        return Future(
            self.now,
            self.last_starts,
            busy,
            self.line,
            self.coming,
            self.slots,
            self.manner,
            stream.draw,
            LOOK_AGAIN,
            self.service,
        )


def waiting(seen: Snapshot, manner: Manner, *more: Job) -> Waiting:
    """The beginning of all futures of a snapshot, with more patients in it."""
    jobs = [Job(p.rank, p.deadline, DROPIN, n) for n, p in enumerate(seen.promises)] + list(more)
    slots = [job_of_slot(slot, manner, len(seen.promises) + n) for n, slot in enumerate(seen.slots)]
    jobs += [each for each in slots if each.slot <= seen.now]
    return Waiting(
        seen.now,
        tuple(begin(doctor, seen.now, seen.service) for doctor in seen.doctors),
        [doctor.last_start for doctor in seen.doctors],
        tuple(sorted(jobs)),
        tuple(each for each in slots if each.slot > seen.now),
        seen.slots,
        manner,
        seen.service,
    )


def engage(busy: Busy, number: int, doctor: Doctor, now: int, stream: Stream) -> None:
    """Let the doctor be busy for as long as may be, given for how long already."""
    begin(doctor, now, stream.service)(busy, number, stream)


def begin(doctor: Doctor, now: int, service: Service) -> Begin:
    """The same, made ready to be drawn many times."""
    ends = _ends(doctor, now, service)

    def write(busy: Busy, number: int, stream: Stream) -> None:
        talk, free = ends(stream)
        if doctor.debt is not None:
            _owe(busy, number, doctor, now, stream)
            free += busy.debt[number] if busy.folded[number] else 0
        busy.begun[number], busy.talk[number], busy.free[number] = doctor.since, talk, free

    return write


def _ends(doctor: Doctor, now: int, service: Service) -> Ends:
    """What is drawn for a doctor, or certain; for one who is idle, since when."""
    since, elapsed = doctor.since, now - doctor.since
    calls, notes = service.consultations, service.wrap_ups
    if doctor.phase is Phase.CONSULT:
        begun, first = _as_known(calls, now, elapsed)

        def in_call(stream: Stream) -> tuple[int, int]:
            talk = begun + stream.longer(calls, first)
            return talk, talk + stream.longer(notes, 0)

        return in_call
    if doctor.phase is Phase.WRAP:
        begun, first = _as_known(notes, now, elapsed)
        return lambda stream: (since, begun + stream.longer(notes, first))
    if doctor.phase is not Phase.RINGING:
        return lambda _: (since, since)
    if elapsed < SHOWS_BY:

        def ringing(stream: Stream) -> tuple[int, int]:
            talk, note = stream.draw()
            return since + talk, since + talk + note

        return ringing
    given_up = max(since + NO_SHOW_COST, now + SOON)
    return lambda _: (given_up, given_up)


def _as_known(cases: Sequence[int], now: int, elapsed: int) -> tuple[int, int]:
    """When it began, as far as the cases go, and the first of those that take longer."""
    elapsed = known(cases, elapsed)
    return now - elapsed, longer_than(cases, elapsed)


def _owe(busy: Busy, number: int, doctor: Doctor, now: int, stream: Stream) -> None:
    assert doctor.debt is not None
    owed_since, written = doctor.debt
    whole = stream.longer(stream.wrap_ups, longer_than(stream.wrap_ups, written))
    busy.debt[number] = whole - written + INTERRUPTION
    busy.owed_since[number] = owed_since
    busy.folded[number] = doctor.phase is not Phase.IDLE and doctor.since - owed_since >= PATIENCE


def share(
    start: Waiting, seed: int, deadline: int, target: int, floor: float, futures: int = FUTURES
) -> float:
    """The share of futures in which the target is started by the deadline.

    It stops early when it is clear on which side of the floor the share lies.
    """
    stream = Stream(seed, start.service)
    started = played = 0
    while played < futures:
        for _ in range(BATCH):
            future = start.future(stream)
            future.run(deadline, target)
            started += target in future.starts
        played += BATCH
        if decided(started, played, floor):
            break
    return started / played


def decided(started: int, played: int, floor: float) -> bool:
    """Whether more futures would hardly carry the share over the floor."""
    away = started - floor * played
    return away * away > CERTAIN * floor * (1 - floor) * played + 1
