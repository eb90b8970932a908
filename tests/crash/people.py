"""Patients and doctors who go on, whatever happens to the service, and remember what it has said.

Each is a loop that looks where it stands, takes one step and notes what was acknowledged. When the
service dies they wait until it is back, and look again.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime

from aiohttp import ClientError

from tests.robot import Robot, robot
from venterom.queue import desk
from venterom.server.clock import utcnow
from venterom.server.db import Sessions
from venterom.server.demo.people import Doctor, Patient
from venterom.web.intake import ORDER, Step

PROMISED = re.compile(r'<time datetime="([^"]+)" class="at">')
OFFER = re.compile(r'name="offer" value="([^"]+)"')
PAUSE_S = 0.1  # before looking again; people are slower
DRAFTS = 3  # of each note
TAKE_BACK = "Trekk samtykket tilbake"
REASON = "Vondt i halsen"
PLAN = "Hvile og drikke"
Fields = dict[str, str]


@dataclass
class Draft:
    """A note as it was acknowledged, and what may have been stored after that."""

    version: int = 0
    text: str = ""
    tried: str = ""


@dataclass
class Acknowledged:
    """What the service has said to people, and must therefore know for ever."""

    offers: dict[str, datetime] = field(default_factory=dict)  # by their ids, as they were shown
    places: dict[str, datetime] = field(default_factory=dict)  # deadlines by visit
    consents: set[str] = field(default_factory=set)  # the visits at which one was given
    taken_back: set[str] = field(default_factory=set)  # and of these, those that hold no more
    drafts: dict[str, Draft] = field(default_factory=dict)  # by visit
    signed: dict[str, str] = field(default_factory=dict)  # the plan of the note by visit


@dataclass
class Town:
    """Where everybody lives: the service, whether it is up, and what it has acknowledged."""

    url: str
    sessions: Sessions
    known: Acknowledged = field(default_factory=Acknowledged)
    up: asyncio.Event = field(default_factory=asyncio.Event)
    busy: int = 0  # people in the middle of a step
    steps: int = 0  # that were taken so far

    async def rest(self) -> None:
        """Return when nobody does anything. The service is down, so nobody gets far."""
        self.up.clear()
        while self.busy:
            await asyncio.sleep(0.01)

    async def live(self, step: Callable[[Robot], Awaitable[None]], door: str, name: str) -> None:
        """Sign in once, and take one step after the other."""
        async with robot(self.url) as browser:
            signed_in = False
            while True:
                await self.up.wait()
                self.busy += 1
                try:
                    if not signed_in:
                        await browser.sign_in(door, name, "/")
                        signed_in = True
                    await step(browser)
                    self.steps += 1
                except (ClientError, TimeoutError):
                    pass  # whether it was done, they see when they look again
                finally:
                    self.busy -= 1


@dataclass
class Ill:
    """Somebody who asks for a doctor again and again."""

    town: Town
    who: Patient
    reached: int = 0  # the step of the way in that must not be asked for again
    shown: datetime | None = None  # the promise on the page of the offer
    agreed: bool = False  # on the way in that is under way
    stands: str = ""  # the visit at which the consent was given that holds now

    async def step(self, browser: Robot) -> None:
        """One page further."""
        page = await browser.open("/start")
        place = page.url.path.rsplit("/", 1)[1]
        if page.url.path.startswith("/visit/"):
            await self._wait(browser, place)
        else:
            await self._go_on(browser, Step(place))

    async def _go_on(self, browser: Robot, at: Step) -> None:
        assert ORDER.index(at) >= self.reached, f"asked for {at} again"
        match at:
            case Step.POLICY if self.stands:
                await self._take_back(browser)
                return
            case Step.POLICY:
                await browser.send("Neste", number=self.who.policy)
            case Step.WHO:
                await browser.send("Neste", who="me")
            case Step.REASON:
                await browser.send("Neste", reason=REASON)
            case Step.CONSENT:
                await browser.send("Samtykk", consent="yes")
            case Step.OFFER:
                await self._accept(browser)
        if browser.page.next:
            self.reached = ORDER.index(at) + 1
            self.agreed |= at is Step.CONSENT

    async def _take_back(self, browser: Robot) -> None:
        """Take the consent back, so that another one is asked for and given at this visit."""
        home = await browser.open("/mine")
        page = await browser.open(f"{home.url.path}/consents")
        if any(TAKE_BACK in text for form in page.forms for text in form.buttons):
            await browser.send(TAKE_BACK)
        self.town.known.taken_back.add(self.stands)
        self.stands = ""

    async def _accept(self, browser: Robot) -> None:
        offer, promised = OFFER.search(browser.page.text), PROMISED.search(browser.page.text)
        if offer is None or promised is None:  # no doctor is free soon enough
            await asyncio.sleep(PAUSE_S)
            return
        self.shown = datetime.fromisoformat(promised[1])
        self.town.known.offers[offer[1]] = self.shown
        answer = await browser.send("Ja, jeg venter")
        if answer.next.startswith("/visit/"):
            self._has_place(answer.next.rsplit("/", 1)[1])

    async def _wait(self, browser: Robot, visit: str) -> None:
        """The place is there, perhaps without the answer having come through."""
        self._has_place(visit)
        shown = PROMISED.search(browser.page.text)
        promised = self.town.known.places[visit]
        assert shown is None or datetime.fromisoformat(shown[1]) == promised, "another deadline"
        await asyncio.sleep(PAUSE_S)

    def _has_place(self, visit: str) -> None:
        self.reached = 0
        if visit not in self.town.known.places:
            assert self.shown is not None, "a place without a promise"
            self.town.known.places[visit] = self.shown
        if self.agreed:
            self.town.known.consents.add(visit)
            self.agreed, self.stands = False, visit


@dataclass
class OnDuty:
    """A doctor who takes one patient after the other."""

    town: Town
    who: Doctor
    visit: str = ""

    async def step(self, browser: Robot) -> None:
        """Take somebody, or go on with whom one has."""
        if not self.visit:
            await self._take(browser)
            return
        if not await self._has_note(browser):
            self.visit = ""  # signed; or the patient is somebody else's by now
            return
        await self._write(browser)
        await self._meet()
        await browser.say("POST", f"/doctor/visit/{self.visit}/hang-up")
        await self._sign(browser)

    async def _has_note(self, browser: Robot) -> bool:
        """Open the doctor's room: is the note there, or is the patient not here any more?"""
        page = await browser.open(f"/doctor/visit/{self.visit}")
        return page.url.path == f"/doctor/visit/{self.visit}" and 'id="note"' in page.text

    async def _take(self, browser: Robot) -> None:
        page = await browser.open("/doctor")
        if not any("Ta neste" in text for form in page.forms for text in form.buttons):
            await asyncio.sleep(PAUSE_S)
            return
        answer = await browser.send("Ta neste")
        if answer.next.startswith("/doctor/visit/"):
            self.visit = answer.next.rsplit("/", 1)[1]

    async def _write(self, browser: Robot) -> None:
        draft = self.town.known.drafts.setdefault(self.visit, Draft())
        version = int(browser.page.form("Signer og send").fields["version"])
        assert version >= draft.version, "an older note than the one that was acknowledged"
        if version > draft.version:  # what was tried last has been stored, though nobody was told
            draft.version, draft.text = version, draft.tried
        for number in range(DRAFTS):
            draft.tried = f"{PLAN}, utkast {version + 1}.{number}"
            said = await browser.say(
                "PUT",
                f"/doctor/visit/{self.visit}/note",
                {"version": version, "fields": note(draft.tried)},
            )
            if said.status != 200:
                return
            version = said.value["version"]
            draft.version, draft.text = version, draft.tried

    async def _meet(self) -> None:
        """A stand-in for sound and picture: what the room tells when both are seen."""
        async with self.town.sessions() as db, db.begin():
            await desk.connect(db, utcnow(), visit=self.visit)

    async def _sign(self, browser: Robot) -> None:
        plan = f"{PLAN}, signert for {self.visit}"
        if not await self._has_note(browser):
            return  # the machine was so slow that the lease ran out: looked at in the next step
        self.town.known.drafts[self.visit].tried = plan
        answer = await browser.send("Signer og send", **note(plan))
        if answer.next == f"/doctor/visit/{self.visit}":
            self.town.known.signed[self.visit] = plan


def note(plan: str) -> Fields:
    """A whole note."""
    return {
        "reason": "Sår hals",
        "findings": "Ser upåvirket ut på video",
        "assessment": "Forkjølelse",
        "plan": plan,
        "icpc2": "R74",
        "place": "Hjemme",
    }
