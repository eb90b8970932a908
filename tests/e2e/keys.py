"""A person who has a keyboard and no mouse."""

from dataclasses import dataclass, field

from playwright.async_api import Locator, Page

FARTHEST = 60  # stops; a page that takes more is a page that one gives up on

# The ring is on the thing itself, or on the card around it; and it can be seen without scrolling.
UNSEEN = """() => {
    const focused = document.activeElement;
    if (focused === document.body) return '';  // at the browser's own bar, between end and start
    const ring = (box) => {
        const style = getComputedStyle(box);
        return style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
    };
    const card = focused.closest('.choice');
    const at = focused.getBoundingClientRect();
    const inside = at.bottom > 0 && at.top < innerHeight && at.right > 0 && at.left < innerWidth;
    if (inside && (ring(focused) || (card !== null && ring(card)))) return '';
    return location.pathname + ' ' + focused.outerHTML.slice(0, 120);
}"""


@dataclass
class Keys:
    """Presses keys on one page; every stop at which the focus could not be seen is kept."""

    page: Page
    unseen: list[str] = field(default_factory=list)

    async def to(self, wanted: Locator) -> None:
        """Tab until it has the focus."""
        await wanted.wait_for()
        for _ in range(FARTHEST):
            await self.page.keyboard.press("Tab")
            if unseen := await self.page.evaluate(UNSEEN):
                self.unseen.append(unseen)
            if await wanted.evaluate("(element) => element === document.activeElement"):
                return
        raise AssertionError(f"no key leads to {wanted}")

    async def press(self, wanted: Locator, key: str = "Enter") -> None:
        """Go there and press."""
        await self.to(wanted)
        await self.page.keyboard.press(key)

    async def write(self, wanted: Locator, text: str) -> None:
        """Go there and write, over what stood there."""
        await self.to(wanted)
        await self.page.keyboard.press("ControlOrMeta+A")
        await self.page.keyboard.type(text)
