"""What can go wrong with the record: a class name is a stable code, its docstring the message."""

from collections.abc import Mapping
from datetime import timedelta


class JournalError(Exception):
    """Something is wrong with the record."""

    def __init__(self, detail: str = "") -> None:
        super().__init__(f"{type(self).__doc__}{f' ({detail})' if detail else ''}")
        self.detail = detail


class BadSignature(JournalError):
    """The signed text is not what it claims to be."""


class BadKey(JournalError):
    """The key is not of a kind that may be used here."""


class UnsafeBackend(JournalError):
    """A library does not encrypt or sign as it should here, so the service may not start."""


class Unreadable(JournalError):
    """The sealed text cannot be opened: a key is missing, or the row was changed or moved."""


class BadAnchor(JournalError):
    """The anchor is not what was written to it, or knows another log than this one."""


class Gone(JournalError):
    """The text is not here any more: the EPJ alone has it, or it was deleted."""


class UnknownText(JournalError):
    """There is no such text in this version and language."""


class NoSuchVisit(JournalError):
    """There is no such visit."""


class VisitClosed(JournalError):
    """The visit is over, so it cannot be changed."""


class VisitBegun(JournalError):
    """The visit has begun, so it can no longer be changed for whom it is."""


class NoPatient(JournalError):
    """It has not been said yet who the visit is for."""


class NotYourChild(JournalError):
    """One can only act for oneself or for one's own child under 18."""


class BadReason(JournalError):
    """The reason must be written, and may not be longer than a few lines."""


class ConsentMissing(JournalError):
    """A valid consent to the form of treatment is needed first."""


class ConsentRefused(JournalError):
    """This person cannot give this consent."""


class TextChanged(JournalError):
    """The text was changed while it was read, so it must be read again."""


class PatientChanged(JournalError):
    """The visit was changed to another patient meanwhile."""


class MayNotRead(JournalError):
    """There is nothing here for you to read."""


class BadBlock(JournalError):
    """Nobody can block themselves."""


class NothingBlocked(JournalError):
    """Nothing is blocked here, so no glass needs to be broken."""


class BadWish(JournalError):
    """What is wrong with the note must be written, and may not be longer than a page."""


class CaseOpen(JournalError):
    """This has been asked for already, and will be answered."""


class AlreadyAnswered(JournalError):
    """This case has been answered."""


class OnItsWay(JournalError):
    """The note is being handed to the electronic patient journal, so it is deleted in a moment."""


class PapersStand(JournalError):
    """The papers of the note must be withdrawn before it is deleted."""


class StaleDraft(JournalError):
    """The note was changed in another window, so this version was not saved over it."""


class NothingToSign(JournalError):
    """There is no note to sign."""


class AlreadySigned(JournalError):
    """The note is signed and final; what is missing is added as a dated addition."""


class NotTheAuthor(JournalError):
    """Only the doctor who wrote the note can sign it."""


class BadNote(JournalError):
    """The note is not complete, or a field cannot be stored as it is."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__(", ".join(f"{field}: {code}" for field, code in problems.items()))
        self.problems = dict(problems)


class BadPhrase(JournalError):
    """The phrase cannot be kept as it is."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__(", ".join(f"{field}: {code}" for field, code in problems.items()))
        self.problems = dict(problems)


class NoSuchPhrase(JournalError):
    """There is no such phrase, or it is somebody else's."""


class BadPicture(JournalError):
    """The picture cannot be kept: it is none, is too large, or nobody has said yes to it."""


class BadPaper(JournalError):
    """The paper may not be issued as it is, or a field of it is missing."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__(", ".join(f"{field}: {code}" for field, code in problems.items()))
        self.problems = dict(problems)


class NotThePatient(JournalError):
    """The doctor said that she met somebody else: no paper is issued in the patient's name."""


class PapersChanged(JournalError):
    """The papers of the note were changed while it was being signed, so they must be looked at."""


class NotTheRegister(JournalError):
    """The file is not the register of medicines in the form that is read, so nothing was loaded."""


class NationalUnreachable(JournalError):
    """The national receiver of papers (the prescribing module, NAV) did not answer."""


class NationalRefused(JournalError):
    """The national receiver of papers refused, or answered what cannot be understood."""


class NavRejected(JournalError):
    """NAV has read the sick note and says no: the same one will be rejected again."""


class EpjUnreachable(JournalError):
    """The electronic patient journal did not answer."""


class EpjRefused(JournalError):
    """The electronic patient journal refused the note."""


class EpjSaid(JournalError):
    """The electronic patient journal gave no receipt."""

    def __init__(self, said: str, rest: timedelta = timedelta()) -> None:
        super().__init__(said)
        self.said = said  # one of epj_answer.Said
        self.rest = rest  # for how long it asked to be left alone


class EpjConflict(EpjRefused):
    """The electronic patient journal already holds other content for this encounter."""
