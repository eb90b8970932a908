"""How often a client may ask, and how often in vain, so that nobody finds policies by trying.

A question about a policy that is not the client's own, or with another birth date, is a miss. It
costs as much time as many hits, and a row of misses on neighbouring numbers shuts the client out
for an hour. Kept in memory: the process is one, and forgets only when it is started anew.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

BURST, EVERY = 100, timedelta(milliseconds=50)  # a busy insurer's desk asks ten times a second
MISSES, MISS_EVERY = 20, timedelta(minutes=3)  # twenty at once, and then twenty an hour
WALK = 5  # misses in a row on numbers that differ in their last two characters only
SHUT = timedelta(hours=1)  # for whoever went for such a walk
MOST = 10_000  # clients or addresses that are known at once
NONE = timedelta(0)


@dataclass(slots=True)
class Meter:
    """So many at once, and then one each `every`."""

    burst: int
    every: timedelta
    _free_at: dict[str, datetime] = field(default_factory=dict)  # when all will be free again

    def wait(self, who: str, now: datetime) -> timedelta:
        """How long until one more is allowed."""
        owed = self._free_at.get(who, now) - now
        return max(owed - self.every * (self.burst - 1), NONE)

    def spend(self, who: str, now: datetime, cost: int = 1) -> None:
        """Count so many. More than is left is owed. When too many are known, those who owe nothing
        are forgotten; if that helps not, everybody: no worse than a restart."""
        if len(self._free_at) >= MOST:
            owing = {each: at for each, at in self._free_at.items() if at > now}
            self._free_at = owing if len(owing) < MOST else {}
        self._free_at[who] = max(self._free_at.get(who, now), now) + self.every * cost


@dataclass(slots=True)
class Guard:
    """The limits of every client. `who` is a registered one, so memory has an end."""

    asks: Meter = field(default_factory=lambda: Meter(BURST, EVERY))
    misses: Meter = field(default_factory=lambda: Meter(MISSES, MISS_EVERY))
    _walks: dict[str, tuple[str, int, datetime]] = field(default_factory=dict)
    _shut_until: dict[str, datetime] = field(default_factory=dict)

    def wait(self, who: str, now: datetime) -> timedelta:
        """How long this client has to wait before it may ask; nothing: it may now."""
        return max(self.asks.wait(who, now), self.shut(who, now))

    def shut(self, who: str, now: datetime) -> timedelta:
        """The same, for having missed too often alone."""
        return max(self._shut_until.get(who, now) - now, self.misses.wait(who, now))

    def asked(self, who: str, now: datetime, cost: int = 1) -> None:
        """Count a question, or a bundle that costs as much as several."""
        self.asks.spend(who, now, cost)

    def missed(self, who: str, number: str, now: datetime) -> bool:
        """Count a miss; whether it shuts the client out, of which a person should hear."""
        self.misses.spend(who, now)
        neighbours = number[:-2]
        before, steps, at = self._walks.get(who, ("", 0, now))
        steps = steps + 1 if before == neighbours and now - at < SHUT else 1
        self._walks[who] = (neighbours, steps, now)
        if steps >= WALK:
            self._shut_until[who] = now + SHUT
        return self.wait(who, now) > NONE
