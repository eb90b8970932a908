"""How often somebody may try: so many at once, and then one every few seconds. Pure."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta


@dataclass(slots=True)
class Throttle:
    """A limit for each address, in memory."""

    burst: int
    every: timedelta  # one more may be tried after this
    most: int  # addresses that are remembered
    _spent: dict[str, datetime] = field(default_factory=dict)  # when all will be free again

    def allows(self, who: str, now: datetime) -> bool:
        """Whether this may be tried now; if so, it counts."""
        if self.wait(who, now):
            return False
        if len(self._spent) >= self.most:
            self._forget(now)
        self._spent[who] = self._free_at(who, now) + self.every
        return True

    def give_back(self, who: str, now: datetime) -> None:
        """A try that was none after all counts no more."""
        free_at = self._free_at(who, now) - self.every
        if free_at > now:
            self._spent[who] = free_at
        else:
            self._spent.pop(who, None)

    def wait(self, who: str, now: datetime) -> timedelta:
        """How long until this may be tried; nothing when it may be now."""
        ahead = self._free_at(who, now) - now - self.every * (self.burst - 1)
        return max(ahead, timedelta(0))

    def _free_at(self, who: str, now: datetime) -> datetime:
        """When all tries are free again. What is further away than all of them take was written
        before the clock was set back, and counts no more."""
        free_at = self._spent.get(who, now)
        return free_at if now < free_at <= now + self.every * self.burst else now

    def _forget(self, now: datetime) -> None:
        """Those who have all their tries again; if nobody has, everybody: it is no worse than a
        restart, and memory has an end."""
        kept = {who: free_at for who, free_at in self._spent.items() if free_at > now}
        self._spent = kept if len(kept) < self.most else {}
