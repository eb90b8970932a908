"""A robot that is a patient: in by the front door, through the forms, wait, meet, read, go."""

import asyncio
from collections.abc import Awaitable, Callable, Collection

from venterom.rtc.protocol import Replaced
from venterom.server.demo.crowd.behaviour import JOINING, READING, SLOTS, Coming, Wish
from venterom.server.demo.crowd.pages import Page, Unexpected
from venterom.server.demo.crowd.room import enter
from venterom.server.demo.crowd.tempo import Tempo
from venterom.server.demo.crowd.visitor import Live, State, Visitor
from venterom.server.demo.people import Patient

MOST_PAGES = 12  # of the way in: five steps, and a few offers that were no longer good
READS_ON = 5.0  # minutes after the call in which the doctor's words are waited for
AGAIN_S = 1.0  # between two looks at a visit that is changing just now


class PatientRobot:
    """One patient at one browser; `doctors` are the names of the doctors who are robots too."""

    def __init__(
        self, visitor: Visitor, tempo: Tempo, patient: Patient, doctors: Collection[str]
    ) -> None:
        self._visitor = visitor
        self._tempo = tempo
        self._patient = patient
        self._doctors = doctors
        self._misses = 0
        self._gives_up: float | None = None  # when, by the loop's clock; None: never

    async def come(self, coming: Coming) -> None:
        """Come for a reason, and stay until it is over. Raises Unexpected."""
        front = await self._visitor.open("/")
        if "/start" not in front.links:
            raise Unexpected("/: there is no way in")
        self._misses = coming.misses
        await self._tempo.dawdle(READING)
        await self._stay(await self._way_in(await self._visitor.open("/start"), coming))

    async def come_back(self) -> None:
        """See whether a visit is open from the last time, and stay if one is. Raises Unexpected."""
        await self._stay(await self._visitor.open("/start"))

    async def _stay(self, page: Page) -> None:
        if page.path.startswith("/visit/"):
            await self._be_there(page)
        front = await self._visitor.open("/")
        await self._visitor.submit(front, front.form("/sign-out"))

    # ---- the way in

    async def _way_in(self, page: Page, coming: Coming) -> Page:
        """From step to step into the waiting room, or home when there is no time to have."""
        steps: dict[str, Callable[[Page, Coming], Awaitable[Page]]] = {
            "/start/policy": self._policy,
            "/start/who": self._who,
            "/start/reason": self._reason,
            "/start/consent": self._consent,
            "/start/offer": self._offer,
        }
        for _ in range(MOST_PAGES):
            if page.path not in steps:
                return page
            await self._tempo.dawdle(READING)
            page = await steps[page.path](page, coming)
        raise Unexpected(f"{page.route}: the way in does not end")

    async def _policy(self, page: Page, _coming: Coming) -> Page:
        form = page.asking("number")
        return await self._visitor.submit(page, form, number=self._patient.policy)

    async def _who(self, page: Page, coming: Coming) -> Page:
        form = page.asking("who", "name", "birth_date", "national_number")
        if coming.child is None:
            return await self._visitor.submit(page, form, who="me")
        child = self._patient.children[coming.child]
        return await self._visitor.submit(
            page,
            form,
            who="new",
            name=child.name,
            birth_date=child.birth_date.strftime("%d.%m.%Y"),
            national_number=child.number,
        )

    async def _reason(self, page: Page, coming: Coming) -> Page:
        return await self._visitor.submit(
            page, page.asking("reason"), reason=coming.complaint.words
        )

    async def _consent(self, page: Page, _coming: Coming) -> Page:
        form = page.asking("consent", "version", "language")
        both = {name: "yes" for name in ("consent", "own_yes") if name in form.choices}
        return await self._visitor.submit(page, form, **both)

    async def _offer(self, page: Page, coming: Coming) -> Page:
        """Now or later, whichever was wished for, else the other; else it has to do without."""
        now, slots = page.buttons("offer"), page.buttons("slot")
        if now and not (slots and coming.wish is Wish.SLOT):
            patience = self._tempo.seconds(coming.patience)
            self._gives_up = asyncio.get_running_loop().time() + patience
            return await self._visitor.submit(page, *now[0])
        if slots:
            return await self._visitor.submit(page, *self._tempo.chance.choice(slots[:SLOTS]))
        return await self._visitor.open("/")

    # ---- the visit

    async def _be_there(self, page: Page) -> None:
        """From the waiting room to the doctor's last word; whatever is lost begins again."""
        visit = page.path
        async with self._visitor.live(page) as live:
            while (state := await self._called(live, visit)).view == "waiting":
                if not _is_ready(state, visit):
                    if await self._give_up(visit):
                        return
                    self._gives_up = None  # the doctor was faster
                else:
                    await self._answer(live, visit)
                await asyncio.sleep(AGAIN_S)
            await self._read(live)

    async def _called(self, live: Live, visit: str) -> State:
        """What has come: the doctor, the end of the visit, or the end of one's patience."""
        try:
            async with asyncio.timeout_at(self._gives_up):
                return await live.until(
                    lambda state: state.view != "waiting" or _is_ready(state, visit)
                )
        except TimeoutError:
            return await live.until(lambda _: True)

    async def _give_up(self, visit: str) -> bool:
        """Give the place up, if that can still be done."""
        page = await self._visitor.open(visit)
        form = page.find(f"{visit}/leave")
        if form is None:
            return False
        await self._visitor.submit(page, form)
        return True

    async def _answer(self, live: Live, visit: str) -> None:
        """Meet the doctor, unless this is a call that is missed. People are not kept waiting."""
        page = await self._visitor.open(f"{visit}/room")
        if page.path == visit:
            return  # the doctor has gone again
        if self._misses and page.mark("far-name") in self._doctors:
            self._misses -= 1
            await live.until(lambda state: not _is_ready(state, visit))
            return
        await self._tempo.dawdle(JOINING)
        async with enter(page, self._visitor.name) as peer:
            await peer.over()
        if isinstance(peer.ended, Replaced):
            raise Unexpected(f"{page.route}: somebody else has taken the seat")

    async def _read(self, live: Live) -> None:
        """Wait for what the doctor has decided, for a while. A page that leads on is the last."""
        try:
            async with asyncio.timeout(self._tempo.seconds(READS_ON)):
                await live.until(lambda state: bool({"/", "/start"} & state.page.links.keys()))
        except TimeoutError:
            return


def _is_ready(state: State, visit: str) -> bool:
    """Whether the doctor is in the room, or on the way to it."""
    return state.view == "waiting" and f"{visit}/room" in state.page.links
