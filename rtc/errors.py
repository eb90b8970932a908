"""What can go wrong in a room. The class name is the stable code, the docstring the message."""


class RtcError(Exception):
    """Something went wrong in the room."""

    @property
    def code(self) -> str:
        """The stable name that programs look at."""
        return type(self).__name__

    @property
    def text(self) -> str:
        """The sentence that people read; never carries what the other side sent."""
        return (type(self).__doc__ or "").strip()


class TicketError(RtcError):
    """This ticket does not open this room."""


class TicketAltered(TicketError):
    """The ticket is not one that we have signed."""


class TicketExpired(TicketError):
    """The ticket is no longer valid."""


class TicketTooEarly(TicketError):
    """The ticket is not valid yet."""


class TicketForOtherVisit(TicketError):
    """The ticket belongs to another visit."""


class NotAdmitted(RtcError):
    """This visit is not open to you now."""


class BadMessage(RtcError):
    """The message is not one of the room's messages."""


class BadOffer(RtcError):
    """The browser's offer is not one that the room can take."""


class BadHandshake(RtcError):
    """The other side is not who its offer says, or has no way to protect media."""


class BadReport(RtcError):
    """The media worker said something that care does not understand."""


class BadFigures(RtcError):
    """These are not figures that a page of ours would send."""


class OutOfTurn(RtcError):
    """The message does not belong here."""


class TooFast(RtcError):
    """Too many messages in a short time."""


class TooSlow(RtcError):
    """The connection cannot keep up; come back."""


class RoomClosed(RtcError):
    """The room is closed."""


class RoomsFull(RtcError):
    """All rooms are taken; try again in a moment."""


class MediaUnavailable(RtcError):
    """Sound and picture are not available just now; try again in a moment."""


class IllegalMove(RtcError):
    """A room cannot do this in its present state."""


class UnknownStack(RtcError):
    """The WebRTC libraries are not the ones that the media worker was written for."""
