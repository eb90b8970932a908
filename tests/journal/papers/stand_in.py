"""STAND-IN for the national prescribing module. It is not the module, and has none of its secrets.

It speaks the shape of docs/prescribing.md over real HTTP and is strict: whatever is missing, of
another form, out of order or too late is refused, as the real one would. What a test wants to go
wrong it is told to do.
"""

import asyncio
import json
import re
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from aiohttp import web

from tests.journal.papers.serving import serving

SECRET = "what the gateway gave us"
FOUR_HOURS = timedelta(hours=4)
GUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
KODEVERK = "urn:oid:2.16.578.1.12.4.1.1."
RULES = {"200", "300", "301", "302", "950"}  # list 7427, of those that we send
BY_HOSPITAL = "950"
NEEDED = ("reseptdate", "expirationdate", "numberofpackages", "reit", "itemgroup", "typeresept")


class Refuse(Exception):
    """What was sent is not of the contract."""


@dataclass
class StandIn:
    """One invented national register."""

    clock: Callable[[], datetime]
    held: dict[str, dict[str, Any]] = field(default_factory=dict)  # ReseptID -> what is held
    asked: dict[str, datetime] = field(default_factory=dict)  # list id -> when it was asked for
    wants: list[str] = field(default_factory=list)  # faults, one for each request to come
    heard: list[str] = field(default_factory=list)
    hospital_doctors: set[str] = field(default_factory=set)  # HPR numbers that a trust has let in
    hospital_medicines: set[str] = field(default_factory=set)  # FEST ids that the trusts pay for

    async def get_medication(self, request: web.Request) -> web.Response:
        """POST /Patient/$getMedication"""
        return await self._answer(request, "get", self._get)

    async def send_medication(self, request: web.Request) -> web.Response:
        """POST /Patient/$sendMedication"""
        return await self._answer(request, "send", self._send)

    async def _answer(
        self, request: web.Request, name: str, do: Callable[[Any], dict[str, Any]]
    ) -> web.Response:
        self.heard.append(name)
        fault = self.wants.pop(0) if self.wants else ""
        if fault.isdecimal():
            return web.Response(status=int(fault), text="not now")
        if fault == "nonsense":
            return web.Response(text="<html>maintenance</html>", content_type="text/html")
        if fault == "empty":
            return web.json_response({"resourceType": "Parameters", "parameter": []})
        if request.headers.get("Authorization") != f"Bearer {SECRET}":
            return web.Response(status=401)
        if not request.headers.get("X-Prescriber-HPR", "").isdecimal():
            return web.Response(status=400, text="no prescriber")
        try:
            answer = do(json.loads(await request.text()))
        except (Refuse, KeyError, TypeError, ValueError, IndexError) as refused:
            return web.Response(status=422, text=repr(refused))
        if fault == "lost":  # done, and the answer never comes
            assert request.transport is not None
            request.transport.close()
        if fault == "silent":  # done, and the caller waits until it has had enough
            await asyncio.Event().wait()
        if fault == "half":
            answer["parameter"] = answer["parameter"][:1]
        if fault == "other":
            answer = json.loads(json.dumps(answer).replace('"0"', '"17"'))
        return web.json_response(answer)

    def _get(self, sent: Any) -> dict[str, Any]:
        (parameter,) = sent["parameter"]
        _same(sent["resourceType"], "Parameters")
        _same(parameter["name"], "patient")
        (number,) = parameter["resource"]["identifier"]
        _like(re.compile(r"\d{11}"), number["value"])
        list_id = f"list-{len(self.asked)}"
        self.asked[list_id] = self.clock()
        entries = [
            {"resource": {"resourceType": "Composition", "identifier": {"value": list_id}}},
            *({"resource": _statement(each, held)} for each, held in self.held.items()),
        ]
        bundle = {"resourceType": "Bundle", "type": "document", "entry": entries}
        return {
            "resourceType": "Parameters",
            "parameter": [{"name": "medication", "resource": bundle}],
        }

    def _send(self, sent: Any) -> dict[str, Any]:
        (parameter,) = sent["parameter"]
        bundle = parameter["resource"]
        _same(parameter["name"], "medication")
        _same((bundle["resourceType"], bundle["type"]), ("Bundle", "document"))
        urls = {each["fullUrl"]: each["resource"] for each in bundle["entry"]}
        head = bundle["entry"][0]["resource"]
        _same(head["resourceType"], "Composition")
        self._fresh(head["relatesTo"][0]["targetIdentifier"]["value"])
        (statement,) = [each for each in urls.values() if _is(each, "MedicationStatement")]
        for reference in ("medicationReference", "subject", "informationSource"):
            urls[statement[reference]["reference"]]  # names something of the bundle
        said = _said(statement)
        self._may_be_billed(said, urls, statement)
        (number,) = statement["identifier"]
        _like(GUID, number["value"])
        if said["createeresept"]:
            return self._create(number["value"], said)
        return self._recall(number["value"], said)

    def _fresh(self, list_id: str) -> None:
        if self.clock() - self.asked[list_id] > FOUR_HOURS:
            raise Refuse("older than four hours")

    def _may_be_billed(
        self, said: dict[str, Any], urls: dict[str, Any], statement: dict[str, Any]
    ) -> None:
        """Who pays: by a rule that is one, for a coded reason, and H of whom and what may."""
        medication = urls[statement["medicationReference"]["reference"]]
        by_hospital = medication["code"]["coding"][0]["code"] in self.hospital_medicines
        rule = _coding(said, "reimbursementparagraph", ("7427",))
        if rule not in {"", *RULES} or (by_hospital and rule not in ("", BY_HOSPITAL)):
            raise Refuse(f"nobody pays by {rule}")
        lists = ("7110",) if rule == BY_HOSPITAL else ("7434", "7435")
        code = _coding(said, "reimbursementcode", lists)
        if bool(code) < (rule in ("200", BY_HOSPITAL)) or bool(code) > bool(rule):
            raise Refuse("a code without a rule, or a rule without its code")
        (doctor,) = urls[statement["informationSource"]["reference"]]["identifier"]
        if rule == BY_HOSPITAL and not (by_hospital and doctor["value"] in self.hospital_doctors):
            raise Refuse("no H-prescription of this, or of this doctor's")

    def _create(self, number: str, said: dict[str, Any]) -> dict[str, Any]:
        if number in self.held:
            raise Refuse("there already")
        for name in NEEDED:
            if name not in said:
                raise Refuse(name)
        for name in ("reseptdate", "expirationdate"):
            _like(DAY, said[name])
        reference = ""
        if said["lockedresept"]:
            _same(said["refnum"], "0")
            reference = f"REF{len(self.held):06d}"
        self.held[number] = {"said": said, "reference": reference, "recalled": False}
        return _result("prescriptionCount", number, "0", reference)

    def _recall(self, number: str, said: dict[str, Any]) -> dict[str, Any]:
        if number not in self.held or self.held[number]["recalled"]:
            raise Refuse("nothing to recall")
        self.held[number]["recalled"] = True
        return _result("recallCount", number, "1", "")


def running(module: StandIn) -> AbstractAsyncContextManager[str]:
    """The stand-in on a port of this machine; its address."""
    routes = [
        web.post("/Patient/$getMedication", module.get_medication),
        web.post("/Patient/$sendMedication", module.send_medication),
    ]
    return serving(routes)


def _statement(number: str, held: dict[str, Any]) -> dict[str, Any]:
    inner = [{"url": "refnum", "valueString": held["reference"]}] if held["reference"] else []
    return {
        "resourceType": "MedicationStatement",
        "identifier": [{"type": {"text": "ReseptId"}, "value": number}],
        "extension": [{"url": "sfm-reseptamendment", "extension": inner}],
    }


def _said(statement: Any) -> dict[str, Any]:
    (amendment,) = [
        each["extension"]
        for each in statement["extension"]
        if each["url"].endswith("sfm-reseptamendment")
    ]
    return {each["url"]: next(v for k, v in each.items() if k != "url") for each in amendment}


def _coding(said: dict[str, Any], name: str, lists: tuple[str, ...]) -> str:
    """The code of a field, of one of these lists; "" where the field is missing."""
    if name not in said:
        return ""
    (coding,) = said[name]["coding"]
    if coding["system"] not in {KODEVERK + each for each in lists} or not coding["code"]:
        raise Refuse(f"{name} is of another list")
    return str(coding["code"])


def _result(counter: str, number: str, code: str, reference: str) -> dict[str, Any]:
    parts: list[dict[str, Any]] = [
        {"name": "reseptID", "valueString": number},
        {"name": "resultCode", "valueCoding": {"code": code}},
    ]
    if reference:
        parts.append({"name": "refnum", "valueString": reference})
    return {
        "resourceType": "Parameters",
        "parameter": [
            {"name": counter, "valueInteger": 1},
            {"name": "prescriptionOperationResult", "part": parts},
        ],
    }


def _is(resource: Any, kind: str) -> bool:
    return bool(resource["resourceType"] == kind)


def _same(said: object, wanted: object) -> None:
    if said != wanted:
        raise Refuse(f"{said!r} is not {wanted!r}")


def _like(form: re.Pattern[str], said: str) -> None:
    if not form.fullmatch(said):
        raise Refuse(f"{said!r} is not of its form")
