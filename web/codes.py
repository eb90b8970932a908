"""The diagnosis codes, while a doctor types."""

from aiohttp import web

from venterom.journal import coding, icpc2
from venterom.web.identity.roles import Role
from venterom.web.pages import as_json
from venterom.web.session import signed_in
from venterom.web.work import look

LONGEST = 60  # characters of what is looked for; more words than that find nothing


async def find(request: web.Request) -> web.Response:
    """GET /doctor/icpc2?q=… -> `{"found": [{"code": "R76", "term": "…"}, …]}`, the likeliest first.

    What is looked for says nothing of whom it is about.
    """
    signed_in(request, Role.DOCTOR)
    async with look(request.app) as unit:
        terms = await coding.terms(unit.db)
    found = icpc2.search(terms, request.query.get("q", "")[:LONGEST])
    return as_json({"found": [{"code": code, "term": term} for code, term in found]})
