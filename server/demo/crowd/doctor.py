"""A robot that is a doctor: on shift, take the next, meet, write, sign, and in the end rest."""

import asyncio
import contextlib
import json
from dataclasses import asdict

from venterom.rtc.peer import Peer
from venterom.server.demo.crowd.behaviour import RINGING, Round, Stint, may_rest, rounds
from venterom.server.demo.crowd.complaints import note_on
from venterom.server.demo.crowd.pages import Page, Unexpected
from venterom.server.demo.crowd.room import enter
from venterom.server.demo.crowd.tempo import Tempo
from venterom.server.demo.crowd.visitor import Visitor

LIST, SHIFT, NEXT, VISIT = "/doctor", "/doctor/shift", "/doctor/next", "/doctor/visit/"
LONG_ENOUGH = 6  # the place among the half hours that a shift may last to: three hours or so
AGAIN_S = 1.0  # before looking again at what was not finished the first time
LEAST_RING_S = 15.0  # however fast time passes, a connection takes its time


class DoctorRobot:
    """One doctor at one browser."""

    def __init__(self, visitor: Visitor, tempo: Tempo) -> None:
        self._visitor = visitor
        self._tempo = tempo
        self._rounds = rounds(tempo.chance)

    async def work(self, stint: Stint) -> None:
        """Go on shift, see patients until it is time to rest, go off shift. Raises Unexpected."""
        began = asyncio.get_running_loop().time()
        await self._change_shift("on")
        while True:
            page = await self._visitor.open(LIST)
            if await self._finish(page):
                await asyncio.sleep(AGAIN_S)
                continue
            somebody_waits = page.find(NEXT) is not None
            if self._may_rest(began, stint, anybody_waits=somebody_waits):
                break
            each = next(self._rounds)
            rest_at = None if somebody_waits else began + self._tempo.seconds(stint.work)
            room = await self._next(page, each, rest_at)
            if room is not None:
                await self._see(room, each)
        await self._change_shift("off")
        page = await self._visitor.open(LIST)
        await self._visitor.submit(page, page.form("/doctor/sign-out"))

    async def _change_shift(self, act: str) -> None:
        page = await self._visitor.open(SHIFT)
        form = page.asking("until", "act")
        until = form.choices["until"][LONG_ENOUGH]
        button = next((each for each in form.buttons if each.value == act), None)
        if button is None:
            raise Unexpected(f"{page.route}: the shift cannot be turned {act}")
        await self._visitor.submit(page, form, button, until=until)

    def _may_rest(self, began: float, stint: Stint, *, anybody_waits: bool) -> bool:
        worked = (asyncio.get_running_loop().time() - began) / self._tempo.seconds(1)
        return may_rest(worked, stint, anybody_waits)

    async def _finish(self, page: Page) -> bool:
        """Go on with a patient, or a note, that the list says is still one's own."""
        for path, keep in page.links.items():
            if path.startswith(VISIT) and (keep == "take" or keep.startswith("note-")):
                own = await self._visitor.open(path)
                if own.find(f"{path}/sign") is not None:
                    await self._see(own, next(self._rounds), is_over=keep != "take")
                    return True
        return False

    async def _next(self, page: Page, each: Round, rest_at: float | None) -> Page | None:
        """The room of the next patient; None when nobody comes, or another doctor was faster."""
        async with self._visitor.live(page) as live:
            try:
                async with asyncio.timeout_at(rest_at):
                    state = await live.until(lambda state: state.page.find(NEXT) is not None)
            except TimeoutError:
                return None
            await self._tempo.wait(each.look)
            taken = await self._visitor.submit(page, state.page.form(NEXT))
        return taken if "room" in taken.marks else None

    async def _see(self, page: Page, each: Round, *, is_over: bool = False) -> None:
        """Meet the patient and write the note. The open page is the doctor's sign of life."""
        async with self._visitor.live(page):
            if is_over or await self._talk(page, each):
                await self._write(page, each)

    async def _talk(self, page: Page, each: Round) -> bool:
        """Whether there was a call, and it is over; if not, the list knows how to go on."""
        ringing = max(LEAST_RING_S, self._tempo.seconds(RINGING))
        async with enter(page, self._visitor.name) as peer:
            try:
                await peer.until(lambda: _is_settled(peer), ringing)
            except TimeoutError:
                return await self._nobody_came(page)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._tempo.seconds(each.talk)):
                    await peer.over()
                    return False
            return await self._hang_up(page)

    async def _nobody_came(self, page: Page) -> bool:
        """Tried in vain. Whoever was here before and is lost now is not tried again."""
        form = page.find(f"{page.path}/no-answer")
        if form is not None:
            await self._visitor.submit(page, form)
            return False
        return await self._hang_up(page)

    async def _hang_up(self, page: Page) -> bool:
        """As the page's red button does. It is refused while the call is only just coming up."""
        return await self._visitor.script(page, "POST", f"{page.path}/hang-up") is not None

    async def _write(self, page: Page, each: Round) -> None:
        """Draft the note, look it over, sign it."""
        form = page.form(f"{page.path}/sign")
        note = asdict(note_on(page.mark("words")))
        await self._tempo.wait(each.write / 2)
        draft = {"version": int(form.values["version"]), "fields": note}
        saved = await self._visitor.script(page, "PUT", f"{page.path}/note", draft)
        if saved is None:
            raise Unexpected(f"{page.route}: the note has been written elsewhere")
        await self._tempo.wait(each.write / 2)
        note["version"] = str(json.loads(saved)["version"])
        signed = await self._visitor.submit(page, form, **note)
        if signed.find(form.action) is not None:
            raise Unexpected(f"{signed.route}: the note is not signed")


def _is_settled(peer: Peer) -> bool:
    """Whether the call is up, or will never be."""
    return peer.ended is not None or (peer.room is not None and peer.room.state == "talking")
