"""Every address for insurers' programs."""

from aiohttp import web

from venterom.web.insurer_api import eligibility, exchange, openapi, paths, policies


def routes() -> list[web.AbstractRouteDef]:
    """They are described in `openapi.py`; a test holds the two together."""
    return [
        web.post(paths.TOKEN, exchange.give),
        web.post(paths.ELIGIBILITY, eligibility.check),
        web.put(paths.POLICY, policies.put),
        web.post(paths.POLICIES, policies.post),
        web.get(paths.OPENAPI, openapi.show),
    ]
