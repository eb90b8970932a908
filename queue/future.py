"""One possible future of the waiting room: what the dispatcher will really do, played forward.

Durations are drawn from `draw`; everything else is the rule of `dispatch` and `deferral`. A rule
sees of a doctor only what it would see: who is where, and since when.
"""

from bisect import insort
from collections.abc import Callable, Sequence

from venterom.queue.deferral import (
    INTERRUPTION,
    PATIENCE,
    after_idling,
    in_danger_at,
    puts_off,
)
from venterom.queue.dispatch import Job, Manner, taker
from venterom.queue.service import FIRST, FREE, MINUTE, SHOWS_BY, Chances, Service, free_in

LOOK_AGAIN = 2 * MINUTE  # at a doctor who is held; the service looks every minute
NEVER = 1 << 62

# A consultation and its note; a note of 0 means that nobody was there.
Durations = tuple[int, int]


class Busy:
    """What the doctors are doing in this future, by their number."""

    __slots__ = ("begun", "talk", "free", "debt", "owed_since", "written", "folded")

    def __init__(self, doctors: int) -> None:
        self.begun = [0] * doctors
        self.talk = [0] * doctors  # the consultation ends
        self.free = [0] * doctors  # the note ends, or the shift begins
        self.debt = [0] * doctors  # what is left of a note that was put off
        self.owed_since = [0] * doctors
        self.written = [0] * doctors  # what had been spent on that note
        self.folded = [False] * doctors  # the debt is worked off after this call

    def copy(self) -> "Busy":
        """The same, to be played on its own."""
        other = Busy(0)
        for name in self.__slots__:
            setattr(other, name, list(getattr(self, name)))
        return other

    def chances(self, doctor: int, t: int, service: Service) -> Chances:
        """How likely the doctor is free again, as far as can be seen at this time."""
        free, talk, begun = self.free[doctor], self.talk[doctor], self.begun[doctor]
        if t >= free:
            return FREE
        if begun > t:
            return free_in(begun - t)
        if t < begun + SHOWS_BY or free == talk:
            return service.from_ringing(t - begun)
        return service.from_call(t - begun) if t < talk else service.from_note(t - talk)


class Future:
    """The waiting room from `t` on. `line` waits now, `coming` will; both in order."""

    __slots__ = (
        *("t", "last", "busy", "line", "coming", "slots", "manner", "draw"),
        *("service", "look_again", "starts", "held", "put_off"),
    )

    def __init__(
        self,
        t: int,
        last_starts: list[int],
        busy: Busy,
        line: Sequence[Job],
        coming: Sequence[Job],
        slots: Sequence[int],
        manner: Manner,
        draw: Callable[[Job, int], Durations],
        look_again: int = LOOK_AGAIN,
        service: Service = FIRST,
    ) -> None:
        self.t = t
        self.last = last_starts
        self.busy = busy
        self.line = list(line)
        self.coming = list(coming)[::-1]  # the next one is the last
        self.slots = list(slots)  # booked and not begun
        self.manner = manner
        self.draw = draw
        self.starts: dict[int, int] = {}  # by the id of the job
        self.held = False
        self.put_off = 0
        self.look_again = look_again
        self.service = service  # as the rules know it; what happens is drawn

    def run(self, until: int, target: int = -1) -> None:
        """Play until this time, or until the target has been started."""
        while True:
            self._release()
            while self._start_next():
                if target in self.starts:
                    return
            t = self._next_event()
            if t > until:
                return
            self.t = t

    def _release(self) -> None:
        """Let those come into line whose slot has come."""
        coming, t = self.coming, self.t
        while coming and coming[-1].slot <= t:
            insort(self.line, coming.pop())

    def _start_next(self) -> bool:
        """Start the first in line if somebody may; whether it was done."""
        self.held = False
        if not self.line:
            return False
        t, free, job = self.t, self.busy.free, self.line[0]
        idle = [d for d, since in enumerate(free) if since <= t <= self.last[d]]
        if not idle:
            return self.manner.defers and in_danger_at(job) <= t and self._put_off_a_note()
        doctor = self._taker(job, idle)
        if doctor is None:
            self.held = True
            return False
        self._begin(doctor, job)
        return True

    def _taker(self, job: Job, idle: Sequence[int]) -> int | None:
        fresh = self.service.fresh
        return taker(self.t, job, idle, self.last, self._chances, self.slots, self.manner, fresh)

    def _chances(self, doctor: int) -> Chances:
        return self.busy.chances(doctor, self.t, self.service)

    def _begin(self, doctor: int, job: Job) -> None:
        del self.line[0]
        t, busy = self.t, self.busy
        self.starts[job.id] = t
        if job.slot >= 0:
            self.slots.remove(job.slot)
        talk, note = self.draw(job, doctor)
        if busy.debt[doctor]:
            note += self._debt_due(doctor, is_there=note > 0)
        busy.begun[doctor] = t
        busy.talk[doctor] = t + talk
        busy.free[doctor] = t + talk + note

    def _debt_due(self, doctor: int, is_there: bool) -> int:
        """What of an old debt is worked off after this call; not where there was none."""
        busy = self.busy
        if busy.folded[doctor]:
            busy.folded[doctor], busy.debt[doctor] = False, 0
            return 0
        debt = after_idling(busy.debt[doctor], self.t - busy.free[doctor])
        busy.debt[doctor] = debt
        is_old = self.t - busy.owed_since[doctor] >= PATIENCE
        busy.folded[doctor] = is_there and debt > 0 and is_old
        return debt if busy.folded[doctor] else 0

    def _put_off_a_note(self) -> bool:
        t, busy = self.t, self.busy
        notes = [
            (busy.talk[d], d)
            for d, last in enumerate(self.last)
            if busy.talk[d] <= t < busy.free[d] and t <= last and not busy.debt[d]
        ]
        doctor = puts_off(t, notes)
        if doctor is None:
            return False
        busy.written[doctor] = t - busy.talk[doctor]
        busy.debt[doctor] = busy.free[doctor] - t + INTERRUPTION
        busy.owed_since[doctor] = t
        busy.free[doctor] = t
        self.put_off += 1
        return True

    def _next_event(self) -> int:
        t, danger = self.t, NEVER
        soonest = self.coming[-1].slot if self.coming else NEVER
        if self.held:
            soonest = min(soonest, t + self.look_again)
        if self.manner.defers and self.line:
            danger = in_danger_at(self.line[0])
        if danger > t:
            soonest = min(soonest, danger)
        ends = self.busy.free if danger > t else self.busy.free + self.busy.talk
        return min([end for end in ends if t < end < soonest], default=soonest)
