"""STAND-IN for NAV, and for the gateway before it. It is neither, and has none of their secrets.

It speaks the shape of docs/sicknotes.md over real HTTP and is strict: whatever is missing, of
another form, out of order or not of NAV's rules is rejected by an AppRec, as the real one would.
Whether the receipt comes at once, later or never, and what else goes wrong, a test tells it.
"""

import asyncio
import hashlib
import re
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import date, datetime
from xml.etree.ElementTree import Element, fromstring

from aiohttp import web

from tests.journal.papers.serving import serving

SECRET = "what NAV's gateway gave us"
LISTS = "2.16.578.1.12.4.1.1."
HEAD = "{http://www.kith.no/xmlstds/msghead/2006-05-24}"
NOTE = "{http://www.kith.no/xmlstds/HelseOpplysningerArbeidsuforhet/2013-10-01}"
COMMON = "{http://www.kith.no/xmlstds/felleskomponent1}"  # of numbers and telephones within a note
GUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
NUMBER = re.compile(r"[0-9]{11}")
ICPC2 = re.compile(r"[ABDFHKLNPRSTUWXY](?:0[1-9]|[12][0-9]|[7-9][0-9])")  # symptom or diagnosis
ORDER = (  # of the parts of the sick note that we send; the schema knows more
    *("RegelSettVersjon", "SyketilfelleStartDato", "Pasient", "Arbeidsgiver", "MedisinskVurdering"),
    *("Aktivitet", "MeldingTilNav", "KontaktMedPasient", "Behandler", "AvsenderSystem"),
    "Strekkode",
)


class Rejected(Exception):
    """NAV would not take it."""


@dataclass
class NavStandIn:
    """One invented NAV."""

    taken: dict[str, bytes] = field(default_factory=dict)  # message id -> what was handed over
    seen: dict[str, str] = field(default_factory=dict)  # hash of a content -> of which message
    receipts: dict[str, str] = field(default_factory=dict)  # that NAV has given
    keeps_waiting: bool = False  # NAV gives no receipts for now
    wants: list[str] = field(default_factory=list)  # faults, one for each request to come
    heard: list[str] = field(default_factory=list)

    async def ask(self, request: web.Request) -> web.StreamResponse:
        """GET /messages/{id}"""
        return await self._answer(request, b"")

    async def take(self, request: web.Request) -> web.StreamResponse:
        """PUT /messages/{id}"""
        return await self._answer(request, await request.read())

    async def _answer(self, request: web.Request, sent: bytes) -> web.StreamResponse:
        self.heard.append(request.method)
        name, fault = request.match_info["id"], self.wants.pop(0) if self.wants else ""
        if fault.isdecimal():
            return web.Response(status=int(fault), text="not now")
        if request.headers.get("Authorization") != f"Bearer {SECRET}":
            return web.Response(status=401)
        if sent and name not in self.taken:
            self.taken[name] = sent
        if name in self.taken and name not in self.receipts and not self.keeps_waiting:
            no = fault == "reject"
            self.receipts[name] = apprec(name, "2") if no else self._judge(name, self.taken[name])
        if fault == "lost":  # done, and the answer never comes
            assert request.transport is not None
            request.transport.close()
        if fault == "silent":  # done, and the caller waits until it has had enough
            await asyncio.Event().wait()
        if fault == "endless":  # without a word of how long it is
            return await _without_end(request)
        return self._said(name, fault)

    def _said(self, name: str, fault: str) -> web.Response:
        if name not in self.taken:
            return web.Response(status=404)
        if name not in self.receipts:
            return web.Response(status=202)
        said = self.receipts[name]
        if fault == "nonsense":
            said = "<html>maintenance</html>"
        if fault == "cut":
            said = said[:-20]
        if fault == "other":
            said = said.replace(name, "11111111-2222-4333-8444-999999999999")
        return web.Response(text=said, content_type="application/xml")

    def _judge(self, name: str, sent: bytes) -> str:
        try:
            self._read(name, sent)
        except (Rejected, AttributeError, ValueError, KeyError) as refused:
            return apprec(name, "2", error=repr(refused))
        return apprec(name, "1")

    def _read(self, name: str, sent: bytes) -> None:
        head = fromstring(sent)
        _same(head.tag, f"{HEAD}MsgHead")
        info = _the(head, f"{HEAD}MsgInfo")
        _same(_the(info, f"{HEAD}Type").get("V"), "SYKMELD")
        _same(_text(info, f"{HEAD}MIGversion"), "v1.2 2006-05-24")
        _same(_text(info, f"{HEAD}MsgId"), name)
        _like(GUID, name)
        _ident(_the(info, f"{HEAD}Receiver/{HEAD}Organisation"), "Ident", "HER", "9051", "79768")
        sender = _the(info, f"{HEAD}Sender/{HEAD}Organisation")
        _ident(sender, "Ident", "HER", "9051")
        _ident(_the(sender, f"{HEAD}HealthcareProfessional"), "Ident", "HPR", "8116")
        note = _the(head, f"{HEAD}Document/{HEAD}RefDoc/{HEAD}Content/{NOTE}{NOTE_NAME}")
        _same(tuple(part.tag.removeprefix(NOTE) for part in note), ORDER)
        _note(note)
        # As NAV's own: two notes that say the same are one, whatever they are called.
        content = hashlib.sha256(ascii(_all(note)).encode()).hexdigest()
        if self.seen.setdefault(content, name) != name:
            raise Rejected("a duplicate")


NOTE_NAME = "HelseOpplysningerArbeidsuforhet"


def _note(note: Element) -> None:
    number = _text(note, f"{NOTE}Pasient/{NOTE}Fodselsnummer/{COMMON}Id")
    _like(NUMBER, number)
    diagnosis = _the(note, f"{NOTE}MedisinskVurdering/{NOTE}HovedDiagnose/{NOTE}Diagnosekode")
    _same(diagnosis.get("S"), f"{LISTS}7170")
    _like(ICPC2, diagnosis.get("V", ""))
    if not diagnosis.get("DN"):
        raise Rejected("a diagnosis without words")
    employers = _the(note, f"{NOTE}Arbeidsgiver/{NOTE}HarArbeidsgiver")
    if employers.get("V") not in {"1", "2", "3"} or employers.attrib.keys() != {"V", "DN"}:
        raise Rejected("nothing of an employer")
    _period(note)
    _ident(_the(note, f"{NOTE}Behandler"), f"{NOTE}Id", "HPR", "8116", space=COMMON)
    _the(note, f"{NOTE}Behandler/{NOTE}KontaktInfo/{COMMON}TeleAddress")


def _period(note: Element) -> None:
    first, last = (
        date.fromisoformat(_text(note, f"{NOTE}Aktivitet/{NOTE}Periode/{NOTE}{name}"))
        for name in ("PeriodeFOMDato", "PeriodeTOMDato")
    )
    met = datetime.fromisoformat(_text(note, f"{NOTE}KontaktMedPasient/{NOTE}BehandletDato"))
    if first < met.date() or last < first or (last - first).days >= 365:
        raise Rejected("a period that is none")
    period = _the(note, f"{NOTE}Aktivitet/{NOTE}Periode")
    kinds = {each.tag.removeprefix(NOTE) for each in period[2:]}
    if kinds == {"GradertSykmelding"}:
        degree = int(_text(period, f"{NOTE}GradertSykmelding/{NOTE}Sykmeldingsgrad"))
        _same(period[2][0].tag, f"{NOTE}Sykmeldingsgrad")  # first, says the schema
        if not 20 <= degree <= 99:
            raise Rejected("a degree that is none")
    elif kinds != {"AktivitetIkkeMulig"}:
        raise Rejected("no kind of absence, or two")


def apprec(of: str, status: str, *, error: str = "", form: str = "2004-11-21") -> str:
    """What NAV answers to a message."""
    said = f'<Error V="X99" DN="{error.translate(_QUOTES)}"/>' if error else ""
    return (
        f'<AppRec xmlns="http://www.kith.no/xmlstds/apprec/{form}"><MsgType V="APPREC"/>'
        f"<MIGversion>1.0 2004-11-21</MIGversion><GenDate>2026-11-24T12:00:00</GenDate>"
        f'<Id>receipt-of-{of}</Id><Status V="{status}" DN="x"/>{said}<OriginalMsgId>'
        f'<MsgType V="SYKMELD"/><IssueDate>2026-11-24T12:00:00</IssueDate><Id>{of}</Id>'
        f"</OriginalMsgId></AppRec>"
    )


_QUOTES = str.maketrans("\"'<>&", "     ")


def running(nav: NavStandIn) -> AbstractAsyncContextManager[str]:
    """The stand-in on a port of this machine; its address."""
    routes = [web.get("/messages/{id}", nav.ask), web.put("/messages/{id}", nav.take)]
    return serving(routes)


def _the(parent: Element, path: str) -> Element:
    found = parent.findall(path)
    if len(found) != 1:
        raise Rejected(f"{path}: {len(found)}")
    return found[0]


def _text(parent: Element, path: str) -> str:
    said = (_the(parent, path).text or "").strip()
    if not said:
        raise Rejected(f"{path}: empty")
    return said


async def _without_end(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "application/xml"})
    await response.prepare(request)
    while True:  # until whoever asked has had enough
        await response.write(b" " * 65_536)


def _ident(
    parent: Element, tag: str, kind: str, of: str, number: str = "", space: str = HEAD
) -> None:
    for each in parent.findall(tag if tag.startswith("{") else f"{space}{tag}"):
        typed = _the(each, f"{space}TypeId")
        if (typed.get("V"), typed.get("S")) == (kind, LISTS + of):
            said = _text(each, f"{space}Id")
            if said.isdecimal() and said == (number or said):
                return
    raise Rejected(f"no {kind}")


def _all(note: Element) -> list[tuple[str, str, list[tuple[str, str]]]]:
    said = (each for each in note.iter() if each.tag != f"{NOTE}Strekkode")
    return [(each.tag, each.text or "", sorted(each.items())) for each in said]


def _same(said: object, wanted: object) -> None:
    if said != wanted:
        raise Rejected(f"{said!r} is not {wanted!r}")


def _like(form: re.Pattern[str], said: str) -> None:
    if not form.fullmatch(said):
        raise Rejected(f"{said!r} is not of its form")
