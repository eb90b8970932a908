"""Who sits at an insurer's desk. Every page of the portal begins here."""

from aiohttp import web

from venterom.queue.coverage.usage import Month
from venterom.web.identity.people import Person
from venterom.web.identity.roles import Role
from venterom.web.session import signed_in


def at_desk(request: web.Request) -> tuple[Person, str]:
    """The clerk who asks, and the insurer whose data alone may be asked for. Sends everybody else
    to sign in."""
    clerk = signed_in(request, Role.INSURER)
    assert clerk.insurer, "the database grants the role with an insurer, or not at all"
    return clerk, clerk.insurer


def month_of(request: web.Request) -> Month:
    """The month in the address. Raises HTTPNotFound for what is none."""
    month = Month.read(request.match_info["month"])
    if month is None:
        raise web.HTTPNotFound
    return month
