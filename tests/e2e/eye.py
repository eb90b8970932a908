"""Looks at a page as people do: in both lights, on a phone and at a desk, in every language, with
large text, and with a screen reader's rules. What it sees is kept, for tests to judge."""

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from axe_playwright_python.base import AXE_SCRIPT  # type: ignore[import-untyped]
from playwright.async_api import ConsoleMessage, Page, Request, ViewportSize

SCREENSHOTS = Path("var/screenshots")
PICTURES = bool(os.environ.get("PICTURES"))  # `make pictures`
PHONE: ViewportSize = {"width": 360, "height": 780}
DESK: ViewportSize = {"width": 1280, "height": 900}
LIGHTS: tuple[Literal["light", "dark"], ...] = ("light", "dark")
RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"],
    "resultTypes": ["violations"],
    "preload": {"assets": ["media"]},  # none of these rules reads stylesheets
}
# Contrast takes axe three times as long as all the rest, and hangs on computed styles alone: words
# are judged once in each manner. Those that may lie over something else are judged each time.
VIOLATIONS = """async ([options, known]) => {
    const styles = (box) => {
        const own = getComputedStyle(box), manner = [own.color, own.fontSize, own.fontWeight];
        for (let at = box; at; at = at.parentElement) {
            const style = getComputedStyle(at);
            if (!['static', 'relative'].includes(style.position)) return '';
            const under = [style.backgroundColor, style.backgroundImage, style.opacity].join();
            if (under !== 'rgba(0, 0, 0, 0),none,1') manner.push(under);
        }
        return manner.join(' ');
    };
    const words = (box) => box.matches('input, select, textarea') || [...box.childNodes].some(
        (each) => each.nodeType === Node.TEXT_NODE && /[\\p{L}\\p{N}]{2}/u.test(each.data));
    const off = ':disabled, [aria-disabled="true"], [aria-hidden="true"]';
    const seen = new Set(known), fresh = new Set();
    for (const box of document.body.querySelectorAll('*')) {
        if (!words(box) || !box.checkVisibility({visibilityProperty: true})) continue;
        if (box.closest(off) || box.closest('label')?.control?.disabled) continue;
        const manner = styles(box);
        if (seen.has(manner)) continue;
        if (manner) fresh.add(manner);
        box.dataset.unjudged = '';
    }
    const all = await axe.run({...options, rules: {'color-contrast': {enabled: false}}});
    const some = document.querySelector('[data-unjudged]')
        ? await axe.run('[data-unjudged]', {...options, runOnly: ['color-contrast']})
        : {violations: []};
    for (const box of document.querySelectorAll('[data-unjudged]')) delete box.dataset.unjudged;
    const faults = [...all.violations, ...some.violations].flatMap((fault) =>
        fault.nodes.map((node) => `${fault.id} at ${node.target}: ${node.failureSummary}`));
    return [faults, [...fresh]];
}"""

TEXT_SIZE = "(size) => { document.documentElement.style.fontSize = size; }"

# What sticks out to the right, runs over its own box, is cut off by it, or stands letter by letter;
# and a list whose marks hang into the margin.
CUT_OFF = """() => {
    const wide = document.documentElement.clientWidth;
    const hidden = (box) => box.closest('.sr, [hidden], svg, video') !== null;
    const fields = ['INPUT', 'TEXTAREA', 'SELECT'];
    const faults = [];
    if (document.documentElement.scrollWidth > wide) faults.push('the page scrolls sideways');
    for (const box of document.body.querySelectorAll('*')) {
        if (hidden(box) || !box.getClientRects().length) continue;
        const name = box.tagName + '.' + box.className + ' ' + box.textContent.trim().slice(0, 30);
        if (box.getBoundingClientRect().right > wide + 1) faults.push('sticks out: ' + name);
        const style = getComputedStyle(box);
        const over = [box.scrollWidth - box.clientWidth, box.scrollHeight - box.clientHeight];
        if (!box.clientWidth || fields.includes(box.tagName)) continue;
        if (over[0] > 1) faults.push('runs over: ' + name);
        const clips = ['hidden', 'clip'].includes(style.overflowY);
        if (over[1] > 1 && clips) faults.push('cut off: ' + name);
        const listed = box.tagName === 'LI' && style.display === 'list-item';
        const marked = listed && style.listStyleType !== 'none';
        const room = parseFloat(getComputedStyle(box.parentElement).paddingLeft)
            + parseFloat(style.marginLeft);
        if (marked && room < parseFloat(style.fontSize)) faults.push('its mark hangs out: ' + name);
        const isText = [...box.children].every((child) => child.matches('svg'));
        const narrow = box.clientWidth < 2 * parseFloat(style.fontSize);
        if (isText && box.textContent.trim().length > 6 && narrow) faults.push('squeezed: ' + name);
    }
    return faults;
}"""
BLOCKING = """() => performance.getEntriesByType('resource')
    .filter((entry) => entry.renderBlockingStatus === 'blocking').map((entry) => entry.name)"""
# What came over the line for this page, headers and all; what the browser had kept costs nothing.
WEIGHT = """() => [performance.timeOrigin, ['navigation', 'resource']
    .flatMap((kind) => performance.getEntriesByType(kind))
    .reduce((sum, entry) => sum + entry.transferSize, 0)]"""
LOST = "WebSocket is closed before the connection is established."


@dataclass
class Eye:
    """What was seen so far. `hosts` are the ones that may be asked."""

    hosts: frozenset[str]
    violations: list[str] = field(default_factory=list)
    judged: set[str] = field(default_factory=set)  # manners of words, by their styles
    console: list[str] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)
    cut_off: list[str] = field(default_factory=list)
    blocking: dict[str, list[str]] = field(default_factory=dict)
    weights: dict[str, dict[float, int]] = field(default_factory=dict)  # whose, when begun, bytes

    def watch(self, page: Page) -> None:
        """Hear everything that this page says and asks for from now on."""
        page.on("console", self._heard)
        page.on("pageerror", lambda fault: self.console.append(str(fault)))
        page.on("request", self._asked)

    async def look(self, page: Page, name: str, sign: str, *languages: str) -> None:
        """Everything about the page that has this text; it is loaded anew for each language."""
        await page.get_by_text(sign).filter(visible=True).first.wait_for()
        await page.wait_for_load_state()
        size = page.viewport_size or PHONE
        began, weight = await page.evaluate(WEIGHT)
        self.weights.setdefault(name.partition("-")[0], {})[began] = weight
        await self._photograph(page, f"{name}-nb", DESK, PHONE)
        await self._examine(page, name)
        await self._fit(page, f"{name}-nb", picture=True)
        for language in languages:
            await page.goto(f"{page.url.partition('?')[0]}?lang={language}")
            sizes = (DESK, PHONE) if language == "en" else (PHONE,)
            await self._photograph(page, f"{name}-{language}", *sizes)
            await self._fit(page, f"{name}-{language}", picture=True)
        if languages:
            await page.goto(f"{page.url.partition('?')[0]}?lang=nb")
        await page.set_viewport_size(size)

    async def glance(self, page: Page, name: str) -> None:
        """One picture as it is now, and the rules: for what there are many of."""
        await shot(page, name)
        await self._examine(page, name)
        await self._fit(page, name, picture=False)

    async def _photograph(self, page: Page, name: str, *sizes: ViewportSize) -> None:
        for size in sizes:
            await page.set_viewport_size(size)
            for light in LIGHTS:
                await page.emulate_media(color_scheme=light, reduced_motion="reduce")
                await shot(page, f"{name}-{size['width']}-{light}")

    async def _examine(self, page: Page, name: str) -> None:
        if not await page.evaluate("'axe' in window"):
            await page.evaluate(AXE_SCRIPT)
        faults, manners = await page.evaluate(VIOLATIONS, [RULES, sorted(self.judged)])
        self.violations += [f"{name}: {fault}" for fault in faults]
        self.judged.update(manners)
        self.blocking[name] = await page.evaluate(BLOCKING)

    async def _fit(self, page: Page, name: str, *, picture: bool) -> None:
        """Nothing is cut off at a desk, on a phone, and there with text twice as large."""
        for size, text in ((DESK, ""), (PHONE, ""), (PHONE, "200%")):
            await page.set_viewport_size(size)
            await page.evaluate(TEXT_SIZE, text)
            faults = await page.evaluate(CUT_OFF)
            self.cut_off += [f"{name} {size['width']} {text}: {fault}" for fault in faults]
        if picture:
            await shot(page, f"{name}-large")
        await page.evaluate(TEXT_SIZE, "")

    def _heard(self, message: ConsoleMessage) -> None:
        at = message.location.get("url", "")
        is_its_own_status = message.page is not None and message.page.url == at  # a 4xx is meant
        is_lost = message.text.endswith(LOST)  # the tour loses the line on purpose
        if message.type in ("error", "warning") and not is_its_own_status and not is_lost:
            self.console.append(f"{message.text} ({at})")

    def _asked(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme not in ("data", "blob") and address.netloc not in self.hosts:
            self.strangers.append(request.url)


async def shot(page: Page, name: str) -> None:
    """Leave a picture of the whole page for people to look at, if they have asked for it: some five
    hundred take as long as all that a machine judges."""
    if not PICTURES:
        return
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    await page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=True)
