"""How much of something is let through: a bucket of tokens, and a count for each stranger."""

from collections.abc import Hashable


class Bucket:
    """Holds up to `burst` tokens and gains `rate` of them a second."""

    __slots__ = ("_burst", "_left", "_rate", "_seen")

    def __init__(self, rate: float, burst: float, now: float) -> None:
        self._rate = rate
        self._burst = burst
        self._left = burst
        self._seen = now

    def take(self, tokens: float, now: float) -> bool:
        """Take these tokens if they are there; `now` is in seconds of any steady clock."""
        if now != self._seen:  # many packets come in one moment
            self._left = min(self._burst, self._left + (now - self._seen) * self._rate)
            self._seen = now
        if tokens > self._left:
            return False
        self._left -= tokens
        return True


class Strangers:
    """A count for each source in the present second; bounded, whatever is sent at us."""

    __slots__ = ("_counts", "_each", "_second", "_sources")

    def __init__(self, each: int, sources: int) -> None:
        self._each = each
        self._sources = sources
        self._counts: dict[Hashable, int] = {}
        self._second = -1

    def allow(self, source: Hashable, now: float) -> bool:
        """Whether this source, among not too many others, may be listened to once more."""
        if int(now) != self._second:
            self._second = int(now)
            self._counts.clear()
        count = self._counts.get(source, 0)
        if count >= self._each or (not count and len(self._counts) >= self._sources):
            return False
        self._counts[source] = count + 1
        return True
