"""What can be refused at the door: the name is the code, the docstring the message.

No message says anything about a person, a visit or a number.
"""


class IdentityError(Exception):
    """We cannot be sure who you are."""

    def __str__(self) -> str:
        return self.__doc__ or ""


class SignInUnknown(IdentityError):
    """This sign-in was not begun here, has been used, or was begun in another browser."""


class SignInExpired(IdentityError):
    """The sign-in took too long; please begin again."""


class SignInCancelled(IdentityError):
    """The sign-in was ended at the identity provider."""


class SignInRefused(IdentityError):
    """What the identity provider said about you could not be trusted."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason  # a code for the log; it holds nothing about the person


class LogoutTaken(IdentityError):
    """The provider's word was taken before."""


class ProviderUnreachable(IdentityError):
    """The identity provider does not answer as it should; please try again in a little while."""


class NotAuthorised(IdentityError):
    """You are not registered here in this role."""


class NotInHpr(NotAuthorised):
    """The register of health personnel does not show that you may work as a doctor here."""


class MayNotPrescribe(IdentityError):
    """The register of health personnel does not show that you may prescribe."""


class HprUnchecked(IdentityError):
    """The register of health personnel does not answer, and no earlier answer is new enough."""


class RegisterSilent(IdentityError):
    """A register does not answer, or says something that cannot be understood."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason  # a code for the log; it holds nothing about anybody


class OwnGrant(IdentityError):
    """Nobody decides about their own role."""


class BadGrant(IdentityError):
    """A doctor needs an HPR number, and an insurer's clerk an insurer."""


class IdentityUnreadable(IdentityError):
    """What is stored about this person cannot be opened: a key is missing, or it was changed."""


class NotYours(IdentityError):
    """There is nothing here that you may see."""


class InvitationOver(IdentityError):
    """This invitation leads nowhere, or no longer does."""


class NotAChild(IdentityError):
    """This person is not under 18, and has to sign in alone."""


class BadNumber(IdentityError):
    """This is not a national identity number."""


class BadName(IdentityError):
    """A name has between 1 and 120 characters, and no signs that cannot be printed."""


class BadBirthDate(IdentityError):
    """This date of birth cannot be right."""


class OneselfAsChild(IdentityError):
    """This is your own number."""


class ChildDiffers(IdentityError):
    """The name, the date of birth or the number is not right; please look at them again."""


class NotResponsible(IdentityError):
    """The population registry does not show that you have parental responsibility."""


class NoLongerResponsible(NotResponsible):
    """The population registry does not show any longer that you have parental responsibility."""


class NotAnAdult(IdentityError):
    """Only somebody who is 18 or more can hold a proxy."""


class OneselfAsProxy(IdentityError):
    """Nobody needs a proxy from themselves."""


class ProxyDiffers(ChildDiffers):
    """The name, the date of birth or the number is not right; please look at them again."""


class ProxyStands(IdentityError):
    """This person has a proxy already."""


class ClerkStands(IdentityError):
    """This person may look up policies already, here or elsewhere."""


class ClerkDiffers(IdentityError):
    """The name or the number is not right; please look at them again."""


class InsecureAddress(IdentityError):
    """Signing in needs https; plain http is for this machine alone."""


class LinkUnknown(IdentityError):
    """This link does not lead anywhere."""


class LinkExpired(IdentityError):
    """This link is too old."""


class LinkForOther(IdentityError):
    """This link is for somebody else."""


class LinkFinished(IdentityError):
    """What this link led to is over."""
