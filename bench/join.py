"""How long it takes to meet: from «take next» to the first decoded frame at both ends, in two real
browsers. Prints min, median and p95, and one line of JSON last (`p95_s`, `median_s`)."""

import asyncio
import json
import sys
import tempfile
import time
from pathlib import Path
from statistics import median, quantiles

from playwright.async_api import Browser, Page

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.manual import takes_nothing  # noqa: E402, the line above makes it importable
from tests.e2e.browsers import launched  # noqa: E402
from tests.e2e.steps import DESK, PHONE, arrive, sign_in  # noqa: E402
from tests.house import House, house  # noqa: E402
from venterom.server.clock import utcnow  # noqa: E402
from venterom.server.demo.people import world  # noqa: E402
from venterom.web.text import today  # noqa: E402

MEETINGS = 20
FIRST_FRAME = """() => new Promise((resolve) => {
    const look = async () => {
        for (const report of (await globalThis.call?.peer?.getStats())?.values() ?? []) {
            if (report.type === 'inbound-rtp' && report.framesDecoded > 0) return resolve(true);
        }
        setTimeout(look, 10);
    };
    look();
})"""


async def meet(patient: Page, doctor: Page, built: House) -> float:
    """One meeting: the patient sits in the room already, the doctor presses the button."""
    await patient.goto(f"{patient.url}/room")
    await patient.get_by_role("button", name="Prøv kamera og lyd").click()
    await patient.get_by_role("button", name="Gå inn til legen").click()
    await doctor.goto(f"{built.url}/doctor")
    begun = time.perf_counter()
    await doctor.get_by_role("button", name="Ta neste").click()
    await asyncio.gather(patient.evaluate(FIRST_FRAME), doctor.evaluate(FIRST_FRAME))
    return time.perf_counter() - begun


async def finish(doctor: Page) -> None:
    """Hang up, write and sign, so that both are free again."""
    await doctor.get_by_role("button", name="Legg på").click()
    await doctor.get_by_text("Lagt på").first.wait_for()
    for label in (
        "Hvor er pasienten nå?",
        "Årsak",
        "Funn",
        "Vurdering",
        "Plan og råd til pasienten",
    ):
        await doctor.get_by_label(label).fill("Prøve")
    await doctor.get_by_label("ICPC-2").fill("A03")
    await doctor.get_by_role("button", name="Signer og send").click()
    await doctor.get_by_text("I journalen", exact=True).first.wait_for()


async def measure(browser: Browser, built: House) -> list[float]:
    """Twenty meetings, each with the next patient in turn."""
    everybody = world(today(utcnow()))
    patients = [each for each in everybody.patients if each.policy][:10]
    desk = await browser.new_context(viewport=DESK, locale="nb-NO")
    doctor = await desk.new_page()
    await doctor.goto(f"{built.url}/doctor")
    await sign_in(doctor, everybody.doctors[0].who.name)
    took = []
    for turn in range(MEETINGS):
        phone = await browser.new_context(viewport=PHONE, locale="nb-NO")
        patient = await phone.new_page()
        who = patients[turn % len(patients)]
        await arrive(patient, built, who.who.name, who.policy)
        took.append(await meet(patient, doctor, built))
        print(f"{turn + 1:2}/{MEETINGS}  {took[-1]:.2f} s", flush=True)
        await finish(doctor)
        await phone.close()
    return took


async def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder, house(Path(folder)) as built:
        async with launched() as browser:
            took = await measure(browser, built)
    p95 = quantiles(took, n=20)[-1]
    print(f"min {min(took):.2f} s, median {median(took):.2f} s, p95 {p95:.2f} s")
    print(json.dumps({"p95_s": round(p95, 3), "median_s": round(median(took), 3)}))


if __name__ == "__main__":
    takes_nothing(__doc__)
    asyncio.run(main())
