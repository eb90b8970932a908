"""The insurer's page: one number, one answer, and how often it was used this month.

Of everything that this service knows, this module can reach the insurer's own register and nothing
else: it imports no room, no waiting list and no record (a test holds it to that).
"""

from aiohttp import web

from venterom.queue.coverage import insurer
from venterom.queue.coverage.errors import BadPolicyNumber
from venterom.web.forms import BAD_POLICY_NUMBER, Errors, Form, read
from venterom.web.identity.people import Person
from venterom.web.identity.roles import Role
from venterom.web.keys import CLOCK
from venterom.web.pages import page
from venterom.web.session import signed_in
from venterom.web.text import today
from venterom.web.work import work


async def check_page(request: web.Request) -> web.Response:
    """GET /insurer"""
    clerk = signed_in(request, Role.INSURER)
    return _page(request, clerk, {"number": ""}, {}, None)


async def check(request: web.Request) -> web.Response:
    """POST /insurer: look a number up. Each look-up is kept, for the patient to see."""
    clerk = signed_in(request, Role.INSURER)
    form = await read(request, "number")
    try:
        async with work(request.app) as unit:
            answer = await insurer.look_up(
                unit.db,
                today(unit.now),
                insurer=clerk.insurer or "",
                clerk=clerk.id,
                number=form["number"],
            )
    except BadPolicyNumber:
        return _page(request, clerk, form, {"number": BAD_POLICY_NUMBER}, None)
    return _page(request, clerk, form, {}, answer)


def _page(
    request: web.Request,
    clerk: Person,
    form: Form,
    errors: Errors,
    answer: insurer.PolicyView | None,
) -> web.Response:
    return page(
        request,
        "insurer/check.html",
        form=form,
        errors=errors,
        view=answer,
        month=today(request.app[CLOCK]()),
        insurer=clerk.insurer or "",
        status=422 if errors else 200,
    )
