"""What can be refused on the insurer's side: the name is the code, the docstring the message."""


class CoverageError(Exception):
    """This cannot be done with a policy."""

    def __str__(self) -> str:
        return self.__doc__ or ""


class BadPolicyNumber(CoverageError):
    """A policy number has 6 to 20 letters, digits and dashes."""


class RegisterUnreachable(CoverageError):
    """The insurer's register could not be reached."""
