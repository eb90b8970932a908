"""What can be refused on the insurer's side: the name is the code, the docstring the message."""


class CoverageError(Exception):
    """This cannot be done with a policy."""

    def __str__(self) -> str:
        return self.__doc__ or ""


class BadPolicyNumber(CoverageError):
    """A policy number has 6 to 20 letters, digits and dashes."""


class RegisterUnreachable(CoverageError):
    """The insurer's register could not be reached."""


class Explained(CoverageError):
    """This cannot be done, and why is told each time."""

    def __init__(self, why: str = "") -> None:
        super().__init__(why)

    def __str__(self) -> str:
        return self.args[0] or super().__str__()


class NotPolicies(Explained):
    """This is no whole file of policies."""


class TooManyEnd(CoverageError):
    """More than a tenth of the insurer's policies are missing from the file."""

    def __init__(self, ended: int = 0, in_force: int = 0) -> None:
        super().__init__(ended, in_force)
        self.ended = ended
        self.in_force = in_force


class BadProduct(Explained):
    """This is no product that can be kept."""
