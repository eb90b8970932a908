"""Everybody's telephone, on one page: the messages that a real service would send by SMS.

The crowd's are left out: robots read none, and a person looks for their own.
"""

from aiohttp import web

from venterom.server.demo.identity import page
from venterom.server.demo.people import world
from venterom.server.jobs import POST
from venterom.server.notify import feed
from venterom.web.identity import people
from venterom.web.keys import IDENTITY_KEYS, PUBLIC_URL
from venterom.web.text import clock, today
from venterom.web.work import look

LATEST = 500  # messages to look among: hours of them, however many of the crowd come
SERVICE = web.AppKey[web.Application]("SERVICE")


def add(provider: web.Application, service: web.Application) -> None:
    """Add the pages that show the service's doors and its messages."""
    provider[SERVICE] = service
    provider.router.add_get("/", doors)
    provider.router.add_get("/inbox", inbox)


async def doors(request: web.Request) -> web.Response:
    """GET /"""
    return page(request, "doors.html", url=request.app[SERVICE][PUBLIC_URL])


async def inbox(request: web.Request) -> web.Response:
    """GET /inbox: the newest first."""
    service = request.app[SERVICE]
    async with look(service) as unit:
        sent = await feed.inbox(unit.db, service[POST], LATEST)
        robots = {patient.who.name for patient in world(today(unit.now)).crowd}
        persons = {message.person for message in sent}
        known = await people.persons(unit.db, service[IDENTITY_KEYS], persons)
    messages = [
        {
            "to": known[message.person].name,
            "at": clock(message.at),
            "parts": message.text.partition(message.link),
        }
        for message in sent
        if known[message.person].name not in robots
    ]
    return page(request, "inbox.html", messages=messages)
