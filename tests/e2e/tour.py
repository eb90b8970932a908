"""One visit from the first click to the journal, with everybody in it, seen page by page.

The patient has a keyboard and no mouse. The doctor, the insurer, the director and the
demonstration's own pages come where they belong.
"""

from dataclasses import dataclass
from typing import Any

from playwright.async_api import Browser, Page, expect

from tests.e2e.eye import DESK, PHONE, Eye
from tests.e2e.keys import Keys
from tests.e2e.network import Network, network
from tests.house import House
from venterom.queue.hours import DAY
from venterom.server.clock import utcnow
from venterom.server.demo.people import World
from venterom.web.text import today

OTHERS = ("en", "nn")
PATIENCE_MS = 30_000


@dataclass
class Tour:
    """What came of it."""

    eye: Eye
    keys: Keys


async def new_page(browser: Browser, eye: Eye, **how: Any) -> Page:
    """A browser of somebody's own."""
    context = await browser.new_context(locale="nb-NO", **how)
    context.set_default_timeout(PATIENCE_MS)
    page = await context.new_page()
    eye.watch(page)
    return page


async def sign_in(page: Page, name: str) -> None:
    """Pick somebody at the demonstration's identity provider."""
    await page.get_by_role("button", name=name).click()


async def arrive(keys: Keys, eye: Eye, home: House, who: str, policy: str) -> None:
    """From the front page to the waiting room."""
    page = keys.page
    await page.goto(home.url)
    await eye.look(page, "patient-01-landing", "Start her", *OTHERS)
    await keys.press(page.get_by_role("link", name="Start her"))
    await eye.look(page, "demo-choose", "Hvem vil du være?")
    await keys.press(page.get_by_role("button", name=who))
    await eye.look(page, "patient-02-policy", "Hva er polisenummeret ditt?", *OTHERS)
    await keys.write(page.get_by_label("Polisenummer"), "NF-0000000")
    await page.keyboard.press("Enter")
    await eye.look(page, "patient-02-policy-unknown", "Vi finner ikke dette nummeret.")
    await keys.write(page.get_by_label("Polisenummer"), policy)
    await page.keyboard.press("Enter")
    await keys.press(page.get_by_label("Meg selv"), "Space")
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("ArrowUp")
    await expect(page.get_by_label("Meg selv")).to_be_checked()
    await eye.look(page, "patient-03-who", "Hvem gjelder det?")
    await keys.press(page.get_by_role("button", name="Neste"))
    await keys.write(page.get_by_label("Fortell med noen få ord"), "Vondt i halsen i tre dager")
    await eye.look(page, "patient-04-reason", "Hva trenger du hjelp med?")
    await keys.press(page.get_by_role("button", name="Neste"))
    await eye.look(page, "patient-05-consent", "Før du møter legen", *OTHERS)
    await keys.press(page.get_by_label("Ja, jeg samtykker"), "Space")
    await keys.press(page.get_by_role("button", name="Samtykk og gå videre"))
    await eye.look(page, "patient-06-offer", "Ja, jeg venter", *OTHERS)
    await keys.press(page.get_by_role("button", name="Ja, jeg venter"))
    await eye.look(page, "patient-07-waiting", "Du er den neste", *OTHERS)


async def take(page: Page, eye: Eye, home: House, who: str) -> None:
    """The doctor's list, the shift, and the next patient."""
    await page.goto(f"{home.url}/doctor")
    await sign_in(page, who)
    await eye.look(page, "doctor-01-worklist", "Vondt i halsen", *OTHERS)
    await page.get_by_role("link", name="Endre vakt").click()
    await eye.look(page, "doctor-02-shift", "Vakten varer til", *OTHERS)
    await page.get_by_role("link", name="Til listen").click()
    await page.get_by_role("button", name="Ta neste").click()
    await eye.look(page, "doctor-03-calling", "Pasienten svarer ikke", "en")


async def enter(keys: Keys, eye: Eye) -> None:
    """The doctor is ready: camera and sound, and into the room."""
    page = keys.page
    await eye.look(page, "patient-08-ready", "Legen er klar", "en")
    await keys.press(page.get_by_role("link", name="Bli med"))
    await eye.look(page, "patient-09-check", "Kan legen se og høre deg?", *OTHERS)
    await keys.press(page.get_by_role("button", name="Prøv kamera og lyd"))
    await eye.look(page, "patient-10-check-tried", "Gå inn til legen")
    await keys.press(page.get_by_role("button", name="Gå inn til legen"))
    await expect(page.locator("#over")).to_be_hidden()


async def talk(keys: Keys, desk: Page, eye: Eye, air: Network) -> None:
    """The call from both sides, all its controls, and a line that is lost and found."""
    page, own = keys.page, keys.page.get_by_role("button", name="Flytt bildet av deg")
    await eye.look(page, "patient-11-call", "Slå av lyd")
    await desk.get_by_label("Årsak").fill("Sår hals i tre dager, feber i går.")
    await desk.get_by_label("Sykehistorie").fill("Frisk fra før. Ingen faste medisiner.")
    await expect(desk.locator("#saved")).to_contain_text("Lagret")
    await eye.look(desk, "doctor-04-call", "I samtale")
    await drag_to_the_top(desk)
    await keys.press(own)
    await expect(own).to_have_attribute("data-corner", "left bottom")
    await page.keyboard.press("ArrowUp")
    await expect(own).to_have_attribute("data-corner", "left top")
    await keys.press(page.get_by_role("button", name="Slå av lyd"), "Space")
    await keys.press(page.get_by_role("button", name="Slå av bilde"), "Space")
    await eye.look(page, "patient-11-call-muted", "Slå på bilde")
    air.goes_away()
    await expect(page.get_by_role("link", name="Ring 23 01 48 00")).to_be_visible()
    await eye.look(page, "patient-12-lost", "Koble til igjen")
    air.comes_back()
    await page.evaluate("dispatchEvent(new Event('online'))")  # as browsers say it
    await expect(page.locator("#over")).to_be_hidden()
    await keys.press(page.get_by_role("button", name="Legg på"))
    await eye.look(page, "patient-13-out-and-in-again", "Samtalen er i gang")


async def drag_to_the_top(page: Page) -> None:
    """The own picture goes where a mouse leaves it, and not on to the next corner."""
    own = page.get_by_role("button", name="Flytt bildet av deg")
    at = await own.bounding_box()
    assert at is not None
    await page.mouse.move(at["x"] + 20, at["y"] + 20)
    await page.mouse.down()
    await page.mouse.move(at["x"] + 10, at["y"] - 400, steps=5)
    await page.mouse.up()
    await expect(own).to_have_attribute("data-corner", "right top")


async def write_note(page: Page, eye: Eye) -> None:
    """Hang up, write, be told what is missing, and sign."""
    await page.get_by_role("button", name="Legg på").click()
    await eye.look(page, "doctor-05-hung-up", "Lagt på", "en")
    await page.get_by_role("button", name="Signer og send").click()
    await eye.look(page, "doctor-06-not-yet", "Skriv noe her.")
    for label, text in (
        ("Funn", "Ser upåvirket ut på video"),
        ("Vurdering", "Forkjølelse"),
        ("Plan og råd til pasienten", "Hvile og drikke"),
        ("Hvor er pasienten nå?", "Hjemme"),
        ("ICPC-2", "R74"),
    ):
        await page.get_by_label(label).fill(text)
    await page.get_by_role("button", name="Signer og send").click()
    await expect(page.locator("#live").get_by_text("I journalen", exact=True)).to_be_visible()
    await eye.look(page, "doctor-07-signed", "Sendt", "en")


async def insure(page: Page, eye: Eye, home: House, who: str, policy: str) -> None:
    """The insurer asks about one number that is there and one that is not."""
    await page.goto(f"{home.url}/insurer")
    await sign_in(page, who)
    await eye.look(page, "insurer-01", "Sjekk en polise", *OTHERS)
    for number, name, sign in (
        (policy, "insurer-02-valid", "Gyldig"),
        ("XX-999999", "insurer-03-unknown", "Ikke gyldig"),
    ):
        await page.get_by_label("Polisenummer").fill(number)
        await page.get_by_role("button", name="Sjekk").click()
        await eye.look(page, name, sign)


async def direct(page: Page, eye: Eye, home: House, who: str, doctor: str) -> None:
    """The director looks at the plan, and sets a doctor up for a shift; at first wrongly."""
    await page.goto(f"{home.url}/director")
    await sign_in(page, who)
    await eye.look(page, "director-01-week", "Vaktplan fra", *OTHERS)
    await page.get_by_role("link", name="Sett opp").first.click()
    await eye.look(page, "director-02-line", "Sett opp en lege", *OTHERS)
    await page.get_by_label("Lege", exact=True).select_option(doctor)
    await page.get_by_label("Dag").fill(f"{today(utcnow()) + 20 * DAY}")  # not planned yet
    await page.get_by_label("Fra kl.").fill("8.30")
    await page.get_by_label("Til kl.").fill("halv fem")
    await page.get_by_role("button", name="Lagre").click()
    await eye.look(page, "director-03-not-yet", "Skriv et klokkeslett")
    await page.get_by_label("Til kl.").fill("16.30")
    await page.get_by_role("button", name="Lagre").click()
    await eye.look(page, "director-04-planned", "08:30")


async def go_round(patients: Browser, doctors: Browser, home: House, world: World) -> Tour:
    """The whole tour. Two browsers, for each has one camera."""
    async with network() as air:
        return await _go_round((patients, air), doctors, home, world)


async def _go_round(
    patients: tuple[Browser, Network], doctors: Browser, home: House, world: World
) -> Tour:
    eye = Eye(frozenset({home.url[7:], home.demonstration_url[7:]}))
    browser, air = patients
    phone = await new_page(browser, eye, viewport=PHONE, has_touch=True, proxy=air.proxy)
    await air.lead_media(phone)
    desk = await new_page(doctors, eye, viewport=DESK)
    tour = Tour(eye, Keys(phone))
    kari, clerk = world.patients[0], world.clerks[0]

    await desk.goto(home.demonstration_url)
    await eye.look(desk, "demo-doors", "Hvor vil du inn?")
    await arrive(tour.keys, eye, home, kari.who.name, kari.policy)
    await take(desk, eye, home, world.doctors[0].who.name)
    await enter(tour.keys, eye)
    await talk(tour.keys, desk, eye, air)
    await write_note(desk, eye)
    await eye.look(phone, "patient-14-after", "Hvile og drikke", *OTHERS)
    for address, name in (
        ("/j", "error-broken-link"),
        ("/visit/nobody", "error-no-page"),
    ):
        await phone.goto(f"{home.url}{address}")
        await eye.look(phone, name, *OTHERS)
    await desk.goto(f"{home.url}/doctor")
    await eye.look(desk, "doctor-08-all-done", "Alt er i journalen.")
    await insure(desk, eye, home, clerk.who.name, kari.policy)
    await direct(desk, eye, home, world.directors[0].who.name, world.doctors[0].who.name)
    await desk.goto(f"{home.demonstration_url}/inbox")
    await eye.look(desk, "demo-inbox", "Meldinger til pasientene")
    return tour
