"""Composes docs/screenshot.png for the README: the patient's telephone beside the doctor's room.

Its parts are the pictures that tests/e2e/test_screens.py leaves in var/screenshots/.
"""

import base64
import sys
from pathlib import Path

from playwright.sync_api import ViewportSize, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.needs import chromium  # noqa: E402  (the line above makes it findable from a script)

SHOTS = ROOT / "var/screenshots"
PHONE = SHOTS / "patient-07-waiting-nb-360-light.png"
DESK = SHOTS / "doctor-04-call-nb-1280-light.png"
SIZE: ViewportSize = {"width": 1600, "height": 900}
PAGE = """<!doctype html><style>
  body {{ margin: 0; background: #E4DBCB; }}
  img {{ position: absolute; border: 1px solid #C9BFAE; object-fit: cover; object-position: top; }}
  .desk {{ left: 390px; top: 40px; width: 1168px; height: 821px; border-radius: 12px; }}
  .phone {{ left: 40px; top: 158px; width: 294px; height: 646px; border: 8px solid #1B2A30;
    border-radius: 28px; box-shadow: 0 8px 32px rgb(27 42 48 / 35%); }}
</style><img class="desk" alt="" src="{desk}"><img class="phone" alt="" src="{phone}">"""


def embedded(picture: Path) -> str:
    """A picture as an address that holds it."""
    return f"data:image/png;base64,{base64.b64encode(picture.read_bytes()).decode()}"


def main() -> None:
    """Draw the page and take its picture."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium())
        page = browser.new_page(viewport=SIZE)
        page.set_content(PAGE.format(desk=embedded(DESK), phone=embedded(PHONE)))
        page.screenshot(path=ROOT / "docs/screenshot.png")
        browser.close()


if __name__ == "__main__":
    main()
