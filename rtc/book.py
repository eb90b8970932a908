"""Which addresses have proved to be whose, and where each one's packets are sent.

Addresses are learnt from authenticated checks only, never from an SDP (failures.md W5): so nothing
is sent to anybody who has not asked for it with the right password.
"""

from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

MOST_ADDRESSES = 4  # of one connection: two networks, two families
CONSENT = 30.0  # seconds since the last check until nothing may be sent any more (RFC 7675 5.1)

Source = TypeVar("Source", bound=Hashable)
Owner = TypeVar("Owner")


@dataclass(slots=True)
class Entry(Generic[Source, Owner]):
    """One connection: when each of its addresses last proved itself, and the chosen one."""

    owner: Owner
    proved: dict[Source, float] = field(default_factory=dict)
    chosen: Source | None = None


class Book(Generic[Source, Owner]):
    """The addresses of all connections of a worker. `now` is in seconds of any steady clock."""

    def __init__(self) -> None:
        self._entries: dict[str, Entry[Source, Owner]] = {}
        self.owners: dict[Source, Owner] = {}  # to be read only; each datagram is looked up here

    def enter(self, user: str, owner: Owner) -> None:
        """From now on checks for this user are taken."""
        self._entries[user] = Entry(owner)

    def forget(self, user: str) -> None:
        """The connection is over, and its addresses are strangers again."""
        entry = self._entries.pop(user, None)
        for source in entry.proved if entry else ():
            del self.owners[source]

    def named(self, user: str) -> Owner | None:
        """Whose user name this is."""
        entry = self._entries.get(user)
        return entry.owner if entry else None

    def way(self, user: str) -> Source | None:
        """Where packets for this user are sent."""
        entry = self._entries.get(user)
        return entry.chosen if entry else None

    def prove(self, user: str, source: Source, *, nominates: bool, now: float) -> bool:
        """A valid check for this user came from there. False: that address is somebody else's.

        The first address is the chosen one; a later one is only when the browser says so.
        """
        entry = self._entries[user]
        if self.owners.get(source, entry.owner) is not entry.owner:
            return False
        self.owners[source] = entry.owner
        entry.proved.pop(source, None)
        entry.proved[source] = now  # the newest is the last
        if nominates or entry.chosen is None:
            entry.chosen = source
        if len(entry.proved) > MOST_ADDRESSES:
            self._drop(entry, next(each for each in entry.proved if each != entry.chosen))
        return True

    def lapsed(self, now: float) -> list[Owner]:
        """Whose consent is over; other addresses that nobody asks from any more are dropped."""
        over = []
        for entry in self._entries.values():
            for source in [each for each, at in entry.proved.items() if now - at > CONSENT]:
                if source == entry.chosen:
                    over.append(entry.owner)
                else:
                    self._drop(entry, source)
        return over

    def _drop(self, entry: Entry[Source, Owner], source: Source) -> None:
        del entry.proved[source]
        del self.owners[source]
