"""The figures of all calls that go on, also while everybody in them is away for a moment."""

from collections.abc import Awaitable, Callable, Mapping, Sequence

import structlog

from venterom.rtc.figures import Call, Kept

log = structlog.get_logger()

Keep = Callable[[str, Sequence[Kept]], Awaitable[None]]


class Gauges:
    """By visit. `keep` stores what is kept of a call that is over."""

    def __init__(self, keep: Keep, steady: Callable[[], float]) -> None:
        self._keep = keep
        self._steady = steady
        self._calls: dict[str, Call] = {}

    def connected(self, visit: str, seat: str) -> None:
        """A seat has a connection, the first or another one."""
        self._calls.setdefault(visit, Call()).connected(seat, self._steady())

    def talking(self, visit: str) -> None:
        """Two have met."""
        self._calls.setdefault(visit, Call()).talked = True

    def measured(self, visit: str, seat: str, sample: Mapping[str, int]) -> dict[str, str]:
        """A page has measured: how each one's network is; empty when the sample was no good."""
        call = self._calls.get(visit)
        taken = call is not None and call.measured(seat, sample, self._steady())
        return call.lines if call and taken else {}

    async def over(self, visit: str) -> None:
        """The call is over. A fault in keeping its figures ends nothing else."""
        call = self._calls.pop(visit, None)
        kept = call.kept(self._steady()) if call else []
        try:
            if kept:
                await self._keep(visit, kept)
        except Exception:
            log.exception("figures_not_kept")

    async def all_over(self) -> None:
        """The service stops."""
        for visit in [*self._calls]:
            await self.over(visit)
