"""The insurer's first page: one number, one answer, and how often it was used in past months.

Of everything that this service knows, this module can reach the insurer's own register and nothing
else: it imports no room, no waiting list and no record (a test holds it to that).
"""

from aiohttp import web

from venterom.queue.coverage import insurer
from venterom.queue.coverage.errors import BadPolicyNumber
from venterom.web.forms import BAD_POLICY_NUMBER, Errors, Form, read
from venterom.web.pages import page
from venterom.web.portal.desk import at_desk
from venterom.web.text import today
from venterom.web.work import work


async def check_page(request: web.Request) -> web.Response:
    """GET /insurer"""
    _clerk, company = at_desk(request)
    return _page(request, company, {"number": ""}, {}, None)


async def check(request: web.Request) -> web.Response:
    """POST /insurer: look a number up. Each look-up is kept, for the patient to see."""
    clerk, company = at_desk(request)
    form = await read(request, "number")
    try:
        async with work(request.app) as unit:
            answer = await insurer.look_up(
                unit.db,
                today(unit.now),
                insurer=company,
                clerk=clerk.id,
                number=form["number"],
            )
    except BadPolicyNumber:
        return _page(request, company, form, {"number": BAD_POLICY_NUMBER}, None)
    return _page(request, company, form, {}, answer)


def _page(
    request: web.Request,
    company: str,
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
        insurer=company,
        here="/insurer",
        status=422 if errors else 200,
    )
