"""STAND-INS for the register of health personnel and for the population registry. They are neither,
and hold invented people only.

They speak docs/hpr.md and docs/population.md over real HTTP and are strict: whatever is missing or
of another form is refused, and nothing is answered that the real ones would not. What a test wants
to go wrong they are told to do.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from aiohttp import web

from venterom.server.demo.people import World

HPR_PATH, POPULATION_PATH = "/registers/hpr", "/registers/population"
HPR_NUMBER = re.compile(r"[0-9]{1,9}")
NATIONAL_NUMBER = re.compile(r"[0-9]{11}")


@dataclass
class Registers:
    """Both, and what they know. `secret`: what a gateway would have given us; "" asks for none."""

    doctors: dict[str, list[dict[str, Any]]] = field(
        default_factory=dict
    )  # HPR number -> approvals
    persons: dict[str, dict[str, Any]] = field(default_factory=dict)  # by national number
    secret: str = field(default="", repr=False)
    faults: list[str] = field(default_factory=list)  # one for each question to come
    asked: list[str] = field(default_factory=list)  # of which register, in order

    def add_to(self, app: web.Application) -> None:
        """Let it answer there."""
        app.router.add_post(HPR_PATH, self.hpr)
        app.router.add_post(POPULATION_PATH, self.population)

    def born(self, number: str, birth_date: date, *parents: str) -> None:
        """Somebody is in the population registry, and these answer for them."""
        self.persons[number] = {
            "found": True,
            "folkeregisteridentifikator": [
                {"erGjeldende": True, "foedselsEllerDNummer": number, "status": "iBruk"}
            ],
            "status": [{"erGjeldende": True, "status": "bosatt"}],
            "foedsel": [{"erGjeldende": True, "foedselsdato": birth_date.isoformat()}],
            "foreldreansvar": [
                {"erGjeldende": True, "ansvar": "felles", "ansvarlig": parent} for parent in parents
            ],
        }

    async def hpr(self, request: web.Request) -> web.Response:
        """POST /registers/hpr"""
        return await self._answer(request, "hpr", "hpr_number", HPR_NUMBER, self._doctor)

    async def population(self, request: web.Request) -> web.Response:
        """POST /registers/population"""
        name = "foedselsEllerDNummer"
        return await self._answer(request, "population", name, NATIONAL_NUMBER, self._person)

    def _doctor(self, number: str) -> dict[str, Any]:
        return {"hpr_number": number, "approvals": self.doctors.get(number, [])}

    def _person(self, number: str) -> dict[str, Any]:
        return self.persons.get(number, {"found": False})

    async def _answer(
        self,
        request: web.Request,
        register: str,
        field: str,
        form: re.Pattern[str],
        look_up: Callable[[str], dict[str, Any]],
    ) -> web.Response:
        self.asked.append(register)
        if self.secret and request.headers.get("Authorization") != f"Bearer {self.secret}":
            return web.Response(status=401)
        try:
            sent = json.loads(await request.text())
            (number,) = (sent.pop(field),)
            if sent or not form.fullmatch(number):
                raise ValueError
        except (ValueError, KeyError, TypeError, AttributeError):
            return web.Response(status=400)
        fault = self.faults.pop(0) if self.faults else ""
        if fault.isdecimal():  # with what nobody must take for «not found»
            none = {"found": False, field: number, "approvals": []}
            return web.json_response(none, status=int(fault))
        if fault:
            return web.Response(text=fault, content_type="application/json")
        return web.json_response(look_up(number))


def approval(
    profession: str = "LE", authorization: str = "1", rights: tuple[str, ...] = ("1",), **more: Any
) -> dict[str, Any]:
    """One right as the register says it."""
    return {
        "profession": profession,
        "authorization": {"value": authorization, "description": ""},
        "requisition_rights": [{"value": each, "description": ""} for each in rights],
        **more,
    }


def of(world: World) -> Registers:
    """What they would hold of the invented world: every doctor, and each family."""
    made = Registers({each.hpr_number: [approval()] for each in world.doctors})
    for family in (*world.patients, *world.crowd):
        made.born(family.who.number, family.who.birth_date)
        for child in family.children:
            made.born(child.number, child.birth_date, family.who.number)
    return made
