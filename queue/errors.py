"""What can be refused in the waiting room: the name is the code, the docstring the message."""

from datetime import datetime


class QueueError(Exception):
    """This cannot be done in the waiting room."""

    def __str__(self) -> str:
        return self.__doc__ or ""


class UnknownVisit(QueueError):
    """There is no such visit in the waiting room."""


class UnknownOffer(QueueError):
    """This offer was not made for this visit."""


class BadKey(QueueError):
    """The key of a request is 1 to 255 visible characters."""


class KeyReused(QueueError):
    """This key came with another request before; each request has a key of its own."""


class NotAPromise(QueueError):
    """This offer holds no deadline that can be accepted; choose a time instead."""


class OfferChanged(QueueError):
    """The time that was offered can no longer be kept; ask for the new offer."""


class AlreadyWaiting(QueueError):
    """This patient already has a place in the waiting room."""


class VisitOver(QueueError):
    """This visit has ended."""


class WrongState(QueueError):
    """This cannot be done at this point of the visit."""


class NotYours(QueueError):
    """This visit is not with you."""


class NotOnShift(QueueError):
    """You are not on shift."""


class AlreadyInCall(QueueError):
    """You already have a patient."""


class NobodyWaiting(QueueError):
    """Nobody is waiting."""


class HeldForSlot(QueueError):
    """Somebody has a booked time soon, and you are the doctor who is kept for it."""


class LeaseLost(QueueError):
    """We lost contact with you, and the patient was given back to the waiting room."""


class ShiftEndsTooEarly(QueueError):
    """A shift must end later than it begins."""


class ShiftEndsTooLate(QueueError):
    """A shift lasts twelve hours at most."""


class ShiftOver(QueueError):
    """This shift is over already; what has been worked is not planned anew."""


class ShiftTooFarAhead(QueueError):
    """Shifts are planned a year ahead at most."""


class ShiftOutsideHours(QueueError):
    """A shift lies within the opening hours of one day."""


class ShiftsOverlap(QueueError):
    """This doctor is planned for something else at that time."""


class BreakOutsideShift(QueueError):
    """A break lies inside a shift of the same doctor."""


class NoSuchTime(QueueError):
    """Clocks are put forward that night, and never show this time."""


class NotPlanned(QueueError):
    """This is not in the plan any more."""


class NotRung(QueueError):
    """Nobody has rung this doctor on call, or not lately, or it is answered."""


class BookingsDepend(QueueError):
    """Patients have booked times that this shift was to serve."""

    def __init__(self, times: tuple[datetime, ...] = ()) -> None:
        self.times = times


class NoSuchSlot(QueueError):
    """This time cannot be booked."""


class SlotTaken(QueueError):
    """Somebody else was faster; this time is no longer free."""


class TooLateToMove(QueueError):
    """This booked time has come, or is over, and stays where it is."""


class NotBooked(QueueError):
    """This visit has no booked time."""
