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
        free_at = max(self._spent.get(who, now), now)
        if free_at - now > self.every * (self.burst - 1):
            return False
        if len(self._spent) >= self.most:
            self._forget(now)
        self._spent[who] = free_at + self.every
        return True

    def _forget(self, now: datetime) -> None:
        """Those who have all their tries again; if nobody has, everybody: it is no worse than a
        restart, and memory has an end."""
        kept = {who: free_at for who, free_at in self._spent.items() if free_at > now}
        self._spent = kept if len(kept) < self.most else {}
