"""One role's place in a room, taken by one person."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from venterom.rtc.limits import Bucket
from venterom.rtc.protocol import Encryption, Presence

LEAST = Encryption.HOP_BY_HOP  # until a page has said that it can do more
EXCHANGES = 2.0  # what a page may say to others in a second
BURST = 60.0  # and at once; agreeing on keys takes ten with each of two
CHATS = 4.0  # what a person may write, and the page may say that it has got, in a second
CHAT_BURST = 40.0


@dataclass(frozen=True, slots=True)
class Welcome:
    """How somebody who may enter comes in."""

    is_let_in: bool = True  # a guest waits for the doctor to say so
    known_as: Mapping[str, str] = field(default_factory=dict)  # a guest's `name` and `kind`


WELCOME = Welcome()  # patient and doctor


@dataclass(slots=True)
class Seat:
    """Who has it, by which socket, and how it stands with sound and picture. Times are seconds."""

    person: str
    socket: int | None
    heard: float
    encryption: Encryption = LEAST
    welcome: Welcome = WELCOME
    sign_in: str = ""  # by which its page has come; "" for a guest
    offer: int | None = None  # the newest connection that the present socket has offered
    connected: bool = False  # the media connection is up and heard
    ever_connected: bool = False
    missing_since: float | None = None
    told_gone: bool = False
    exchanges: Bucket = field(init=False)
    chats: Bucket = field(init=False)

    def __post_init__(self) -> None:
        self.exchanges = Bucket(EXCHANGES, BURST, self.heard)
        self.chats = Bucket(CHATS, CHAT_BURST, self.heard)

    @property
    def presence(self) -> Presence:
        """What others are told about it."""
        if self.socket is None:
            return Presence.RECONNECTING
        if not self.welcome.is_let_in:
            return Presence.KNOCKING
        if self.connected:
            return Presence.CONNECTED
        return Presence.RECONNECTING if self.ever_connected else Presence.HERE

    def note_missing(self, now: float) -> None:
        """Remember since when the person is coming back."""
        if self.presence is not Presence.RECONNECTING:
            self.missing_since, self.told_gone = None, False
        elif self.missing_since is None:
            self.missing_since = now
